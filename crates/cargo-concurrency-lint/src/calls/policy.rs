//! What is known of functions by their names, not by their code.

use crate::mir::ty::Type;

/// A call, as a table can look at it.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Absolute and without arguments; a trait's method behind the trait.
    pub path: &'a str,
    /// The function's own name.
    pub name: &'a str,
    /// The type that a trait's method is called on.
    pub on: Option<&'a Type>,
    /// The arguments' types, the receiver first.
    pub args: &'a [Type],
}

/// The tables.
pub trait Policy {
    /// Whether any table has a function of this name: a quick look.
    fn concerns(&self, name: &str) -> bool;

    /// The number of the row by which the call keeps its thread, if it does.
    fn blocks(&self, call: &View<'_>) -> Option<usize>;

    /// Whether what is passed runs elsewhere, or where keeping the thread is right.
    fn runs_elsewhere(&self, call: &View<'_>) -> bool;

    /// How far the function at this path is followed.
    fn follows(&self, path: &str) -> Follow;
}

/// How far a function is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    Into,
    /// Not into its code, but into what it is passed, which it runs at once.
    Passed,
    Not,
}
