//! `cargo hotpath`: where a program spends its time, and what to change there.
pub mod names;
pub mod observe;
pub mod profile;
