//! The `cargo buildspeed` binary, which is also the rustc wrapper of its own recordings.

use std::process::ExitCode;

use pitcrew_core::wrapper;

fn main() -> ExitCode {
    if let Some(code) = wrapper::run_if_invoked() {
        return code;
    }
    ExitCode::SUCCESS
}
