//! The command line, as data. Parsing does nothing else.

use std::time::Duration;

use camino::Utf8PathBuf;
use clap::{Args as ClapArgs, Parser, Subcommand};
use pitcrew_core::cli::{self, ApplyFlags, CargoFlags, OutputFlags};
use pitcrew_core::explain::ExplainArgs;

use crate::cache::args::CacheArgs;
use crate::goal::Goal;
use crate::lever::Scope;

/// Finds why a build is slow, proves what makes it faster on this machine, applies it, can undo it
///
/// Without a flag it records one clean build in a scratch copy, tries each change that may help
/// there, and reports; nothing in your tree is written. Recordings and proofs are kept, so the next
/// call answers at once.
#[derive(Debug, Parser)]
#[command(name = "cargo-buildspeed", bin_name = "cargo buildspeed", version)]
#[command(args_conflicts_with_subcommands = true, after_help = cli::EXIT_CODES)]
pub struct Args {
    #[command(subcommand)]
    pub command: Option<Command>,

    /// What should get faster or smaller
    #[arg(long, value_enum, default_value_t = Goal::Edit, value_name = "GOAL")]
    pub goal: Goal,

    /// Also predict the build on N cores, by replaying the recording
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub cores: Option<u32>,

    /// Also write the recorded build to FILE as one page: timeline, critical path, CPU, units
    #[arg(long, value_name = "FILE", conflicts_with = "undo")]
    pub html: Option<Utf8PathBuf>,

    /// Where changes of cargo's configuration go; by default a setting that needs a tool which
    /// teammates may lack goes to the user's, all else to the project's
    #[arg(long, value_enum, value_name = "SCOPE")]
    pub scope: Option<Scope>,

    #[command(flatten)]
    pub proof: ProofFlags,

    #[command(flatten)]
    pub apply: ApplyFlags,

    #[command(flatten)]
    pub output: OutputFlags,

    #[command(flatten)]
    pub cargo: CargoFlags,
}

/// How much is built to know.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Proof")]
pub struct ProofFlags {
    /// Build nothing: report from the configuration and from what is already recorded
    #[arg(long)]
    pub no_build: bool,

    /// Try nothing: `--apply` then writes only what needs no trial
    #[arg(long)]
    pub no_measure: bool,

    /// Record and try anew, even where a recording and proofs are at hand
    #[arg(long, conflicts_with = "no_build")]
    pub fresh: bool,

    /// Bound the time of everything that is built before a change is written: `90s`, `10m`, `1h`; by
    /// default the trials get 10m, and those for the goal `edit` no more than 10 clean builds
    #[arg(long, value_name = "TIME", value_parser = cli::duration)]
    pub budget: Option<Duration>,

    /// The command whose run time `--goal runtime` improves; it runs in the scratch copy
    #[arg(long, value_name = "CMD")]
    pub bench: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print a rule's documentation, or list the rules
    Explain(ExplainArgs),
    /// The compilation cache that machines share: status, trial, setup, doctor, and CI's part
    Cache(Box<CacheArgs>),
}

impl Args {
    /// The output flags in force, whichever side of the subcommand they stand on.
    pub fn output(&self) -> &OutputFlags {
        match &self.command {
            Some(Command::Explain(args)) => &args.output,
            Some(Command::Cache(args)) => args.command.output(),
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
}
