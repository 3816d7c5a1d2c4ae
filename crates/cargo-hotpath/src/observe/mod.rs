//! Turns a running program into a [`Profile`](crate::profile::Profile): builds it, records it, unwinds
//! its stacks and gives names to its addresses.

pub mod around;
pub mod build;
pub mod checks;
pub mod collect;
pub mod decode;
pub mod elf;
pub mod estimates;
pub mod external;
pub mod launch;
pub mod places;
pub mod raw;
pub mod registers;
#[cfg(target_os = "linux")]
pub mod sampler;
pub mod symbolise;
pub mod unwind;
pub mod waits;
