//! The `cargo depslim` binary, which is also the rustc wrapper of its own builds.

use std::process::ExitCode;

use cargo_depslim::args::Args;
use pitcrew_core::{cli, wrapper};

fn main() -> ExitCode {
    wrapper::run_if_invoked()
        .unwrap_or_else(|| cli::main("depslim", Args::output, cargo_depslim::run))
}
