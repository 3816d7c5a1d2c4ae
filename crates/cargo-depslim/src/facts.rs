//! What the rules judge: plain data about the members' manifests, where each dependency is used, and
//! what the compiler said of it. Rules see nothing else.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;
use pitcrew_core::finding::Location;
use serde::{Deserialize, Serialize};

use crate::costs::Costs;
use crate::duplicates::Duplicate;
use crate::features::Outcome;

/// Everything a rule may look at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// The workspace's folder.
    pub root: Utf8PathBuf,
    /// The root manifest's text.
    pub root_manifest: String,
    /// All members, in cargo's order.
    pub members: Vec<Member>,
    /// `[workspace.dependencies]`
    pub shared: Vec<SharedDependency>,
    /// What the compiler said; none where nothing was compiled.
    pub compiled: Option<Compiled>,
    /// What was found of the features of dependencies; none where nothing was built for it.
    pub features: Option<Outcome>,
    /// What packages cost; none where nothing was compiled.
    pub costs: Option<Costs>,
    pub duplicates: Vec<Duplicate>,
}

/// A member of the workspace.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Member {
    pub name: String,
    pub edition: String,
    /// The oldest Rust that it must build with, as major and minor version.
    pub rust_version: Option<(u64, u64)>,
    /// Whether others may depend on it: it can be published.
    pub published: bool,
    /// Relative to the workspace root: `crates/a/Cargo.toml`.
    pub manifest_path: Utf8PathBuf,
    pub manifest: String,
    /// Whether the command line means this one.
    pub selected: bool,
    /// A crate that cargo-hakari writes: what it depends on is there for its features.
    pub is_hack: bool,
    pub dependencies: Vec<Dependency>,
    /// `[features]`, as written.
    pub features: BTreeMap<String, Vec<String>>,
    /// Its features that are named outside of its own `[features]`: by other members, by sources, by
    /// `required-features`, by metadata.
    pub named_features: BTreeSet<String>,
    pub targets: Vec<Target>,
    pub sources: SourceFacts,
}

/// What the sources of a member say beside its uses.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SourceFacts {
    /// Code blocks in its documentation that rustdoc compiles.
    pub doctests: u32,
    /// Features that gate a macro, an attribute or an included file: what the gated code names is
    /// not all in its text.
    pub opaque_features: BTreeSet<String>,
    /// Files that could not be read or split into tokens; they count as naming everything that
    /// their bytes contain.
    pub unreadable: Vec<Utf8PathBuf>,
    /// Code blocks that rustdoc would compile, whether or not cargo has it do so.
    pub code_blocks: u32,
    /// `#[test]`s of the library, and whether there may be others that a macro makes.
    pub tests: u32,
    pub may_test: bool,
    /// Files that hold nothing, relative to the workspace root.
    pub empty: Vec<Utf8PathBuf>,
    /// Files below `src` that no target reaches.
    pub unlinked: Vec<Utf8PathBuf>,
}

/// A target of a member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    pub name: String,
    pub kind: TargetKind,
    /// Relative to the workspace root.
    pub src_path: Utf8PathBuf,
    pub required_features: Vec<String>,
    /// Whether cargo runs its documentation tests.
    pub doctest: bool,
    /// Whether cargo runs its tests.
    pub test: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TargetKind {
    #[default]
    Library,
    Binary,
    Example,
    Test,
    Bench,
    BuildScript,
}

/// An entry of a dependency table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dependency {
    /// Its name in the table.
    pub key: String,
    pub table: Table,
    /// The package, where it is not the key.
    pub package: String,
    /// The names that sources call it by; one but for odd cases.
    pub names: Vec<String>,
    pub library: Library,
    pub optional: bool,
    pub default_features: bool,
    pub features: Vec<String>,
    /// The version requirement, where one is written.
    pub requirement: Option<String>,
    /// `workspace = true`
    pub inherited: bool,
    /// Wherever its names are used, also where this kind of table serves nothing.
    pub uses: Vec<Use>,
    /// Why it is not judged, if it is not.
    pub kept: Option<Kept>,
    /// It asks for features of a package that another dependency of the member brings too: it may be
    /// there for these.
    pub brought_by_others: bool,
    /// What is used of it that std does not offer; empty where all is offered, or nobody knows.
    pub beyond_std: BTreeSet<String>,
    pub location: Option<Location>,
}

