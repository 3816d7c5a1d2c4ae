//! A profile as plain data: who was sampled, where, and how the recording went. Every recorder and
//! every import ends here; rules, reports and exports start here and see nothing else.
//!
//! Tables refer to each other by index ([`ThreadId`] and its like are indices of the table of the same
//! name). A stack is a node of a tree: its frame and the stack that called it, so that shared callers
//! are kept once and a parent always stands before its children.

use serde::{Deserialize, Serialize};

pub use build::ProfileBuilder;
pub use estimate::{Estimate, Nanoseconds};
pub use heap::{Clock, Figures, Heap, Mapped, Site};

mod build;
mod estimate;
mod heap;
#[cfg(any(test, feature = "synthetic"))]
pub mod synthetic;

pub type ThreadId = u32;
pub type ModuleId = u32;
pub type FileId = u32;
pub type FunctionId = u32;
pub type FrameId = u32;
pub type StackId = u32;

/// One recording, symbolised.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    pub about: About,
    pub threads: Vec<Thread>,
    pub modules: Vec<Module>,
    pub files: Vec<SourceFile>,
    pub functions: Vec<Function>,
    pub frames: Vec<Frame>,
    pub stacks: Vec<Stack>,
    pub samples: Vec<Sample>,
    /// Of a recording of allocations, what they were; the samples are then the sites of these, each with
    /// the bytes that it allocated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heap: Option<Heap>,
}

/// What was recorded, how, and how it ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// As the user would type it.
    pub command: String,
    /// Seconds since 1970.
    pub created: u64,
    /// Who recorded: `cargo hotpath`, `perf`, `callgrind`, or the imported file's name.
    pub recorder: String,
    /// What a sample stands for: `cycles`, `cpu-clock`, `instructions`.
    pub event: String,
    pub unit: Unit,
    /// Samples asked for in each second of each thread's running time; 0 where nothing was sampled.
    pub rate_hz: u32,
    pub wall_s: f64,
    /// Samples that the kernel threw away because nobody read them in time.
    pub lost: u64,
    pub kernel: KernelFrames,
    pub ended: Ended,
    /// cargo's profile that the program was built with, where we built it.
    pub build_profile: Option<String>,
    /// Whether that profile optimises; none where it is not known.
    pub optimised: Option<bool>,
    /// What the reader should know of how this was recorded: fallbacks, limits.
    pub notes: Vec<String>,
    /// Of a benchmark, what its harness measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub estimates: Vec<Estimate>,
    /// Our own call that records, or imports, the same again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<String>,
}

impl About {
    /// Whether weights are waits of threads, not their running time.
    pub fn is_off_cpu(&self) -> bool {
        self.event == "off-cpu"
    }
}

/// What weights count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Nanoseconds of running time.
    #[default]
    Nanoseconds,
    Cycles,
    Instructions,
    /// Allocated bytes.
    Bytes,
    /// Nothing but the number of samples.
    Samples,
}

/// Whether time in the kernel is part of the profile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum KernelFrames {
    Recorded,
    /// Only the program's own time was sampled, and why.
    Excluded {
        why: String,
    },
    #[default]
    Unknown,
}

/// How the program ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Ended {
    Exited {
        code: i32,
    },
    /// By a signal that nobody here sent.
    Killed {
        signal: i32,
        name: String,
    },
    /// `--duration` ran out and we ended it.
    TimeUp,
    /// The user pressed Ctrl-C.
    Interrupted,
    /// It went on when we stopped looking.
    Running,
    #[default]
    Unknown,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    pub pid: i32,
    pub tid: i32,
    pub process: String,
    pub name: String,
}

/// A mapped file, or the kernel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Module {
    pub path: String,
    /// In hexadecimal digits.
    pub build_id: Option<String>,
    pub kind: ModuleKind,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModuleKind {
    /// An executable.
    Program,
    /// A shared library.
    Library,
    Kernel,
    #[default]
    Unknown,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Relative to the workspace root where it lies inside, else as the debug information has it.
    pub path: String,
}

