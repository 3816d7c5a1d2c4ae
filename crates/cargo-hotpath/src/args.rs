//! The command line, as data. Parsing does nothing else.

use std::ffi::OsString;
use std::time::Duration;

use camino::Utf8PathBuf;
use clap::{Args as ClapArgs, Parser, Subcommand};
use pitcrew_core::cli::{self, CargoFlags, OutputFlags};
use pitcrew_core::explain::ExplainArgs;
use regex::Regex;

mod count;
mod diff;
mod flags;
mod heap;
mod init;

pub use count::CountArgs;
pub use diff::DiffArgs;
pub use flags::{By, Engine, PlaceFlags, ProgramOutput, RecordFlags, ViewFlags};
pub use heap::{HeapArgs, HeapEngine, HeapFlags};
pub use init::InitFlags;

/// Profiles a program and says where its time goes and what to change there
///
/// Builds the program for profiling in a profile of its own, runs it, samples it with the kernel's
/// clock (no perf, no root), and reports by function, crate and line. Nothing in your tree is written.
#[derive(Debug, Parser)]
#[command(name = "cargo-hotpath", bin_name = "cargo hotpath", version)]
#[command(args_conflicts_with_subcommands = true, after_help = EXIT_CODES)]
pub struct Args {
    #[command(subcommand)]
    pub command: Option<Command>,

    #[command(flatten)]
    pub run: RunArgs,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build, run and profile a program; the same as no command
    Run(RunArgs),
    /// Profile tests: those whose name holds NAME
    Test(TestArgs),
    /// Profile a benchmark
    Bench(BenchArgs),
    /// Profile a process that runs already
    Attach(AttachArgs),
    /// Profile what a program allocates, where, and for how long
    Heap(HeapArgs),
    /// Count instructions, which is repeatable: for CI
    Count(CountArgs),
    /// Report a kept profile again
    Show(ShowArgs),
    /// Show the source of a function with the time of each line
    List(PickArgs),
    /// Show who calls a function and what it calls
    Peek(PickArgs),
    /// Compare saved profiles or git revisions
    Diff(DiffArgs),
    /// Report a recording of another tool
    Import(ImportArgs),
    /// Keep the last profile under a name
    Save(SaveArgs),
    /// Show a kept profile in the browser
    Open(OpenArgs),
    /// Print a rule's documentation, or list the rules
    Explain(ExplainArgs),
}

#[derive(Debug, ClapArgs)]
pub struct RunArgs {
    /// The binary to profile
    #[arg(long, value_name = "NAME", conflicts_with = "example")]
    pub bin: Option<String>,

    /// The example to profile
    #[arg(long, value_name = "NAME")]
    pub example: Option<String>,

    #[command(flatten)]
    pub profiling: Profiling,
}

/// What every way to run a program takes.
#[derive(Debug, ClapArgs)]
pub struct Profiling {
    #[command(flatten)]
    pub record: RecordFlags,

    #[command(flatten)]
    pub view: ViewFlags,

    #[command(flatten)]
    pub output: OutputFlags,

    #[command(flatten)]
    pub cargo: CargoFlags,

    /// Arguments of the program
    #[arg(last = true, value_name = "ARGS")]
    pub args: Vec<OsString>,
}

#[derive(Debug, ClapArgs)]
pub struct TestArgs {
    /// Part of the names of the tests
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    /// The integration test to look in
    #[arg(long, value_name = "TARGET")]
    pub test: Option<String>,

    /// Look in the library's unit tests
    #[arg(long, conflicts_with = "test")]
    pub lib: bool,

    /// Look in this binary's unit tests
    #[arg(long, value_name = "NAME", conflicts_with_all = ["test", "lib"])]
    pub bin: Option<String>,

    #[command(flatten)]
    pub profiling: Profiling,
}

#[derive(Debug, ClapArgs)]
pub struct BenchArgs {
    /// Part of the names of the benchmarks
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    /// The bench target to look in
    #[arg(long, value_name = "TARGET")]
    pub bench: Option<String>,

