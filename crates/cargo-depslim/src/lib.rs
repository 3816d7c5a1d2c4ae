//! `cargo depslim`
pub mod facts;
pub mod observe;
