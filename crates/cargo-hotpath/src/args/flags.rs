//! The groups of flags that several subcommands share.

use std::time::Duration;

use camino::Utf8PathBuf;
use clap::{Args as ClapArgs, ValueEnum};
use pitcrew_core::cli;
use regex::Regex;

use crate::analyse::allocations::Measure;

/// Which workspace's profiles.
#[derive(Debug, ClapArgs)]
pub struct PlaceFlags {
    /// Path to Cargo.toml
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<Utf8PathBuf>,
}

/// How the program is recorded.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Recording")]
pub struct RecordFlags {
    /// Samples in each second of each thread's running time
    #[arg(long, value_name = "HZ", default_value_t = 1000)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=50_000))]
    pub rate: u32,

    /// End the program, or stop looking, after this time: `10s`, `2m`
    #[arg(long, value_name = "TIME", value_parser = cli::fine_duration)]
    pub duration: Option<Duration>,

    /// Bytes of each stack to copy: more for very deep stacks
    #[arg(long, value_name = "BYTES", default_value_t = 16_384)]
    #[arg(value_parser = clap::value_parser!(u32).range(1024..=65_000))]
    pub stack_size: u32,

    /// Record where threads wait and how long, not where they run; needs root or
    /// kernel.perf_event_paranoid=1
    #[arg(long, conflicts_with_all = ["engine", "rate"])]
    pub off_cpu: bool,

    /// Who records; by default the first of these that works here
    #[arg(long, value_enum, value_name = "ENGINE")]
    pub engine: Option<Engine>,

    /// Where the program's own output goes
    #[arg(long, value_enum, value_name = "WHERE")]
    pub program_output: Option<ProgramOutput>,
}

impl RecordFlags {
    /// Those by which callgrind counts.
    pub fn counting(duration: Option<Duration>, output: Option<ProgramOutput>) -> Self {
        Self {
            rate: 1,
            duration,
            stack_size: 1024,
            off_cpu: false,
            engine: Some(Engine::Callgrind),
            program_output: output,
        }
    }
}

/// Who records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// Our own recorder, over perf_event_open: first on Linux
    Own,
    /// The `perf` tool
    Perf,
    /// Valgrind's callgrind: counts instructions, 20 to 100 times slower
    Callgrind,
    /// Instruments' Time Profiler: first on macOS
    Xctrace,
    /// The samply profiler: first on Windows
    Samply,
}

/// Where the program's standard output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProgramOutput {
    /// Where ours goes; the default for people
    Stdout,
    /// To standard error; the default for formats that machines read
    Stderr,
    /// Nowhere
    Null,
}

/// What is shown.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Report")]
pub struct ViewFlags {
    /// How many rows each table shows
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,

    /// Show one table only
    #[arg(long, value_enum, value_name = "KEY")]
    pub by: Option<By>,

    /// What tables of allocations are sorted by
    #[arg(long, value_enum, value_name = "FIGURE")]
    pub sort: Option<Measure>,

    /// Show the call tree
    #[arg(long, conflicts_with = "by")]
    pub tree: bool,

    /// Only samples with a matching function on their stack
    #[arg(long, value_name = "REGEX")]
    pub focus: Option<Regex>,

    /// Leave out samples with a matching function on their stack
    #[arg(long, value_name = "REGEX")]
    pub ignore: Option<Regex>,

    /// Show std's adapters and accessors instead of giving their time to their callers
    #[arg(long)]
    pub unfolded: bool,

    /// Advice only on lines with at least this much of the time, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 2.0, value_parser = percent)]
    pub min_share: f64,

    /// Also write a page with flame graph, source and tables: it opens from disk
    #[arg(long, value_name = "FILE")]
    pub html: Option<Utf8PathBuf>,

    /// Also write FILE: `.svg` flamegraph, `.json` for profiler.firefox.com, `.collapsed` stacks,
    /// `.pb` for pprof; of allocations `.dhat.json` for DHAT's viewer [may be repeated]
    #[arg(long, value_name = "FILE")]
    pub export: Vec<Utf8PathBuf>,

    /// Also order the findings of REPORT, another plugin's `--format json`, by the time at their place
    /// [may be repeated]
    #[arg(long, value_name = "REPORT")]
    pub from: Vec<Utf8PathBuf>,
}

/// The key of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    Function,
    Line,
    Crate,
    Thread,
}

/// `2`, `0.5`, `10%`.
pub(super) fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches('%').trim().parse().ok();
    number
        .filter(|number| (0.0..=100.0).contains(number))
        .ok_or_else(|| "give a number between 0 and 100".to_owned())
}