/// The table that an entry stands in.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Table {
    pub kind: Kind,
    /// `cfg(unix)` or a triple.
    pub target: Option<String>,
    /// The keys that lead to it, as the manifest spells them.
    pub path: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    #[default]
    Normal,
    Development,
    Build,
}

/// What the dependency's own manifest says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Library {
    /// Its folder, where it is at hand.
    pub folder: Option<Utf8PathBuf>,
    /// The name was not read but made from the package's.
    pub assumed: bool,
    pub proc_macro: bool,
    /// `package.links`
    pub links: Option<String>,
    /// It has no library that Rust code could name: nothing can be said of its use.
    pub unnameable: bool,
}

/// Why a dependency is not judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// Its table holds on no platform: a pin.
    Pin,
    /// cargo-hakari's crate.
    Hack,
    /// The package itself, for its features in tests.
    Itself,
    /// Another tool's ignore list, by the tool's name.
    Ignored { by: String },
    /// No library to name.
    Unnameable,
    /// `links` hands values to this package's build script, or paths to its linker.
    Links { name: String },
}

/// A place where a dependency is used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    pub place: Place,
    pub how: How,
    pub condition: Condition,
    /// Relative to the workspace root.
    pub path: Utf8PathBuf,
    pub line: u32,
}

/// What kind of code uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Place {
    Library,
    Binary,
    BuildScript,
    /// `#[cfg(test)]` code of the library or a binary.
    UnitTest,
    Test,
    Bench,
    Example,
    Doctest,
    /// A link in documentation.
    DocLink,
    /// A file in `tests`, `examples` or `benches` that no target reaches: what tests of compilation
    /// read.
    Loose,
}

/// How it is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// A path, an import, an `extern crate`.
    Path,
    /// A string that holds a path: in an attribute, a macro's arguments, a build script.
    Text,
    /// The sources of a macro or of a code generator that the package uses name it in what they
    /// produce.
    Expansion,
    /// The file could not be read as Rust; its bytes hold the name.
    Bytes,
}

/// Under which `cfg` it stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    #[default]
    Always,
    /// A `cfg`, or a macro that may drop it: the build at hand need not see it.
    Sometimes,
}

/// An entry of `[workspace.dependencies]`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SharedDependency {
    pub key: String,
    pub package: String,
    /// The members that inherit it, as indices.
    pub inherited_by: Vec<usize>,
    /// Why it is not judged, if it is not.
    pub kept: Option<Kept>,
    pub location: Option<Location>,
}

/// What one build of all targets told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Compiled {
    /// As the user would type it.
    pub command: String,
    pub units: Vec<CompiledUnit>,
    /// Targets that do not compile as they are, by member and name.
    pub failed: BTreeSet<(usize, String)>,
}

/// One compilation of a target of a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompiledUnit {
    /// Index of the member.
    pub member: usize,
    pub target: String,
    pub kind: TargetKind,
    pub place: Place,
    /// The crates that cargo handed to it, by the names that it sees them under.
    pub passed: BTreeSet<String>,
    /// Those of them that rustc says are unused.
    pub unused: BTreeSet<String>,
}

impl Place {
    /// Whether only a build of tests, examples, benches or documentation sees such code.
    pub fn is_development(self) -> bool {
        matches!(
            self,
            Self::UnitTest | Self::Test | Self::Bench | Self::Example | Self::Doctest | Self::Loose
        )
    }

