//! The flags of `cargo hotpath heap`.

use std::ffi::OsString;
use std::time::Duration;

use clap::{Args as ClapArgs, ValueEnum};
use pitcrew_core::cli::{self, CargoFlags, OutputFlags};

use super::flags::{ProgramOutput, ViewFlags};
use crate::heap::run::bytes;

#[derive(Debug, ClapArgs)]
pub struct HeapArgs {
    /// The binary to profile
    #[arg(long, value_name = "NAME", conflicts_with = "example")]
    pub bin: Option<String>,

    /// The example to profile
    #[arg(long, value_name = "NAME")]
    pub example: Option<String>,

    #[command(flatten)]
    pub record: HeapFlags,

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

/// How allocations are recorded.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Recording")]
pub struct HeapFlags {
    /// Record every allocation, for exact figures of small programs: about 10 times slower
    #[arg(long, conflicts_with = "interval")]
    pub every_allocation: bool,

    /// Sample one byte in so many on average, from the beginning to the end: `64k`; by default one in
    /// 512 at first and ever fewer the longer the program runs
    #[arg(long, value_name = "BYTES", value_parser = parsed)]
    pub interval: Option<u64>,

    /// Bytes that a recording may take on disk, for each process
    #[arg(long, value_name = "BYTES", default_value = "2G", value_parser = parsed)]
    pub limit: u64,

    /// End the program after this time: `10s`, `2m`
    #[arg(long, value_name = "TIME", value_parser = cli::fine_duration)]
    pub duration: Option<Duration>,

    /// Who records; by default our own recorder, and DHAT where that sees more
    #[arg(long, value_enum, value_name = "ENGINE")]
    pub engine: Option<HeapEngine>,

    /// Where the program's own output goes
    #[arg(long, value_enum, value_name = "WHERE")]
    pub program_output: Option<ProgramOutput>,
}

/// Who records allocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum HeapEngine {
    /// Our own recorder, loaded in front of libc
    Own,
    /// Valgrind's DHAT: every allocation, 20 to 100 times slower
    Dhat,
}

fn parsed(text: &str) -> Result<u64, String> {
    bytes(text).map_err(|error| error.to_string())
}
