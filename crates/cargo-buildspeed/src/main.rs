//! The `cargo buildspeed` binary, which is also the rustc wrapper of its own recordings.

use std::process::ExitCode;

use cargo_buildspeed::args::Args;
use cargo_buildspeed::cache::guard;
use pitcrew_core::{cli, wrapper};

fn main() -> ExitCode {
    wrapper::run_if_invoked()
        .or_else(guard::run_if_invoked)
        .unwrap_or_else(|| cli::main("buildspeed", Args::output, cargo_buildspeed::run))
}
