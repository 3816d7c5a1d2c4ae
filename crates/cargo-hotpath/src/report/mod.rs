//! What is said: profiles as text for people and as data for machines. Nothing here decides anything.

pub mod allocations;
pub mod changes;
pub mod estimates;
pub mod figures;
pub mod heat;
pub mod human;
pub mod listing;
pub mod markdown;
pub mod summary;

pub mod remarks;
mod sources;

pub use sources::Sources;

use crate::analyse::allocations::Measure;
use crate::args::{By, ViewFlags};

/// What the user wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    pub top: usize,
    pub by: Option<By>,
    pub tree: bool,
    /// What tables of allocations are sorted by.
    pub measure: Measure,
}

impl From<&ViewFlags> for Asked {
    fn from(flags: &ViewFlags) -> Self {
        Self {
            top: flags.top,
            by: flags.by,
            tree: flags.tree,
            measure: flags.sort.unwrap_or_default(),
        }
    }
}
