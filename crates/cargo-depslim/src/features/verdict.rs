//! What it means to people that code changes with a feature.

use serde::{Deserialize, Serialize};

/// What an alteration means to who uses the program, plainest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Verdict {
    /// What the program prints or writes may differ.
    Text,
    /// Which way the program goes may differ.
    Choice,
    /// Another implementation takes the place of this one.
    Replaced,
    /// It is compiled in another way: faster, or not.
    Compiled,
    /// It only serves names that nobody uses.
    Support,
    /// It sets a switch that other code reads.
    Switch,
}

impl Verdict {
    /// Whether the feature must stay for it.
    pub fn is_visible(&self) -> bool {
        !matches!(self, Self::Support | Self::Switch)
    }

    pub fn in_words(self) -> &'static str {
        match self {
            Self::Support => "serves only what nothing uses",
            Self::Switch => "sets a switch",
            Self::Text => "changes what is printed or written in",
            Self::Choice => "changes what is decided in",
            Self::Replaced => "changes the implementation of",
            Self::Compiled => "changes how the compiler treats",
        }
    }
}
