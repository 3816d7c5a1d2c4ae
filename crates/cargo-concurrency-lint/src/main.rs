//! The `cargo concurrency-lint` binary.

use std::process::ExitCode;

use cargo_concurrency_lint::args::Args;
use pitcrew_core::cli;

fn main() -> ExitCode {
    cli::main(
        "concurrency-lint",
        Args::output,
        cargo_concurrency_lint::run,
    )
}