    /// How long criterion or divan runs each benchmark, without criterion's analysis
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = cli::fine_duration)]
    pub profile_time: Duration,

    /// Have criterion measure first, so that its estimates are of this code
    #[arg(long)]
    pub measure: bool,

    /// Compare criterion's estimates with this saved baseline of its own
    #[arg(long, value_name = "NAME")]
    pub baseline: Option<String>,

    #[command(flatten)]
    pub init: InitFlags,

    #[command(flatten)]
    pub profiling: Profiling,
}

#[derive(Debug, ClapArgs)]
pub struct AttachArgs {
    /// The process, by its id
    #[arg(value_name = "PID", value_parser = clap::value_parser!(i32).range(1..))]
    pub pid: i32,

    #[command(flatten)]
    pub record: RecordFlags,

    #[command(flatten)]
    pub view: ViewFlags,

    #[command(flatten)]
    pub output: OutputFlags,

    #[command(flatten)]
    pub place: PlaceFlags,
}

#[derive(Debug, ClapArgs)]
pub struct ShowArgs {
    /// The name it was saved under; by default the last profile
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    #[command(flatten)]
    pub view: ViewFlags,

    #[command(flatten)]
    pub output: OutputFlags,

    #[command(flatten)]
    pub place: PlaceFlags,
}

#[derive(Debug, ClapArgs)]
pub struct PickArgs {
    /// A regular expression for the function's name
    #[arg(value_name = "FUNCTION")]
    pub function: Regex,

    /// The kept profile to look into; by default the last
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// How many rows to show
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,

    #[command(flatten)]
    pub output: OutputFlags,

    #[command(flatten)]
    pub place: PlaceFlags,
}

#[derive(Debug, ClapArgs)]
pub struct ImportArgs {
    /// perf.data, `perf script` text, collapsed stacks, a callgrind or a DHAT file
    #[arg(value_name = "FILE")]
    pub file: Utf8PathBuf,

    #[command(flatten)]
    pub view: ViewFlags,

    #[command(flatten)]
    pub output: OutputFlags,

    #[command(flatten)]
    pub place: PlaceFlags,
}

#[derive(Debug, ClapArgs)]
pub struct OpenArgs {
    /// The name it was saved under; by default the last profile
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    #[command(flatten)]
    pub output: OutputFlags,

    #[command(flatten)]
    pub place: PlaceFlags,
}

#[derive(Debug, ClapArgs)]
pub struct SaveArgs {
    /// Letters, digits, `-`, `_` and `.`
    #[arg(value_name = "NAME")]
    pub name: String,

    #[command(flatten)]
    pub output: OutputFlags,

    #[command(flatten)]
    pub place: PlaceFlags,
}

const EXIT_CODES: &str = "Exit status: 0 reported, however the program ended; 1 a regression under \
                          `diff --check` or `count --max-regression`; 2 failure.";

impl Args {
    /// The output flags in force, whichever side of the subcommand they stand on.
    pub fn output(&self) -> &OutputFlags {
        match &self.command {
            None => &self.run.profiling.output,
            Some(Command::Run(args)) => &args.profiling.output,
            Some(Command::Test(args)) => &args.profiling.output,
            Some(Command::Bench(args)) => &args.profiling.output,
            Some(Command::Attach(args)) => &args.output,
            Some(Command::Heap(args)) => &args.output,
            Some(Command::Show(args)) => &args.output,
            Some(Command::List(args) | Command::Peek(args)) => &args.output,
            Some(Command::Diff(args)) => &args.output,
            Some(Command::Import(args)) => &args.output,
            Some(Command::Save(args)) => &args.output,
            Some(Command::Count(args)) => &args.output,
            Some(Command::Open(args)) => &args.output,
            Some(Command::Explain(args)) => &args.output,
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
    fn a_program_gets_what_stands_behind_the_dashes() {
        let args = Args::try_parse_from(["x", "--bin", "fd", "--", "--bin", "list"]).unwrap();
        assert_eq!(args.run.bin.as_deref(), Some("fd"));
        assert_eq!(args.run.profiling.args, ["--bin", "list"]);
        let args = Args::try_parse_from(["x", "run", "--rate=99", "--", "-x"]).unwrap();
        let Some(Command::Run(run)) = args.command else {
            unreachable!("run was asked for");
        };
        assert_eq!(
            (run.profiling.record.rate, run.profiling.args),
            (99, vec!["-x".into()])
        );
    }
}
