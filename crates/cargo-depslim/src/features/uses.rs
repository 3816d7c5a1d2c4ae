//! What the workspace's code uses of each crate, as a scan of its sources finds it.

use std::collections::{BTreeMap, BTreeSet};

/// What one stretch of code uses of one crate. Paths begin below the crate: `["net", "TcpStream"]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsedItems {
    /// Named in code or by `use`.
    pub paths: BTreeSet<Vec<String>>,
    /// Called as `name!`, `#[name]` or `#[derive(name)]`.
    pub macros: BTreeSet<Vec<String>>,
    /// `use x::y::*`: the module. Any name of the code may come from there.
    pub globs: BTreeSet<Vec<String>>,
    /// `pub use x` or `pub use x::*`: whoever depends on this package may use all of it.
    pub whole: bool,
}

/// What code uses, of all crates together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Code {
    /// By the name that the code has for the crate.
    pub crates: BTreeMap<String, UsedItems>,
    /// Every method that is called, whatever its receiver; names in the attributes of derives are
    /// among them, as derives make calls of them.
    pub methods: BTreeSet<String>,
    /// Every identifier.
    pub names: BTreeSet<String>,
    /// What of these stands in code that a feature of the workspace's own lets in or keeps out.
    pub gated: Gated,
}

/// Code that no build of one set of features tells all of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gated {
    pub methods: BTreeSet<String>,
    pub names: BTreeSet<String>,
}

/// Which code of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Its library and programs.
    Normal,
    /// Tests, examples and benches.
    Dev,
    /// Code blocks of the documentation, which see what tests see.
    Doc,
    /// Its build script.
    Build,
}

/// The code of the workspace by package, as the graph numbers them, and role.
pub type Uses = BTreeMap<(usize, Role), Code>;

impl Code {
    pub fn of(&mut self, krate: &str) -> &mut UsedItems {
        self.crates.entry(krate.to_owned()).or_default()
    }
}