    /// The kinds of targets that hold such code; none where no target does.
    fn target(self) -> Option<&'static [TargetKind]> {
        Some(match self {
            Self::Library => &[TargetKind::Library],
            Self::Binary => &[TargetKind::Binary],
            Self::BuildScript => &[TargetKind::BuildScript],
            Self::UnitTest => &[TargetKind::Library, TargetKind::Binary],
            Self::Test => &[TargetKind::Test],
            Self::Bench => &[TargetKind::Bench],
            Self::Example => &[TargetKind::Example],
            Self::Doctest | Self::DocLink | Self::Loose => return None,
        })
    }

    /// In words: `tests`, `the library`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Library => "the library",
            Self::Binary => "a binary",
            Self::BuildScript => "the build script",
            Self::UnitTest => "unit tests",
            Self::Test => "tests",
            Self::Bench => "benches",
            Self::Example => "examples",
            Self::Doctest => "documentation tests",
            Self::DocLink => "links in documentation",
            Self::Loose => "files that tests read",
        }
    }
}

impl Kind {
    /// Whether code at `place` sees dependencies of this kind.
    pub fn serves(self, place: Place) -> bool {
        match self {
            Self::Normal => place != Place::BuildScript,
            Self::Development => place.is_development(),
            Self::Build => place == Place::BuildScript,
        }
    }

    /// The table's usual name.
    pub fn table(self) -> &'static str {
        match self {
            Self::Normal => "dependencies",
            Self::Development => "dev-dependencies",
            Self::Build => "build-dependencies",
        }
    }
}

impl Dependency {
    /// The uses that its table serves. A development dependency also serves code of the library
    /// under a `cfg`, for that may be one of tests.
    pub fn served(&self) -> impl Iterator<Item = &Use> {
        let kind = self.table.kind;
        self.uses.iter().filter(move |found| {
            kind.serves(found.place)
                || (kind == Kind::Development
                    && found.condition == Condition::Sometimes
                    && Kind::Normal.serves(found.place))
        })
    }

    /// The keys that lead to it.
    pub fn path(&self) -> Vec<&str> {
        let table = self.table.path.iter().map(String::as_str);
        table.chain([self.key.as_str()]).collect()
    }
}

/// What the compiler says of a dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing that was compiled had it at hand: another platform's, or switched off.
    Unknown,
    Unused,
    /// By code at these places.
    Used(BTreeSet<Place>),
}

impl Compiled {
    /// What all units of the member say together.
    pub fn verdict(&self, member: usize, dependency: &Dependency) -> Verdict {
        let has = |names: &BTreeSet<String>| dependency.names.iter().any(|n| names.contains(n));
        let units = self.units.iter().filter(|unit| {
            unit.member == member && dependency.table.kind.serves(unit.place) && has(&unit.passed)
        });
        let units: Vec<_> = units.collect();
        if units.is_empty() {
            return Verdict::Unknown;
        }
        let users = units.iter().filter(|unit| !has(&unit.unused));
        let places: BTreeSet<Place> = users.map(|unit| unit.place).collect();
        if places.is_empty() {
            Verdict::Unused
        } else {
            Verdict::Used(places)
        }
    }

    /// The uses that the compiler cannot have seen: under a `cfg`, in documentation, in files that
    /// tests read, in targets that were not compiled.
    pub fn unseen<'a>(
        &'a self,
        member: usize,
        targets: &'a [Target],
        dependency: &'a Dependency,
    ) -> impl Iterator<Item = &'a Use> {
        let missing: BTreeSet<TargetKind> = targets
            .iter()
            .filter(|target| {
                let mut units = self.units.iter();
                !units.any(|unit| {
                    (unit.member, unit.kind, &unit.target) == (member, target.kind, &target.name)
                })
            })
            .map(|target| target.kind)
            .collect();
        dependency.served().filter(move |found| {
            found.condition == Condition::Sometimes
                || match found.place.target() {
                    Some(kinds) => kinds.iter().any(|kind| missing.contains(kind)),
                    None => true,
                }
        })
    }
}

impl Member {
    /// Its folder, relative to the workspace root.
    pub fn folder(&self) -> Utf8PathBuf {
        self.manifest_path
            .parent()
            .map(Utf8PathBuf::from)
            .unwrap_or_default()
    }
}