/// A function, one for each set of generic arguments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// Full path, generic arguments folded, async bodies named by their function:
    /// `alloc::vec::Vec<_>::push`.
    pub name: String,
    /// Demangled and unfolded: `<alloc::vec::Vec<u8>>::push`.
    pub full: String,
    pub module: Option<ModuleId>,
    /// Where it is written, where the debug information tells.
    pub file: Option<FileId>,
    pub origin: Origin,
    /// False where all that is known is an address.
    pub resolved: bool,
}

/// Whose code it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "name")]
pub enum Origin {
    /// A member of the workspace, by package.
    Workspace(String),
    /// A package that the workspace depends on.
    Dependency(String),
    /// std, core, alloc and what is built into them.
    Std,
    Allocator,
    /// The C library and the dynamic loader.
    Libc,
    /// Another shared library, by file name.
    Library(String),
    Kernel,
    #[default]
    Unknown,
}

impl Origin {
    /// As the report shows it.
    pub fn name(&self) -> &str {
        match self {
            Self::Workspace(name) | Self::Dependency(name) | Self::Library(name) => name,
            Self::Std => "std",
            Self::Allocator => "allocator",
            Self::Libc => "libc",
            Self::Kernel => "kernel",
            Self::Unknown => "unknown",
        }
    }

    pub fn is_yours(&self) -> bool {
        matches!(self, Self::Workspace(_))
    }
}

/// A place that runs: one function at one line, at one address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Frame {
    pub function: FunctionId,
    pub file: Option<FileId>,
    /// From 1.
    pub line: Option<u32>,
    /// The compiler put it into its caller: both have the same address.
    pub inlined: bool,
    /// As the module's file has it; 0 where it is not known.
    pub address: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stack {
    /// The caller; none at the root.
    pub parent: Option<StackId>,
    pub frame: FrameId,
}

/// What was seen at one instant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    pub thread: ThreadId,
    /// Since the start of the recording.
    pub time_ns: u64,
    /// The innermost frame's; none where not even the instruction pointer was seen.
    pub stack: Option<StackId>,
    /// In the profile's [`Unit`].
    pub weight: u64,
    /// How many samples of that weight, in all, this one is: more than 1 only in imports.
    pub count: u64,
    /// The outermost callers are missing.
    pub truncated: bool,
}

impl Profile {
    /// The frames of a stack, the innermost first.
    pub fn frames_of(&self, stack: Option<StackId>) -> impl Iterator<Item = &Frame> {
        let mut next = stack;
        std::iter::from_fn(move || {
            let stack = self.stacks.get(next? as usize)?;
            next = stack.parent;
            self.frames.get(stack.frame as usize)
        })
    }

    pub fn function_of(&self, frame: &Frame) -> &Function {
        &self.functions[frame.function as usize]
    }

    pub fn path(&self, file: Option<FileId>) -> Option<&str> {
        Some(self.files.get(file? as usize)?.path.as_str())
    }

    pub fn total_weight(&self) -> u64 {
        self.samples.iter().map(|sample| sample.weight).sum()
    }

    /// How many times the program was looked at.
    pub fn count(&self) -> u64 {
        self.samples.iter().map(|sample| sample.count).sum()
    }

    /// Whether every index points into its table and parents stand before children: what a file from
    /// outside must hold before anything reads it.
    pub fn is_sound(&self) -> bool {
        let within = |index: u32, length: usize| (index as usize) < length;
        let file = |file: Option<u32>| file.is_none_or(|file| within(file, self.files.len()));
        self.functions.iter().all(|function| {
            file(function.file)
                && function
                    .module
                    .is_none_or(|module| within(module, self.modules.len()))
        }) && self
            .frames
            .iter()
            .all(|frame| within(frame.function, self.functions.len()) && file(frame.file))
            && self.stacks.iter().enumerate().all(|(at, stack)| {
                within(stack.frame, self.frames.len())
                    && stack.parent.is_none_or(|parent| within(parent, at))
            })
            && self.samples.iter().all(|sample| {
                within(sample.thread, self.threads.len())
                    && sample
                        .stack
                        .is_none_or(|stack| within(stack, self.stacks.len()))
            })
            && self.heap.iter().flat_map(|heap| &heap.sites).all(|site| {
                within(site.thread, self.threads.len())
                    && site
                        .stack
                        .is_none_or(|stack| within(stack, self.stacks.len()))
            })
    }
}
