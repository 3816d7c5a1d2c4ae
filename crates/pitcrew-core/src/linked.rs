//! Linked programs compared function by function, by demangled name and size: what a change of
//! dependencies or features really takes out of an executable, adds to it, or replaces in it.
//!
//! Names are folded first: hashes, crate disambiguators, generic arguments and the numbers of
//! closures differ between two builds of the same code, and say nothing of what a program does.

mod archive;
mod name;
mod read;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use archive::reachable;
pub use name::{Folded, fold};
pub use read::{parse, read};

use crate::finding::Evidence;

/// Why the functions of a file cannot be told.
#[derive(Debug, Error)]
pub enum LinkedError {
    #[error("cannot read {path}")]
    Read {
        path: Utf8PathBuf,
        source: std::io::Error,
    },
    #[error("{path} is no executable that can be read: {reason}")]
    Malformed { path: Utf8PathBuf, reason: String },
    #[error(
        "{path} holds no names of Rust functions: it is stripped, or its names are in a file of \
         their own; build it with `strip = \"none\"`"
    )]
    Stripped { path: Utf8PathBuf },
}

/// The functions of a linked program by their folded names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Program {
    pub functions: BTreeMap<String, Function>,
}

/// All instances of what the source has as one function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Function {
    /// The crate whose source it stands in; empty where the name does not tell, as with C.
    pub origin: String,
    /// Bytes of each instance, smallest first.
    pub sizes: Vec<u64>,
}

impl Function {
    pub fn bytes(&self) -> u64 {
        self.sizes.iter().sum()
    }
}

impl Program {
    /// Counts an instance of a function.
    pub fn add(&mut self, folded: Folded, size: u64) {
        let function = self.functions.entry(folded.name).or_default();
        function.origin = folded.origin;
        let at = function.sizes.partition_point(|have| *have <= size);
        function.sizes.insert(at, size);
    }

    pub fn bytes(&self) -> u64 {
        self.functions.values().map(Function::bytes).sum()
    }
}

/// One function that differs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Change {
    pub name: String,
    pub origin: String,
    /// Bytes of all its instances.
    pub before: u64,
    pub after: u64,
}

/// What differs between two programs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// No instance is left.
    pub removed: Vec<Change>,
    pub added: Vec<Change>,
    /// There is an instance of a size that was not there: its body, or a type it works on, changed.
    pub resized: Vec<Change>,
    /// Functions that only lost or gained instances for other types.
    pub instances: Vec<Change>,
}

/// Compares two builds of one program.
pub fn compare(before: &Program, after: &Program) -> Difference {
    let mut difference = Difference::default();
    let names: BTreeSet<&String> = before
        .functions
        .keys()
        .chain(after.functions.keys())
        .collect();
    for name in names {
        let (old, new) = (before.functions.get(name), after.functions.get(name));
        let change = Change {
            name: name.clone(),
            origin: old.or(new).map_or_else(String::new, |f| f.origin.clone()),
            before: old.map_or(0, Function::bytes),
            after: new.map_or(0, Function::bytes),
        };
        match (old, new) {
            (Some(_), None) => difference.removed.push(change),
            (None, Some(_)) => difference.added.push(change),
            (Some(old), Some(new)) if old.sizes == new.sizes => {}
            (Some(old), Some(new)) if holds(&old.sizes, &new.sizes) => {
                difference.instances.push(change);
            }
            (Some(old), Some(new)) if holds(&new.sizes, &old.sizes) => {
                difference.instances.push(change);
            }
            _ => difference.resized.push(change),
        }
    }
    difference
}

/// Whether each of `part`, both sorted, stands in `whole`.
fn holds(whole: &[u64], part: &[u64]) -> bool {
    let mut rest = whole.iter();
    part.iter()
        .all(|size| rest.by_ref().any(|have| have == size))
}

impl Difference {
    /// Function by function the same program.
    pub fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.is_only_less() && self.instances.is_empty()
    }

    /// Nothing that stays was touched and nothing is new: what went, nobody that stays called.
    pub fn is_only_less(&self) -> bool {
        let grown = self.instances.iter().any(|c| c.after > c.before);
        self.added.is_empty() && self.resized.is_empty() && !grown
    }

    /// Takes in what differs in another program of the same workspace; a function that several
    /// programs lose counts once.
    pub fn merge(&mut self, other: Self) {
        for (own, others) in [
            (&mut self.removed, other.removed),
            (&mut self.added, other.added),
            (&mut self.resized, other.resized),
            (&mut self.instances, other.instances),
        ] {
            own.extend(others);
            own.sort();
            own.dedup_by(|a, b| a.name == b.name);
        }
    }

    /// The counts, as a finding shows them.
    pub fn evidence(&self) -> Evidence {
        let count = |changes: &[Change]| u32::try_from(changes.len()).unwrap_or(u32::MAX);
        Evidence::LinkedCode {
            removed: count(&self.removed),
            added: count(&self.added),
            resized: count(&self.resized),
        }
    }

    /// Bytes of machine code that the program no longer has; negative where it grew.
    pub fn saved_bytes(&self) -> i64 {
        let all = [&self.removed, &self.added, &self.resized, &self.instances];
        let changes = all.into_iter().flatten();
        changes
            .map(|change| {
                let signed = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
                signed(change.before) - signed(change.after)
            })
            .fold(0, i64::saturating_add)
    }

    /// The parts of `changes` that weigh most, as places (`tokio::process`, `parking_lot`), at most
    /// `most` of them, with how many functions each stands for.
    pub fn places(changes: &[Change], most: usize) -> Vec<(String, usize)> {
        let mut places: BTreeMap<String, (usize, u64)> = BTreeMap::new();
        for change in changes {
            let place = name::module_of(&change.name);
            let entry = places.entry(place).or_default();
            entry.0 += 1;
            entry.1 += change.before.max(change.after);
        }
        let mut sorted: Vec<(String, (usize, u64))> = places.into_iter().collect();
        sorted.sort_by(|a, b| b.1.1.cmp(&a.1.1).then_with(|| a.0.cmp(&b.0)));
        sorted.truncate(most);
        sorted
            .into_iter()
            .map(|(place, (count, _))| (place, count))
            .collect()
    }
}
