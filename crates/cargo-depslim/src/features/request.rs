//! What is asked of the search for minimal features.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;
use cargo_metadata::Metadata;
use pitcrew_core::fix::Applicability;

use super::entries::Texts;
use super::graph::Graph;
use super::resolve::Root;
use super::trial;
use super::uses::Uses;
use crate::gates::cfg::Flags;

/// What is asked.
pub struct Request<'a> {
    pub metadata: &'a Metadata,
    /// The platform that is built for.
    pub triple: String,
    /// What `rustc --print cfg` prints for it.
    pub printed_cfg: String,
    /// Conditions in RUSTFLAGS.
    pub flags: Flags,
    /// What the workspace's code uses.
    pub uses: &'a Uses,
    /// Manifests that differ from those on disk: what else is to change stands in them.
    pub base: Texts,
    /// Entries that are not looked at, by their manifest and keys.
    pub left: BTreeSet<(Utf8PathBuf, Vec<String>)>,
    /// The packages that are built, with their features.
    pub roots: Roots,
    pub trial: trial::Settings,
    /// Build, or only read.
    pub build: bool,
    /// The least that a change may be graded: with `MachineApplicable`, code that only serves what
    /// nothing uses stays, too.
    pub accept: Applicability,
    /// Compile the examples of the documentation too, where a changed dependency stands in one.
    pub doctests: bool,
}

/// What the command line selects.
#[derive(Debug, Clone, Default)]
pub struct Roots {
    /// By id; none selects all members.
    pub packages: Vec<String>,
    pub features: Vec<String>,
    pub all_features: bool,
    pub no_default_features: bool,
}

impl Roots {
    pub(super) fn resolve(&self, graph: &Graph) -> Vec<Root> {
        let selected = graph.members.iter().filter(|member| {
            self.packages.is_empty() || self.packages.contains(&graph.packages[**member].id)
        });
        let root = |member: &usize| {
            let own = &graph.packages[*member].features;
            let features = if self.all_features {
                own.keys().cloned().collect()
            } else {
                self.features.clone()
            };
            Root {
                package: *member,
                features,
                default_features: !self.no_default_features,
                dev: true,
            }
        };
        selected.map(root).collect()
    }
}
