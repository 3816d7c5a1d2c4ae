//! The `cargo hotpath` binary.

use std::process::ExitCode;

use cargo_hotpath::args::Args;
use pitcrew_core::cli;

fn main() -> ExitCode {
    cli::main("hotpath", Args::output, cargo_hotpath::run)
}
