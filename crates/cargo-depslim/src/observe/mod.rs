//! Turns the world into [`Facts`](crate::facts::Facts).

pub mod sources;
