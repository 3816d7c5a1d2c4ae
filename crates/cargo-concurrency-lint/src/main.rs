//! The `cargo concurrency-lint` binary, which is also the rustc wrapper of its own deep runs.

use std::process::ExitCode;

use cargo_concurrency_lint::args::Args;
use cargo_concurrency_lint::observe::deep;
use mimalloc::MiMalloc;
use pitcrew_core::{cli, wrapper};

/// Syntax trees are a myriad of small pieces, which several threads make and drop at once.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    wrapper::run_if_invoked_with(deep::compile).unwrap_or_else(|| {
        cli::main(
            "concurrency-lint",
            Args::output,
            cargo_concurrency_lint::run,
        )
    })
}
