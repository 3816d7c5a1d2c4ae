//! The command line, as data. Parsing does nothing else.

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use pitcrew_core::cli::{self, ApplyFlags, CargoFlags, OutputFlags};
use pitcrew_core::explain::ExplainArgs;
use pitcrew_core::fix::Applicability;
use pitcrew_core::nearest::suggestion;

/// Finds which dependencies can go and what they cost, proves it by building, can undo it
///
/// Without a flag it reads the sources, compiles all targets once in a scratch copy, takes out there
/// what nothing uses, and builds again; nothing in your tree is written. `--check` reads the sources
/// only, in a fraction of a second.
#[derive(Debug, Parser)]
#[command(name = "cargo-depslim", bin_name = "cargo depslim", version)]
#[command(args_conflicts_with_subcommands = true, after_help = cli::EXIT_CODES)]
pub struct Args {
    #[command(subcommand)]
    pub command: Option<Command>,

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
#[derive(Debug, Default, ClapArgs)]
#[command(next_help_heading = "Proof")]
pub struct ProofFlags {
    /// How sure to be: by default `scan` with --check and `full` without; --apply is always `full`
    #[arg(long, value_enum, value_name = "GRADE")]
    pub proof: Option<ProofGrade>,

    /// Look for this only, and build only what that needs; may be repeated
    #[arg(long, value_name = "RULE", value_parser = rule_id)]
    pub only: Vec<String>,

    /// A command that must succeed in the slimmed scratch copy too: your tests
    #[arg(long, value_name = "CMD")]
    pub verify_with: Option<String>,

    /// Prove anew, even where a proof is at hand
    #[arg(long)]
    pub fresh: bool,

    /// After --apply, do not build cleanly before and after to tell what was won
    #[arg(long)]
    pub no_measure: bool,
}

/// The id of a rule.
fn rule_id(text: &str) -> Result<String, String> {
    let ids: Vec<&str> = crate::rules::RULES
        .iter()
        .map(|rule| rule.info().id)
        .collect();
    if ids.contains(&text) {
        return Ok(text.to_owned());
    }
    let known = suggestion(text, ids.iter().copied());
    Err(format!("there is no such rule{known}"))
}

/// How sure a finding is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum ProofGrade {
    /// By the text of the sources; builds nothing
    Scan,
    /// By rustc's own word on each target, from one `cargo check`
    Compile,
    /// By building without it: all targets, features, documentation tests
    Full,
}

impl ProofGrade {
    pub fn name(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Compile => "compile",
            Self::Full => "full",
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print a rule's documentation, or list the rules
    Explain(ExplainArgs),
}

impl Args {
    /// The output flags in force, whichever side of the subcommand they stand on.
    pub fn output(&self) -> &OutputFlags {
        match &self.command {
            Some(Command::Explain(args)) => &args.output,
            None => &self.output,
        }
    }

    /// Whether this call looks for what a rule finds.
    pub fn looks_for(&self, rule: &str) -> bool {
        self.proof.only.is_empty() || self.proof.only.iter().any(|only| only == rule)
    }

    /// What `--apply` writes at least.
    pub fn least(&self) -> Applicability {
        if self.apply.allow_maybe_incorrect {
            Applicability::MaybeIncorrect
        } else {
            Applicability::MachineApplicable
        }
    }

    /// How sure to be in this call.
    pub fn grade(&self) -> ProofGrade {
        match self.proof.proof {
            // Taking back needs the journal of the whole workspace, and no proof.
            _ if self.apply.apply || self.apply.undo => ProofGrade::Full,
            Some(grade) => grade,
            None if self.apply.check => ProofGrade::Scan,
            None => ProofGrade::Full,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn grade(words: &[&str]) -> ProofGrade {
        let words = ["cargo-depslim"].iter().chain(words);
        Args::try_parse_from(words).unwrap().grade()
    }

    #[test]
    fn the_parser_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn checking_is_quick_and_applying_is_sure() {
        assert_eq!(grade(&[]), ProofGrade::Full);
        assert_eq!(grade(&["--check"]), ProofGrade::Scan);
        assert_eq!(grade(&["--check", "--proof", "full"]), ProofGrade::Full);
        assert_eq!(grade(&["--proof", "compile"]), ProofGrade::Compile);
        assert_eq!(grade(&["--apply", "--proof", "scan"]), ProofGrade::Full);
    }
}
