//! Reading MIR, tested on what the installed rustc prints.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails where its setting cannot be made"
)]

mod chains;
mod compiled;
mod held;
