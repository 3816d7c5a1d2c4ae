//! `cargo buildspeed`: why a build is slow, and what makes it faster on this machine.

pub mod facts;
pub mod goal;
pub mod lever;
pub mod model;
pub mod observe;
