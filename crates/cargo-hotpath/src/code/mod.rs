//! What stands at a line: the calls, loops, bindings and uses of a source file, as plain data. A profile
//! says that a line is hot and what runs under it; this says what its author wrote there.

mod read;
mod uses;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

pub use read::read;

use crate::report::Sources;

/// One source file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Code {
    pub functions: Vec<Function>,
    pub loops: Vec<Loop>,
    pub calls: Vec<Call>,
    pub bindings: Vec<Binding>,
    pub uses: Vec<Use>,
}

/// Lines, from 1, both included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lines {
    pub first: u32,
    pub last: u32,
}

impl Lines {
    pub fn hold(&self, line: u32) -> bool {
        (self.first..=self.last).contains(&line)
    }

    pub fn count(&self) -> u32 {
        self.last.saturating_sub(self.first)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    pub name: String,
    pub lines: Lines,
}

/// Where something stands: what is around it, the outermost first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Place {
    pub function: Option<usize>,
    pub loops: Vec<usize>,
    /// In an async function or block.
    pub is_async: bool,
    /// In a closure that a runtime runs where blocking is right.
    pub may_block: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Loop {
    pub kind: LoopKind,
    /// Of its header.
    pub line: u32,
    pub lines: Lines,
    /// Around the loop, not it.
    pub place: Place,
    /// Control leaves it early, or it awaits: its rounds depend on each other.
    pub leaves_early: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum LoopKind {
    For {
        pattern: String,
        over: String,
    },
    While,
    Endless,
    /// The closure of an iterator's method that calls it for each item.
    Each {
        method: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    Method,
    Function,
    Macro,
    Index,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub kind: CallKind,
    /// Where debug information puts it: the line of the name.
    pub line: u32,
    pub lines: Lines,
    /// `push`, `Vec::new`, `format`; nothing of an index.
    pub name: String,
    /// The text of what a method is called on, or what is indexed.
    pub receiver: String,
    /// The variable or field that the receiver begins with: `out`, `self.rows`.
    pub root: Option<String>,
    /// The texts of the arguments.
    pub arguments: Vec<String>,
    /// Every variable in it.
    pub names: Vec<String>,
    pub text: String,
    /// The binding that it is the whole value of.
    pub bound_to: Option<usize>,
    /// The call that it is an argument of, through references and `?`: `push_str` of
    /// `out.push_str(&format!(..))`.
    pub argument_of: Option<String>,
    /// The method that is called on it: `iter` of `x.collect::<Vec<_>>().iter()`.
    pub then: Option<String>,
    pub place: Place,
}

/// A variable: of a `let`, a parameter, or a pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Binding {
    pub name: String,
    pub line: u32,
    pub is_mutable: bool,
    /// A parameter or a `let` of a type that begins with `&mut`.
    pub is_exclusive: bool,
    pub is_parameter: bool,
    /// The text of its type and of its value, where they are written.
    pub kind: Option<String>,
    pub value: Option<String>,
    /// The last line of the block that it lives in.
    pub ends: u32,
    pub place: Place,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Use {
    pub name: String,
    pub line: u32,
    pub kind: UseKind,
    pub place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UseKind {
    /// A method is called on it.
    Receiver(String),
    Shared,
    Exclusive,
    /// Read by an index, a field, an operator or a macro.
    Read,
    Assigned,
    /// `x += 1` and the like.
    Accumulated,
    /// Walked by `for`.
    Walked,
    /// Handed on by value.
    Moved,
}

impl Code {
    /// The calls at a line, as debug information has it.
    pub fn calls_at(&self, line: u32) -> Vec<&Call> {
        let exact: Vec<&Call> = self.calls.iter().filter(|call| call.line == line).collect();
        if !exact.is_empty() {
            return exact;
        }
        let around = self.calls.iter().filter(|call| call.lines.hold(line));
        around
            .min_by_key(|call| call.lines.count())
            .into_iter()
            .collect()
    }

    pub fn call_at(&self, line: u32, wanted: impl Fn(&Call) -> bool) -> Option<&Call> {
        self.calls_at(line).into_iter().find(|call| wanted(call))
    }

    /// The function that a line is in: the innermost.
    pub fn function_at(&self, line: u32) -> Option<&Function> {
        let around = self.functions.iter().filter(|f| f.lines.hold(line));
        around.min_by_key(|function| function.lines.count())
    }

    /// What a name means at a line: the nearest binding above it, in the same function.
    pub fn binding(&self, name: &str, place: &Place, line: u32) -> Option<&Binding> {
        let visible = self.bindings.iter().filter(|binding| {
            binding.name == name
                && binding.place.function == place.function
                && binding.line <= line
                && line <= binding.ends
        });
        visible.max_by_key(|binding| binding.line)
    }

    /// The binding in whose value a call stands: `number` of `let number = Regex::new(..).unwrap();`.
    pub fn binding_around(&self, call: &Call) -> Option<&Binding> {
        let holds = |binding: &&Binding| {
            let value = binding.value.as_ref();
            binding.place == call.place
                && binding.line <= call.line
                && value.is_some_and(|value| value.contains(&call.text))
        };
        self.bindings
            .iter()
            .filter(holds)
            .max_by_key(|binding| binding.line)
    }

    /// The uses of a binding but its own definition.
    pub fn uses_of<'c>(&'c self, binding: &'c Binding) -> impl Iterator<Item = &'c Use> {
        self.uses.iter().filter(move |one| {
            one.name == binding.name
                && one.place.function == binding.place.function
                && (binding.line..=binding.ends).contains(&one.line)
        })
    }

    /// The innermost loop that runs its body again and again at a place.
    pub fn innermost(&self, place: &Place) -> Option<&Loop> {
        place.loops.last().map(|at| &self.loops[*at])
    }

    /// Loops written at a line.
    pub fn is_in_loop(&self, line: u32) -> bool {
        let in_loop = |l: &Loop| l.lines.hold(line) && (line > l.line || l.lines.count() == 0);
        self.loops.iter().any(in_loop)
    }

    /// Whether nothing in the loop changes what the name stands for.
    pub fn is_invariant(&self, name: &str, at: usize, line: u32, place: &Place) -> bool {
        if name.starts_with(|c: char| c.is_ascii_uppercase()) {
            return true;
        }
        let root = name.split('.').next().unwrap_or(name);
        let binding = self.binding(root, place, line);
        if root != "self" && binding.is_none_or(|b| b.is_exclusive || b.place.loops.contains(&at)) {
            return false;
        }
        let changes = self.uses.iter().any(|one| {
            one.name.split('.').next() == Some(root)
                && one.place.loops.contains(&at)
                && one.kind.may_change()
        });
        !changes
    }
}

impl UseKind {
    /// Whether the variable may be another afterwards. A method that is not known may change it.
    pub fn may_change(&self) -> bool {
        match self {
            Self::Receiver(method) => !is_pure(method),
            Self::Exclusive | Self::Assigned | Self::Accumulated | Self::Moved => true,
            Self::Shared | Self::Read | Self::Walked => false,
        }
    }
}

/// Methods of std that leave what they are called on as it is.
pub fn is_pure(method: &str) -> bool {
    const PURE: &[&str] = &[
        "len",
        "is_empty",
        "iter",
        "contains",
        "contains_key",
        "get",
        "first",
        "last",
        "chars",
        "bytes",
        "char_indices",
        "as_str",
        "as_bytes",
        "as_ref",
        "as_slice",
        "as_deref",
        "starts_with",
        "ends_with",
        "to_string",
        "to_owned",
        "to_vec",
        "clone",
        "to_lowercase",
        "to_uppercase",
        "to_ascii_lowercase",
        "to_ascii_uppercase",
        "trim",
        "trim_start",
        "trim_end",
        "split",
        "split_whitespace",
        "lines",
        "find",
        "rfind",
        "replace",
        "replacen",
        "repeat",
        "parse",
        "join",
        "concat",
        "keys",
        "values",
        "abs",
        "min",
        "max",
        "sqrt",
        "powi",
        "powf",
        "sin",
        "cos",
        "ln",
        "exp",
        "windows",
        "chunks",
        "is_some",
        "is_none",
        "eq",
        "ne",
        "cmp",
        "partial_cmp",
        "copied",
        "cloned",
        "unwrap",
        "is_match",
        "borrow",
    ];
    PURE.contains(&method)
}

/// The files of a profile, read when they are asked for.
pub struct Codes<'a> {
    sources: &'a Sources<'a>,
    read: RefCell<HashMap<String, Option<Rc<Code>>>>,
}

impl<'a> Codes<'a> {
    pub fn new(sources: &'a Sources<'a>) -> Self {
        Self {
            sources,
            read: RefCell::default(),
        }
    }

    /// None where the file is not here or is no Rust that we can read.
    pub fn of(&self, path: &str) -> Option<Rc<Code>> {
        let mut known = self.read.borrow_mut();
        let code = known.entry(path.to_owned()).or_insert_with(|| {
            let text = self.sources.text(path)?;
            read(&text).map(Rc::new)
        });
        code.clone()
    }
}

#[cfg(test)]
mod tests;
