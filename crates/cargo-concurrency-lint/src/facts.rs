//! What the rules judge: plain data about the workspace's async code. Rules see nothing else.
//!
//! Two observers fill these types. The *source* observer reads every source of the workspace and fills
//! all of them, as far as names and types can be told from text. The *compiler* observer reads MIR: it
//! knows each call's exact path, the types, the guards that are held across a suspension, the size of a
//! future, and what the functions of dependencies do; of statements, loops and macros it knows little.
//! So the compiler's facts are laid over the source's ([`merge`]): the two are matched by place, and
//! where both speak the compiler is believed.
//!
//! # Conventions for both
//!
//! - A **path** is absolute and plain: no generic arguments, no leading `::`, `core` and `alloc`
//!   written `std`, the crate's name first (`mini_redis::db::Db::get`), a method behind its type
//!   (`std::sync::Mutex::lock`), a trait's method behind the trait (`tokio::io::AsyncReadExt::read`,
//!   never `<T as Trait>::read`: `T` is the type of the call's receiver). A closure or an `async`
//!   block has no path of its own: it is a [`Body`] of the function that it stands in.
//! - A **type** is a [`Ty`]: a path with arguments, unknown where nothing is known.
//! - A **place** is a [`Span`] of lines and columns, both from 1, columns in characters, as rustc
//!   prints them; its end is exclusive.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

mod body;
mod call;
mod flow;
mod function;
mod ids;
pub mod merge;
mod place;
mod ty;

pub use body::{Body, BodyKind, Local, LocalKind, Touch, TouchKind};
pub use call::{By, Call, Callee, Form, Origin, Use, Value};
pub use flow::{
    Arm, Await, Block, Guard, GuardEnd, Loop, LoopKind, Select, Statement, StatementKind,
};
pub use function::{Entry, Flavor, Function, Receiver};
pub use ids::{
    AwaitId, BlockId, BodyId, CallId, CrateId, FileId, FunctionId, LocalId, LoopId, SelectId,
};
pub use place::{Pos, Span};
pub use ty::Ty;

/// Who saw a fact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Witness {
    /// Read off the text: names resolved through imports, types by hints.
    #[default]
    Source,
    /// The compiler says so.
    Compiler,
}

/// Everything a rule may look at.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    pub files: Vec<File>,
    pub crates: Vec<Crate>,
    /// The workspace's functions, methods and, where a `static` or `const` holds code, its value.
    pub functions: Vec<Function>,
    /// The workspace's own structs and enums, by path.
    pub types: BTreeMap<String, TypeDef>,
    /// The functions of dependencies of which the compiler's MIR tells that they may block.
    pub outside: BTreeMap<String, Outside>,
    /// The calls in polled code that lead to one that blocks, as the compiler sees it: with the types
    /// and closures that are passed on the way.
    pub ways: Vec<Way>,
    /// The files that could not be read.
    pub unread: Vec<Unread>,
    /// The crates that the compiler's facts cover; of the others only the source is known.
    pub compiled: BTreeSet<String>,
    pub limits: Limits,
}

/// What the compiler observer hands over: [`Facts`] with functions of which only what MIR tells is
/// filled in, every fact's [`Witness`] being the compiler.
///
/// - A [`Function`] may stand for one MIR body; its bodies' spans may be any span within the body.
/// - [`Call::name`] is the span of the path or of the method's name (the `span` of MIR's constant
///   operand), [`Call::span`] that of the whole call. Calls that come of desugaring (`?`, `.await`,
///   deref, drop flags) are left out.
/// - A call from a macro's expansion has the span of the macro's call where it stands in the
///   workspace.
/// - [`Await::dot`] is the span of `await`.
/// - [`Guard::held_across`] holds only the awaits at which the guard is initialised, not those for
///   which its slot is merely saved.
/// - Paths may be spelt by any re-export: they are made canonical when they are laid over.
/// - `outside` holds the dependencies' functions, each with its chain down to the leaf; `ways` the
///   workspace's calls in polled code, likewise.
pub type Compiled = Facts;

