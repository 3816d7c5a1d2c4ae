//! The command line, as data. Parsing does nothing else.

use camino::Utf8PathBuf;
use clap::{Args as ClapArgs, Parser, Subcommand};
use pitcrew_core::cli::{self, ApplyFlags, CargoFlags, OutputFlags};
use pitcrew_core::explain::ExplainArgs;

use crate::tune::args::TuneArgs;

/// Finds where async code stalls, floods or waits without end, and mends what is safe to mend
///
/// It reads the sources of the workspace, asks the project's own compiler, follows calls from each async
/// function down to what blocks, through dependencies too, and reports; nothing in your tree is
/// written. `--apply` writes the safe fixes, each compiled in a scratch copy first.
#[derive(Debug, Parser)]
#[command(
    name = "cargo-concurrency-lint",
    bin_name = "cargo concurrency-lint",
    version
)]
#[command(args_conflicts_with_subcommands = true, after_help = cli::EXIT_CODES)]
pub struct Args {
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Print a rule's documentation, as `explain RULE` does
    #[arg(long, value_name = "RULE", exclusive = true)]
    pub explain: Option<String>,

    #[command(flatten)]
    pub facts: FactFlags,

    #[command(flatten)]
    pub select: SelectFlags,

    #[command(flatten)]
    pub apply: ApplyFlags,

    #[command(flatten)]
    pub output: OutputFlags,

    #[command(flatten)]
    pub cargo: CargoFlags,
}

/// Where the facts come from.
#[derive(Debug, Clone, Default, ClapArgs)]
#[command(next_help_heading = "Facts")]
pub struct FactFlags {
    /// Read the sources only: nothing is built; names and types are known as far as the text tells
    #[arg(long, conflicts_with = "deep")]
    pub source: bool,

    /// Ask the compiler too: exact names, types and guards, and what dependencies do; the default
    /// unless the project's settings say `facts = "source"`
    #[arg(long)]
    pub deep: bool,

    /// Read files too that say that a program wrote them
    #[arg(long)]
    pub generated: bool,
}

/// Which findings are shown.
#[derive(Debug, Clone, Default, ClapArgs)]
#[command(next_help_heading = "Selection")]
pub struct SelectFlags {
    /// Report only what an earlier report (of `--format json`) does not hold
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<Utf8PathBuf>,

    /// Report only in functions that have changed since a revision (without one: since the last
    /// commit)
    #[arg(long, value_name = "REV", num_args = 0..=1, default_missing_value = "HEAD")]
    pub changed: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print a rule's documentation, or list the rules
    Explain(ExplainArgs),
    /// Find the concurrency limit that your own workload needs, by running it at each
    Tune(Box<TuneArgs>),
    /// Show who runs the code at a place, and how it comes to block
    Why(Box<Why>),
}

/// `why FILE:LINE`.
#[derive(Debug, Clone, ClapArgs)]
pub struct Why {
    /// As reports print it: src/main.rs:12
    #[arg(value_name = "FILE:LINE")]
    pub place: String,

    #[command(flatten)]
    pub facts: FactFlags,

    #[command(flatten)]
    pub output: OutputFlags,

    #[command(flatten)]
    pub cargo: CargoFlags,
}

impl Args {
    /// The output flags in force, whichever side of the subcommand they stand on.
    pub fn output(&self) -> &OutputFlags {
        match &self.command {
            Some(Command::Explain(args)) => &args.output,
            Some(Command::Tune(tune)) => &tune.output,
            Some(Command::Why(why)) => &why.output,
            None => &self.output,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_parser_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn changed_takes_a_revision_or_none() {
        let parsed = |args: &[&str]| Args::try_parse_from(args).unwrap().select.changed;
        assert_eq!(parsed(&["x", "--changed"]).as_deref(), Some("HEAD"));
        assert_eq!(parsed(&["x", "--changed", "main"]).as_deref(), Some("main"));
        assert_eq!(parsed(&["x"]), None);
    }
}
