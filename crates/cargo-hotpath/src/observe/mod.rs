//! Turns a running program into a [`Profile`](crate::profile::Profile): builds it, records it, unwinds
//! its stacks and gives names to its addresses.

pub mod collect;
pub mod decode;
pub mod elf;
pub mod launch;
pub mod raw;
pub mod registers;
#[cfg(target_os = "linux")]
pub mod sampler;
pub mod unwind;
pub mod symbolise;
pub mod build;
pub mod places;
pub mod external;
