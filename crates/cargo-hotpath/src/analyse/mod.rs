//! Pure questions to a profile: how much time is whose. A [`View`] decides which frames count and
//! which samples; the rest of the modules sum up over it.

pub mod allocations;
pub mod changes;
pub mod heat;
pub mod interval;
pub mod lines;
pub mod neighbours;
pub mod totals;
pub mod tree;

mod glue;
mod view;

pub use interval::Share;
pub use view::{Filter, Group, View};

#[cfg(test)]
mod tests;
