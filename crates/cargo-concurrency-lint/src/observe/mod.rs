//! Turns the world into [`Facts`](crate::facts::Facts).

mod read;
mod sketch;
