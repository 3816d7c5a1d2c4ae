//! Which features of its dependencies a workspace needs, and what it would lose without the others.
//!
//! [`minimal`] is the whole way: the code's uses are held against the gates of each dependency, which
//! predicts the smallest set; the project is built before and after, repaired from the compiler's own
//! errors, and the linked programs are compared function by function.

pub mod attribution;
mod before;
pub mod behaviour;
pub mod condition;
pub mod edit;
pub mod entries;
pub mod extract;
mod gather;
pub mod graph;
mod ground;
pub mod known;
pub mod liveness;
mod minimal;
pub mod needs;
pub mod outcome;
pub mod programs;
mod prove;
mod reasons;
pub mod repair;
mod report;
mod request;
pub mod resolve;
pub mod solve;
pub mod study;
mod unnamed;
pub mod uses;
pub mod verdict;
mod work;

pub use crate::gates::cfg::Flags;
pub use before::Before;
pub use ground::{Ground, Reading};
pub use minimal::{Way, minimal, printed_cfg, uses_first_resolver};
pub use outcome::{Kept, Outcome, Slimmed, Used};
pub use programs::{Attempt, Programs, Trial};
pub use request::{Request, Roots};
