//! The rows of the tables, as `ecosystem.toml` writes them.

use serde::Deserialize;

use super::table::{Matcher, Row};

/// A row that only says which calls it is about.
#[derive(Debug, Deserialize)]
pub struct Plain {
    #[serde(flatten)]
    matcher: Matcher,
}

/// A call that keeps its thread.
#[derive(Debug, Deserialize)]
pub struct Blocking {
    #[serde(flatten)]
    matcher: Matcher,
    pub kind: BlockingKind,
    /// What it does to the thread: `waits for the file system`.
    pub does: String,
    pub instead: Instead,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlockingKind {
    Sleep,
    File,
    Input,
    Network,
    Process,
    Thread,
    Channel,
    Wait,
    BlockOn,
    Http,
    Database,
    Cpu,
}

/// What to write in its place.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Instead {
    tokio: String,
    async_std: String,
    smol: String,
}

/// Which runtime a crate uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Runtime {
    #[default]
    Tokio,
    AsyncStd,
    Smol,
}

impl Runtime {
    /// What runs a closure on a thread where it may block.
    pub fn blocking_task(self) -> &'static str {
        match self {
            Self::Tokio => "tokio::task::spawn_blocking",
            Self::AsyncStd => "async_std::task::spawn_blocking",
            Self::Smol => "smol::unblock",
        }
    }
}

impl Blocking {
    pub fn instead(&self, runtime: Runtime) -> &str {
        match runtime {
            Runtime::Tokio => &self.instead.tokio,
            Runtime::AsyncStd => &self.instead.async_std,
            Runtime::Smol => &self.instead.smol,
        }
    }
}

/// Who runs a closure or a future.
#[derive(Debug, Deserialize)]
pub struct Runs {
    #[serde(flatten)]
    matcher: Matcher,
    #[serde(rename = "as")]
    pub how: As,
    /// The number of the closure or the future among the arguments.
    pub argument: u32,
    #[serde(default)]
    pub handle: Dropped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum As {
    /// A task of its own on the runtime.
    Task,
    /// A thread of the pool for blocking work.
    BlockingPool,
    /// In place, after the runtime was told.
    BlockInPlace,
    /// A thread of its own, or of a pool that is not the runtime's.
    Thread,
    /// On this thread, until it is done.
    BlockOn,
}

/// What becomes of a task whose handle is dropped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dropped {
    /// It goes on, and nobody hears of its end.
    #[default]
    Detach,
    /// It is cancelled.
    Cancel,
    /// A set keeps it, and aborts or joins it.
    Owned,
}

/// A limit that an argument sets.
#[derive(Debug, Deserialize)]
pub struct Limit {
    #[serde(flatten)]
    matcher: Matcher,
    pub what: What,
    pub argument: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Futures polled at a time.
    Concurrency,
    /// The same, with the results in the order of the input.
    Ordered,
    /// Permits of a semaphore.
    Permits,
    /// Connections of a pool.
    Pool,
    /// Requests that a server handles at a time.
    Requests,
}

#[derive(Debug, Deserialize)]
pub struct Channel {
    #[serde(flatten)]
    matcher: Matcher,
    /// What to write for one with a bound.
    pub bounded: String,
}

#[derive(Debug, Deserialize)]
pub struct Timeout {
    #[serde(flatten)]
    matcher: Matcher,
    /// The number of the argument that it bounds; the receiver where there is none.
    pub future: Option<u32>,
}

pub type Layer = Plain;

#[derive(Debug, Deserialize)]
pub struct Network {
    #[serde(flatten)]
    matcher: Matcher,
    pub kind: NetworkKind,
    /// `connects`.
    pub does: String,
    /// The client whose builder may bound it.
    pub client: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NetworkKind {
    Connect,
    Request,
    Read,
    Acquire,
}

/// A client that waits without end unless told otherwise.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    pub name: String,
    pub ty: String,
    #[serde(deserialize_with = "super::table::expanded")]
    pub new: Vec<String>,
    #[serde(deserialize_with = "super::table::expanded")]
    pub builder: Vec<String>,
    /// The builder's methods that end it.
    pub build: Vec<String>,
    pub whole: Vec<String>,
    pub parts: Vec<String>,
    #[serde(deserialize_with = "super::table::expanded")]
    pub request: Vec<String>,
    /// An example with a bound.
    pub write: String,
    #[serde(rename = "source")]
    _source: String,
}

impl Client {
    pub fn paths(&self) -> Vec<&String> {
        self.new
            .iter()
            .chain(&self.builder)
            .chain(&self.request)
            .collect()
    }
}

#[derive(Debug, Deserialize)]
pub struct Lock {
    #[serde(flatten)]
    matcher: Matcher,
    /// `a lock of std`.
    pub what: String,
    /// The guard's type.
    pub gives: String,
}

#[derive(Debug, Deserialize)]
pub struct Cancel {
    #[serde(flatten)]
    matcher: Matcher,
    /// `the bytes that it has already read`.
    pub loses: String,
}

#[derive(Debug, Deserialize)]
pub struct Gives {
    #[serde(flatten)]
    matcher: Matcher,
    /// A type in the words of a small language: `A<B, $0>`.
    pub ty: String,
}

/// An extension trait.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trait {
    pub path: String,
    pub methods: Vec<String>,
    /// Only behind one of these methods in the same chain.
    #[serde(default)]
    pub after: Vec<String>,
    /// The name alone is enough.
    #[serde(default)]
    pub distinct: bool,
    /// The method gives a future: on who knows what it is the trait's only where it is awaited.
    #[serde(default)]
    pub awaited: bool,
    /// Only where the receiver or the first argument is called or typed like this.
    pub about: Option<String>,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verbs {
    pub reads: Vec<String>,
    pub ordered: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guards {
    pub lock: Vec<String>,
    pub borrow: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inline {
    pub methods: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Same {
    pub to: String,
    pub from: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aliases {
    pub of: String,
    pub paths: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prelude {
    pub path: String,
    pub holds: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
}

macro_rules! rows {
    ($($row:ident)*) => {$(
        impl Row for $row {
            fn matcher(&self) -> &Matcher {
                &self.matcher
            }
        }
    )*};
}

rows!(Plain Blocking Runs Limit Channel Timeout Network Lock Cancel Gives);
