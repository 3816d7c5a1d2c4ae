//! The plugins that exist: one line each, and every chore knows them.

use pitcrew_core::cli;
use pitcrew_core::finding::RuleInfo;

/// What the chores need to know of a plugin.
pub struct Plugin {
    /// The package and its binary: `cargo-buildspeed`.
    pub package: &'static str,
    /// As it follows `cargo` on the command line.
    pub name: &'static str,
    pub command: fn() -> clap::Command,
    pub rules: fn() -> Vec<&'static RuleInfo>,
}

/// In the order in which they are shown.
pub const PLUGINS: &[Plugin] = &[
    Plugin {
        package: "cargo-buildspeed",
        name: "buildspeed",
        command: || cli::command::<cargo_buildspeed::args::Args>("buildspeed"),
        rules: cargo_buildspeed::rule_infos,
    },
    Plugin {
        package: "cargo-concurrency-lint",
        name: "concurrency-lint",
        command: || cli::command::<cargo_concurrency_lint::args::Args>("concurrency-lint"),
        rules: cargo_concurrency_lint::rule_infos,
    },
];
