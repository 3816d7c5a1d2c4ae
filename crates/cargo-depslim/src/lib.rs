//! `cargo depslim`: the needless-feature half.
pub mod features;
pub mod gates;
