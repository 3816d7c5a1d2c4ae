//! Packages that stand in the lockfile in more than one version, as data.

use serde::{Deserialize, Serialize};

use crate::costs::Costs;

/// A package in several versions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duplicate {
    pub name: String,
    /// Oldest first.
    pub versions: Vec<Version>,
}

impl Duplicate {
    /// The versions that are built here: as was recorded, or as the manifests on the way tell.
    pub fn here<'a>(&'a self, costs: Option<&'a Costs>) -> impl Iterator<Item = &'a Version> {
        self.versions.iter().filter(move |version| match costs {
            Some(costs) => costs.of(&self.name, &version.version).is_some(),
            None => !version.elsewhere,
        })
    }
}

/// One of its versions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    pub version: String,
    /// No edge that this platform follows leads to it.
    pub elsewhere: bool,
    /// The shortest ways from members to it, each package as `name version`, the member first.
    pub chains: Vec<Vec<String>>,
    /// What takes it out, where that was tried.
    pub merge: Option<Merge>,
}

/// What takes a version out of the lockfile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Merge {
    /// Updates within what the manifests allow, as commands.
    Update {
        commands: Vec<String>,
        /// What succeeded after them, and after those of the other duplicates; none where nothing
        /// was built or something failed.
        verified: Option<String>,
    },
    /// A direct dependency in a version that its requirement does not allow.
    Bump {
        /// Its key in the manifests.
        key: String,
        from: String,
        to: String,
    },
    /// Neither: a package on the way has no release that does without.
    Upstream,
}

/// The name of a package `name version`.
pub fn name_of(package: &str) -> &str {
    package.split_once(' ').map_or(package, |(name, _)| name)
}
