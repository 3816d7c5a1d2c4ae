//! The rule of this half.

pub mod needless_feature;
