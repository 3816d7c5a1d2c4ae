//! What every Pitcrew plugin stands on: facts about a workspace, findings with evidence, proofs by
//! building and measuring, edits that can be undone, and reports.
//!
//! A plugin is one pipeline, *observe → judge → prove → apply or report*, and this crate holds the
//! parts that do not depend on the question a plugin asks. It never names a plugin.
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`cli`] | argv normalisation, the flags all plugins share, the entry point |
//! | [`exit`] | the three exit statuses |
//! | [`session`] | what one call starts from: workspace, configuration, compiler, machine |
//! | [`settings`] | `[workspace.metadata.pitcrew.*]`: allows with reasons, unknown keys refused |
//! | [`workspace`] | the loaded workspace: `cargo metadata` and its graph |
//! | [`config`] | cargo's effective configuration, with the origin of each value |
//! | [`toolchain`] | rustc, the host, and the tools on PATH |
//! | [`machine`] | cores and memory |
//! | [`earlier`] | reports that were written before, read again |
//! | [`finding`] | rules, findings, evidence |
//! | [`handover`] | what to run after a finding, and what shows that it was mended |
//! | [`fix`] | edits, their applicability, and their pure application |
//! | [`manifest`] | TOML edits that keep every other byte |
//! | [`plan`] | a set of file changes and their diff |
//! | [`journal`] | the only writer of users' files |
//! | [`apply`] | `--apply` and `--undo` as all plugins do them |
//! | [`vcs`] | whether a file has changes that the user has not committed |
//! | [`scratch`] | scratch copies of a workspace |
//! | [`cargo`] | running cargo and reading its messages |
//! | [`wrapper`] | the rustc wrapper that records each unit |
//! | [`recording`] | a recorded build as plain data |
//! | [`linked`] | linked programs compared function by function |
//! | [`clean_build`] | records a clean build in a scratch copy |
//! | [`model`] | what a recorded build tells: critical path, costs, predictions |
//! | [`source`] | Rust sources by their tokens: lexer, documentation, module files |
//! | [`store`] | what is kept between calls |
//! | [`measure`] | interleaved trials and their intervals |
//! | [`progress`] | bars and status lines on a terminal |
//! | [`shell`] | commands as lines that can be pasted |
//! | [`style`] | colours, and escaping what a terminal would obey |
//! | [`nearest`] | the known name that a mistyped one is closest to |
//! | [`position`] | between byte offsets and lines with columns |
//! | [`render`] | findings as human, JSON, SARIF, GitHub or Markdown text |
//! | [`page`] | a report as one page of HTML, and the parts that such pages share |
//! | [`regular_file`] | reads what a project names, and no pipe or device |
//! | [`whole_file`] | writes a file wholly or not at all |

pub mod apply;
pub mod cargo;
pub mod clean_build;
pub mod cli;
pub mod config;
pub mod earlier;
pub mod exit;
pub mod explain;
pub mod finding;
pub mod fix;
pub mod handover;
pub mod journal;
pub mod linked;
pub mod machine;
pub mod manifest;
pub mod measure;
pub mod model;
pub mod nearest;
pub mod page;
pub mod plan;
pub mod position;
pub mod progress;
pub mod recording;
pub mod regular_file;
pub mod render;
pub mod scratch;
pub mod session;
pub mod settings;
pub mod shell;
pub mod source;
pub mod store;
pub mod style;
pub mod toolchain;
pub mod vcs;
pub mod whole_file;
pub mod workspace;
pub mod wrapper;