/// A source file of the workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Relative to the workspace root, with `/`.
    pub path: Utf8PathBuf,
    /// Empty where only the compiler has named the file.
    pub text: String,
    /// The first crate that it is a module of.
    pub krate: CrateId,
}

/// A target of a workspace member: what rustc calls a crate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crate {
    /// As paths start with it: `mini_redis`.
    pub name: String,
    pub package: String,
    pub kind: CrateKind,
    /// The dependencies by the names that paths use, each with the features that are on.
    pub dependencies: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CrateKind {
    #[default]
    Lib,
    Bin,
    Example,
    Test,
    Bench,
    BuildScript,
    ProcMacro,
}

/// A struct or enum of the workspace.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TypeDef {
    /// By name, or by number; an enum's behind their variant: `Some::0`.
    pub fields: BTreeMap<String, Ty>,
}

/// A function of a dependency that may block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outside {
    /// From the function to the leaf that blocks, the function itself left out, the leaf last:
    /// `config::file::source`, `std::fs::read_to_string`.
    pub chain: Vec<Step>,
    /// The number of the leaf's row in the table of what blocks.
    pub row: usize,
}

/// A call in polled code that leads to one that blocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// As [`Call::name`].
    pub call: Span,
    /// The calls: that in polled code first, the leaf last.
    pub steps: Vec<Step>,
    /// The number of the leaf's row in the table of what blocks.
    pub row: usize,
}

/// A call on the way to a leaf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Who is called; absolute and without arguments.
    pub path: String,
    /// Where, in the workspace.
    pub at: Option<Span>,
    /// Where, in a dependency, for people: `config-0.15.4/src/file/mod.rs:120`.
    pub note: Option<String>,
}

/// A file that could not be read or parsed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    pub path: Utf8PathBuf,
    /// Where parsing ended, if it began.
    pub at: Option<Pos>,
    pub why: String,
}

/// How much concurrency is too much: the project's settings, or what is usual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Operations on the network or on files at a time.
    pub io: u32,
    /// CPU-bound jobs at a time, as a multiple of the machine's cores.
    pub cpu_per_core: u32,
    /// The machine's cores.
    pub cores: u32,
    /// Queries at a time where the pool's size is not known.
    pub database: u32,
    /// A collection of at most this many items is small: all of them at a time are fine.
    pub small: u32,
    /// The sizes of futures, in bytes, from which they are large.
    pub future_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            io: 200,
            cpu_per_core: 2,
            cores: 1,
            database: 50,
            small: 16,
            future_bytes: 16 * 1024,
        }
    }
}

impl Facts {
    /// Whether there is anything to judge.
    pub fn has_async_code(&self) -> bool {
        let mut functions = self.functions.iter();
        functions.any(|function| function.bodies.iter().any(|body| body.is_async))
    }

    /// The text of a place; empty where the file's text is not known.
    pub fn text(&self, span: Span) -> &str {
        let text = self
            .files
            .get(span.file.index())
            .map_or("", |file| file.text.as_str());
        place::slice(text, span).unwrap_or_default()
    }

    pub fn file(&self, span: Span) -> Option<&File> {
        self.files.get(span.file.index())
    }

    pub fn krate(&self, function: &Function) -> Option<&Crate> {
        self.crates.get(function.krate.index())
    }
}

impl Crate {
    /// Whether one of these features of a dependency is on.
    pub fn has_feature(&self, dependency: &str, features: &[&str]) -> bool {
        let on = self.dependencies.get(dependency);
        on.is_some_and(|on| features.iter().any(|feature| on.contains(*feature)))
    }
}

impl CrateKind {
    /// Whether other crates can name it.
    pub fn is_library(self) -> bool {
        matches!(self, Self::Lib | Self::ProcMacro)
    }
}
