//! The compiler's facts: MIR from the user's own compiler.
//!
//! `cargo check` runs in a target directory of its own with this program as its rustc wrapper
//! ([`compile`]). The wrapper has rustc print each crate's MIR, reads it at once into a summary that lies
//! beside the crate's metadata, and deletes the text. What cargo finds fresh has its summary already,
//! so a second run on unchanged code costs cargo's own look and the reading of the summaries.

pub mod compile;
mod flags;
mod order;
pub mod quiet;
mod run;
pub mod tables;
mod types;
mod units;

pub use compile::compile;
pub use run::{Check, Checked, Unavailable, check};
pub use units::{Unit, Units};
