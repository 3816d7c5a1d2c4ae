//! The flags of `cargo hotpath count`.

use std::ffi::OsString;
use std::time::Duration;

use clap::Args as ClapArgs;
use pitcrew_core::cli::{self, CargoFlags, OutputFlags};

use super::flags::{ProgramOutput, ViewFlags, percent};

#[derive(Debug, ClapArgs)]
pub struct CountArgs {
    /// The binary to count in
    #[arg(long, value_name = "NAME", conflicts_with = "example")]
    pub bin: Option<String>,

    /// The example to count in
    #[arg(long, value_name = "NAME")]
    pub example: Option<String>,

    /// Keep the count under a name, `count` if none is given, to compare with
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = COUNT)]
    pub save: Option<String>,

    /// Exit with status 1 if there are this many percent more instructions than saved
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub max_regression: Option<f64>,

    /// The saved count to compare with
    #[arg(long, value_name = "NAME", default_value = COUNT)]
    pub baseline: String,

    /// End the program after this time: `10s`, `2m`
    #[arg(long, value_name = "TIME", value_parser = cli::fine_duration)]
    pub duration: Option<Duration>,

    /// Where the program's own output goes
    #[arg(long, value_enum, value_name = "WHERE")]
    pub program_output: Option<ProgramOutput>,

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

const COUNT: &str = "count";
