//! The machine a build runs on: what a linker, a job count or a memory peak is judged against.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Cores this process may use.
    pub cores: u32,
    /// Physical memory, or the control group's limit where that is less; 0 where unknown.
    pub memory_bytes: u64,
}
