//! The `cargo concurrency-lint` binary, which is also the rustc wrapper of its own deep runs.

use std::process::ExitCode;

use cargo_concurrency_lint::args::Args;
use cargo_concurrency_lint::observe::deep;
use pitcrew_core::{cli, wrapper};

fn main() -> ExitCode {
    wrapper::run_if_invoked_with(deep::compile).unwrap_or_else(|| {
        cli::main(
            "concurrency-lint",
            Args::output,
            cargo_concurrency_lint::run,
        )
    })
}
