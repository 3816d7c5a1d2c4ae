//! What is said of the features of a workspace's dependencies.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;
use pitcrew_core::fix::Applicability;
use pitcrew_core::linked::Difference;
use serde::{Deserialize, Serialize};

use super::behaviour::Alteration;
use super::condition::Why;
use super::entries::{Entry, Texts};
use super::known;
use super::resolve::Wanted;

/// The answer for a workspace.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The entries that ask for more than the workspace needs.
    pub slimmed: Vec<Slimmed>,
    /// Features that code does not name and that stay all the same, with why.
    pub kept: Vec<Kept>,
    /// Bytes of machine code in the programs as they are, by the crate whose source it stands in.
    pub bytes: BTreeMap<String, u64>,
    /// What the workspace names of its dependencies.
    pub used: Vec<Used>,
    /// The manifests as they would be, those that change.
    pub texts: Texts,
    /// How the linked programs differ, all entries together; none where nothing was built.
    pub difference: Option<Difference>,
    /// The commands that succeeded with all changes in place.
    pub verified: Vec<String>,
    /// What could not be done, and why.
    pub notes: Vec<String>,
    /// Builds that it took, in order, with their seconds.
    pub builds: Vec<(String, f64)>,
}

/// What one member names of one dependency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    pub member: String,
    pub package: String,
    pub items: BTreeSet<String>,
    /// Macros, globs or re-exports of it are used: what they stand for has no number.
    pub uncountable: bool,
}

/// One entry that can ask for less.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slimmed {
    pub entry: Entry,
    /// The manifest's path below the workspace root.
    pub path: Utf8PathBuf,
    /// Where the entry stands in it.
    pub line_and_column: Option<(u32, u32)>,
    /// The dependency's package and version.
    pub package: String,
    pub version: String,
    pub wanted: Wanted,
    /// The dependency's own features that are not turned on any more by this entry.
    pub dropped: BTreeSet<String>,
    /// Packages that are not built any more, by all changes together.
    pub packages_gone: Vec<String>,
    pub applicability: Applicability,
    /// Something goes that code can need without naming it, an implementation or a field: only
    /// compiling tells.
    pub takes_unnamed: bool,
    /// Code of the dependency that goes although it stood in the program's way.
    pub altered: Vec<Alteration>,
    /// The part of the difference that is this entry's.
    pub difference: Option<Difference>,
    /// Each feature that is still asked for, with the first reason.
    pub reasons: Vec<(String, Why)>,
}

/// A feature that stays for another reason than that code uses it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Kept {
    /// The dependency's name in the manifest.
    pub dependency: String,
    pub package: String,
    pub feature: String,
    pub why: Why,
}

impl Kept {
    /// Why, in plain words where they are known: `--help` would not work.
    pub fn reason(&self) -> String {
        match known::loss(&self.package, &self.feature) {
            Some(loss) => format!("{loss} ({})", self.why.in_words()),
            None => self.why.in_words(),
        }
    }
}

impl Why {
    /// A clause for people: `tokio::net::TcpStream is used`.
    pub fn in_words(&self) -> String {
        match self {
            Self::Used(path) => format!("{path} is used"),
            Self::MayBeUsed(name) => format!("{name} may be used"),
            Self::Behaviour(verdict, place) => {
                format!(
                    "the program would differ: it {} {place}",
                    verdict.in_words()
                )
            }
            Self::Elsewhere(verdict, place) => {
                let words = verdict.in_words();
                format!("the program could differ on other platforms: it {words} {place}")
            }
            Self::Script(name) => format!("the build script of {name} asks for it"),
            Self::Std => "it only lets the crate use the standard library".to_owned(),
            Self::Refused(message) => format!("the crate refuses to go without it: {message}"),
            Self::Compiler(message) => format!("without it the build fails: {message}"),
            Self::Unread(file) => format!("{file} cannot be read"),
        }
    }
}
