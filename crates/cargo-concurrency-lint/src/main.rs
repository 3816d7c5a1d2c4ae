//! The `cargo concurrency-lint` binary, which is also the rustc wrapper of its own deep runs.

use std::process::ExitCode;

use cargo_concurrency_lint::observe::deep;
use pitcrew_core::wrapper;

fn main() -> ExitCode {
    wrapper::run_if_invoked_with(deep::compile).unwrap_or(ExitCode::FAILURE)
}
