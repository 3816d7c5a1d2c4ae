//! The plugins that exist: one line each, and every chore knows them.

use anyhow::Result;
use pitcrew_core::cli;
use pitcrew_core::finding::RuleInfo;

use crate::demo::{Stage, plays};

/// What the chores need to know of a plugin.
pub struct Plugin {
    /// The package and its binary: `cargo-buildspeed`.
    pub package: &'static str,
    /// As it follows `cargo` on the command line.
    pub name: &'static str,
    /// What CI runs it with on this workspace.
    pub self_check: &'static [&'static str],
    pub command: fn() -> clap::Command,
    pub rules: fn() -> Vec<&'static RuleInfo>,
    /// Its part of `cargo xtask demo`.
    pub demo: fn(&Stage) -> Result<()>,
}

/// In the order in which they are shown.
pub const PLUGINS: &[Plugin] = &[
    Plugin {
        package: "cargo-buildspeed",
        name: "buildspeed",
        self_check: &["--check"],
        command: || cli::command::<cargo_buildspeed::args::Args>("buildspeed"),
        rules: cargo_buildspeed::rule_infos,
        demo: plays::buildspeed,
    },
    Plugin {
        package: "cargo-depslim",
        name: "depslim",
        self_check: &["--check"],
        command: || cli::command::<cargo_depslim::args::Args>("depslim"),
        rules: cargo_depslim::rule_infos,
        demo: plays::depslim,
    },
    Plugin {
        package: "cargo-concurrency-lint",
        name: "concurrency-lint",
        self_check: &["--check"],
        command: || cli::command::<cargo_concurrency_lint::args::Args>("concurrency-lint"),
        rules: cargo_concurrency_lint::rule_infos,
        demo: plays::concurrency_lint,
    },
    Plugin {
        package: "cargo-hotpath",
        name: "hotpath",
        // It has nothing to check in a workspace: it looks at programs that run.
        self_check: &["explain"],
        command: || cli::command::<cargo_hotpath::args::Args>("hotpath"),
        rules: cargo_hotpath::rule_infos,
        demo: plays::hotpath,
    },
];
