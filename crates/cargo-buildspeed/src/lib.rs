//! `cargo buildspeed`: why a build is slow, and what makes it faster on this machine.

pub mod diagnosis;
pub mod facts;
pub mod flags;
pub mod goal;
pub mod lever;
pub mod model;
pub mod observe;
pub mod place;
pub mod profile_key;
pub mod recorded;
pub mod rules;
