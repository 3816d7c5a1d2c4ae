//! `cargo depslim`: which dependencies, features and duplicates can go, and what they cost.

pub mod features;
pub mod gates;
pub mod rules;
