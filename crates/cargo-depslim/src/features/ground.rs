//! What the search starts from: the graph, the manifests and the sources, before anything is built.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::Metadata;

use super::condition::Setting;
use super::entries::{self, Entry, Texts};
use super::extract;
use super::graph::{Graph, Host};
use super::request::Roots;
use super::resolve::Root;
use super::study::Study;
use super::uses::Uses;
use crate::gates::Library;
use crate::gates::cfg::Platform;

/// All that is read, and nothing that is found out.
pub struct Ground<'a> {
    pub metadata: &'a Metadata,
    pub graph: Graph,
    pub(super) texts: Texts,
    library: Library,
    entries: Vec<Entry>,
    setting: Setting,
    roots: Vec<Root>,
}

/// What the sources say.
pub struct Reading<'g> {
    /// What the workspace's code uses.
    pub uses: Uses,
    /// With what each entry must keep for it.
    pub study: Study<'g>,
}

impl<'a> Ground<'a> {
    /// Of the workspace, built for the platform of which `rustc --print cfg` prints this. Fails where
    /// a manifest cannot be read.
    pub fn new(
        metadata: &'a Metadata,
        triple: &str,
        printed_cfg: &str,
        roots: &Roots,
    ) -> Result<Self> {
        let host = Host::parse(triple, printed_cfg);
        let graph = Graph::new(metadata, &host, super::uses_first_resolver(metadata));
        let library = Library::new(graph.sources());
        let texts = manifests(&graph, &metadata.workspace_root)?;
        let root = metadata.workspace_root.join("Cargo.toml");
        let entries = entries::read(&graph, &root, &texts);
        let roots = roots.resolve(&graph);
        Ok(Self {
            metadata,
            graph,
            texts,
            library,
            entries,
            setting: Setting {
                platform: Platform::parse(printed_cfg),
                flags: None,
            },
            roots,
        })
    }

    /// Reads the sources of the workspace and of its dependencies: seconds, which may well be those
    /// in which the project is built.
    pub fn read(&self) -> Reading<'_> {
        let uses = extract::uses(self.metadata, &self.graph);
        let mut study = Study::new(
            &self.graph,
            &self.library,
            &self.entries,
            self.setting.clone(),
            &self.roots,
        );
        study.gather(&uses);
        Reading { uses, study }
    }
}

fn manifests(graph: &Graph, root: &Utf8Path) -> Result<Texts> {
    let members = graph.members.iter();
    let mut paths: BTreeSet<Utf8PathBuf> = members
        .map(|member| graph.packages[*member].folder.join("Cargo.toml"))
        .collect();
    paths.insert(root.join("Cargo.toml"));
    let read = |path: Utf8PathBuf| {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        Ok((path, text))
    };
    paths.into_iter().map(read).collect()
}
