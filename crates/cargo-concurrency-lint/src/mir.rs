//! Reads the MIR that rustc prints with `--emit=mir`: what is called, by its exact path, what waits,
//! and what is held meanwhile.
//!
//! The text is meant for people and may change with every compiler, so this reader knows few shapes,
//! takes nothing for granted, never panics, and counts what it does not understand ([`Unread`]), so
//! that a caller can tell a compiler that it does not know from a crate without async code.
//!
//! From bottom to top: [`lex`] finds brackets and separators, [`place`], [`ty`] and [`path`] read the
//! three small languages that MIR is made of, [`statement`] and [`body`] a function, [`bodies`] cuts a
//! file into functions. [`loops`], [`origin`] and [`held`] follow control and values through one
//! function, and [`summary`] is what is kept of it all.

pub mod bodies;
pub mod body;
pub mod guards;
pub mod held;
pub mod impls;
pub mod layout;
pub mod lex;
pub mod loops;
pub mod origin;
pub mod path;
pub mod place;
pub mod span;
pub mod statement;
pub mod summarise;
pub mod summary;
pub mod ty;

pub use summary::Unread;
