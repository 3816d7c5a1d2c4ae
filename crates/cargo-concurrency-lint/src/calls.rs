//! The calls of all crates together: which of the workspace's async code ends in a call that keeps its
//! thread, and on which way.
//!
//! [`World`] is the summaries of all crates with what is needed to find a function by the name that
//! another crate has for it. [`walk`] starts at every function of the workspace and follows calls, with
//! the types that are known on the way: `T` in a generic function is what the caller put there, so a
//! call of `T`'s method, or of a closure that was passed down, has an exact target. What needs a table
//! (which calls block, who runs a closure elsewhere, what is not followed) a [`Policy`] knows. [`chains`]
//! goes back from the calls that block to the `async` code that polls them.
//!
//! A call is followed only where its target is certain. Trait objects, function pointers and parameters
//! that nobody fills end a chain.

pub mod chains;
pub mod policy;
mod resolve;
mod substitution;
pub mod walk;
pub mod world;

pub use chains::{Chain, Step, chains};
pub use policy::{Policy, View};
pub use walk::{Graph, walk};
pub use world::{Source, World};
