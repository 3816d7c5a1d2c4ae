//! What is kept of a crate's MIR: enough to follow calls through it, and for the crates of the
//! workspace all that the rules ask about.
//!
//! A summary is written by the rustc wrapper next to the crate's metadata and read by every later run
//! that finds the crate fresh. Texts are interned, because paths and types repeat.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::layout::Size;
use super::span::Lines;

/// Raised when the meaning of a field changes; the name of the target directory holds it, so older
/// summaries are never read.
pub const FORMAT: u32 = 2;

/// The number of an interned text.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Text(pub u32);

/// One crate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// As paths start with it.
    pub name: String,
    /// The crates that it names, with the files of their metadata, without folder and ending.
    pub externs: Vec<(String, String)>,
    /// Where rustc ran: relative places are relative to it.
    pub dir: String,
    /// A crate of the workspace: everything is kept.
    pub member: bool,
    pub texts: Texts,
    pub bodies: Vec<Body>,
    /// By the type of the future.
    pub sizes: Vec<(Text, Size)>,
    pub unread: Unread,
    /// Bytes of MIR that were read.
    pub bytes: u64,
}

/// What was not understood.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    pub bodies: u32,
    pub lines: u32,
    /// Of all lines, how many were understood, for a sense of proportion.
    pub understood: u32,
    /// The first few.
    pub examples: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    #[default]
    Function,
    Closure,
    /// The body of an `async` function, block or closure: polled.
    Coroutine,
    /// A function that is given a task's context: `poll` and the like.
    Poll,
}

/// A place in a file.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Place {
    pub file: Text,
    pub lines: Lines,
}

/// A function, closure or coroutine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// As MIR prints it.
    pub path: Text,
    pub kind: Kind,
    /// From its first to its last place in the file that it is in.
    pub place: Option<Place>,
    pub params: Vec<Text>,
    pub output: Text,
    /// The closure's or the coroutine's own type.
    pub own: Option<Text>,
    /// Whether its first parameter is `self`.
    pub method: bool,
    /// What it is a part of, where that is an implementation.
    pub of: Option<Implementation>,
    pub calls: Vec<Call>,
    /// The types of the coroutines that it makes.
    pub makes: Vec<Text>,
    /// Only for crates of the workspace.
    pub detail: Option<Box<Detail>>,
}

/// The header of the implementation that a method stands in, as it is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Implementation {
    pub of: Option<Text>,
    /// Empty where a macro or a derive writes it.
    pub ty: Text,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The path as printed; empty for a function pointer.
    pub callee: Text,
    /// The types of the arguments; a function passed by name is `fn() {path}`.
    pub args: Vec<Text>,
    /// The type of the result.
    pub output: Text,
    /// The path, or the method's name.
    pub name: Option<Place>,
    /// The whole expression.
    pub place: Option<Place>,
    /// A macro of another file makes it: the places are where that is used, or near.
    pub by_macro: bool,
    /// The innermost loop, in [`Detail::loops`].
    pub within: Option<u32>,
}

/// What the rules ask about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    pub variables: Vec<Variable>,
    pub awaits: Vec<Await>,
    pub guards: Vec<Guard>,
    pub loops: Vec<Loop>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    pub name: Text,
    pub ty: Text,
    pub place: Place,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Await {
    /// The word `await`, or a place in the macro that awaits.
    pub place: Place,
    /// The type of the future.
    pub future: Text,
    /// The type of what it gives.
    pub output: Text,
    pub within: Option<u32>,
    /// What is held meanwhile, in [`Detail::guards`].
    pub held: Vec<u32>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    pub ty: Text,
    pub name: Option<Text>,
    /// The call that took it, or where its variable is bound.
    pub taken: Option<Place>,
    /// The path of that call.
    pub by: Option<Text>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loop {
    pub place: Option<Place>,
    pub within: Option<u32>,
}

/// Interned texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    all: Vec<String>,
    #[serde(skip)]
    numbers: HashMap<String, Text>,
}

impl Texts {
    pub fn intern(&mut self, text: &str) -> Text {
        if let Some(known) = self.numbers.get(text) {
            return *known;
        }
        let number = Text(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.all.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }

    pub fn get(&self, text: Text) -> &str {
        let index = usize::try_from(text.0).unwrap_or(usize::MAX);
        self.all.get(index).map_or("", String::as_str)
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl Summary {
    pub fn text(&self, text: Text) -> &str {
        self.texts.get(text)
    }

    /// The bytes to keep.
    pub fn to_bytes(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_stdvec(self)
    }

    /// What was kept; whoever wrote something else gets an error.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, postcard::Error> {
        postcard::from_bytes(bytes)
    }
}

impl Unread {
    /// Whether so much is not understood that the compiler must be taken for an unknown one.
    pub fn is_foreign(&self) -> bool {
        self.lines + self.bodies > self.understood / 50
    }

    pub fn add(&mut self, other: &Self) {
        /// Enough to report a new compiler by.
        const MOST: usize = 5;
        self.bodies += other.bodies;
        self.lines += other.lines;
        self.understood += other.understood;
        let room = MOST.saturating_sub(self.examples.len());
        self.examples
            .extend(other.examples.iter().take(room).cloned());
    }
}
