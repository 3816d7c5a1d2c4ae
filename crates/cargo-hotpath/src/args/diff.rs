//! The flags of `cargo hotpath diff`.

use std::ffi::OsString;

use camino::Utf8PathBuf;
use clap::Args as ClapArgs;
use pitcrew_core::cli::{CargoFlags, OutputFlags};

use super::flags::RecordFlags;

#[derive(Debug, ClapArgs)]
pub struct DiffArgs {
    /// The saved profile or the git revision to compare with
    #[arg(value_name = "BASE")]
    pub base: String,

    /// The saved profile or the git revision that is compared; by default the last profile, or with a
    /// revision for BASE the project as it is now
    #[arg(value_name = "NEW")]
    pub new: Option<String>,

    /// Exit with status 1 if a function takes significantly more time
    #[arg(long)]
    pub check: bool,

    /// How many rows to show
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,

    /// Also write a differential flamegraph to FILE, an `.svg`
    #[arg(long, value_name = "FILE")]
    pub export: Option<Utf8PathBuf>,

    /// Of revisions, how many times each is recorded, in turns; a change of fewer than six that all
    /// agree may be chance
    #[arg(long, value_name = "N", default_value_t = 6)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100))]
    pub rounds: u32,

    /// Of revisions, the binary to run
    #[arg(long, value_name = "NAME", conflicts_with = "example")]
    pub bin: Option<String>,

    /// Of revisions, the example to run
    #[arg(long, value_name = "NAME")]
    pub example: Option<String>,

    #[command(flatten)]
    pub record: RecordFlags,

    #[command(flatten)]
    pub output: OutputFlags,

    #[command(flatten)]
    pub cargo: CargoFlags,

    /// Arguments of the program
    #[arg(last = true, value_name = "ARGS")]
    pub args: Vec<OsString>,
}
