//! What is asked of the search for minimal features.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;
use pitcrew_core::fix::Applicability;

use super::entries::Texts;
use super::graph::Graph;
use super::resolve::Root;
use crate::gates::cfg::Flags;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// Conditions in RUSTFLAGS.
    pub flags: Flags,
    /// Manifests that differ from those on disk: what else is to change stands in them.
    pub base: Texts,
    /// Entries that are not looked at, by their manifest and keys.
    pub left: BTreeSet<(Utf8PathBuf, Vec<String>)>,
    /// The least that a change may be graded: with `MachineApplicable`, code that only serves what
    /// nothing uses stays, too.
    pub accept: Applicability,
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
