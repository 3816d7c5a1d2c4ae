//! Turns the world into [`Facts`](crate::facts::Facts).

mod names;
mod read;
mod sketch;
mod tree;
