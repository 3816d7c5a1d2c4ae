//! `cargo hotpath heap`: where a program allocates, how much of it lives at once, and what is never given
//! back.
//!
//! A small library of ours, compiled with the user's compiler, is loaded in front of libc and writes what
//! it sees into a file for each process ([`recorder`], [`run`]); [`read()`] makes a profile of it, whose
//! samples are the places that allocate. From there on it is judged and reported like any other.

pub mod fitness;
pub mod read;
pub mod recorder;
pub mod rules;
pub mod run;

mod chunks;
#[path = "../../heap-recorder/format.rs"]
pub mod format;
mod mappings;
mod records;
mod replay;
