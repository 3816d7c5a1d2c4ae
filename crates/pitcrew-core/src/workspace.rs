//! The workspace a plugin works on, loaded once with `cargo metadata` and then immutable.

use std::collections::HashMap;
use std::sync::OnceLock;

use anyhow::{Context as _, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::{Metadata, Package, PackageId};
use guppy::graph::PackageGraph;

mod lockfile;
mod metadata;
mod select;

/// What to load, in cargo's own terms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// Where cargo is run; relative paths mean relative to here.
    pub cwd: Utf8PathBuf,
    pub manifest_path: Option<Utf8PathBuf>,
    pub features: Vec<String>,
    pub all_features: bool,
    pub no_default_features: bool,
    /// Only dependencies of this target triple.
    pub filter_platform: Option<String>,
    pub locked: bool,
    pub offline: bool,
    pub frozen: bool,
    /// Members only: quick, and needs neither a lockfile nor the network, but has no graph.
    pub no_deps: bool,
    /// `--config` arguments.
    pub config: Vec<String>,
    /// `-p` specs, globs included.
    pub packages: Vec<String>,
    pub workspace: bool,
    pub exclude: Vec<String>,
    /// Ask rustc for its version directly: the user's wrapper may be what is broken.
    pub no_wrapper: bool,
}

/// A loaded workspace.
#[derive(Debug)]
pub struct Workspace {
    pub root: Utf8PathBuf,
    pub target_dir: Utf8PathBuf,
    /// Where intermediate artifacts go, where cargo tells (1.91 and later).
    pub build_dir: Option<Utf8PathBuf>,
    pub metadata: Metadata,
    /// The members that the command line, or its absence, selects.
    pub selected: Vec<PackageId>,
    /// What the selection ignored, for stderr: an `--exclude` that matches nothing.
    pub warnings: Vec<String>,
    /// Where each package stands in the metadata.
    by_id: HashMap<PackageId, usize>,
    json: String,
    graph: OnceLock<PackageGraph>,
}

/// Runs `cargo metadata` and selects packages as cargo does. Nothing in the user's tree is changed:
/// where cargo has to write `Cargo.lock`, what was there before is put back.
pub fn load(options: &LoadOptions) -> Result<Workspace> {
    let json = metadata::run(options)?;
    let metadata: Metadata =
        serde_json::from_str(&json).context("cannot read the output of `cargo metadata`")?;
    let selection = select::select(&metadata, options)?;
    let ids = metadata.packages.iter().map(|package| package.id.clone());
    let by_id = ids.zip(0..).collect();
    Ok(Workspace {
        root: metadata.workspace_root.clone(),
        target_dir: metadata.target_directory.clone(),
        build_dir: metadata.build_directory.clone(),
        selected: selection.members,
        warnings: selection.warnings,
        metadata,
        by_id,
        json,
        graph: OnceLock::new(),
    })
}

/// The directory the process runs in.
pub fn current_dir() -> Result<Utf8PathBuf> {
    let dir = std::env::current_dir().context("cannot tell the current directory")?;
    Utf8PathBuf::from_path_buf(dir).map_err(|dir| {
        anyhow::anyhow!(
            "the current directory `{}` is not valid UTF-8; cargo cannot describe such a \
             workspace: rename the directory",
            dir.display()
        )
    })
}

impl Workspace {
    /// The dependency graph, built when first asked for.
    pub fn graph(&self) -> Result<&PackageGraph> {
        if let Some(graph) = self.graph.get() {
            return Ok(graph);
        }
        if self.metadata.resolve.is_none() {
            bail!("the workspace was loaded without its dependencies");
        }
        let graph =
            PackageGraph::from_json(&self.json).context("cannot build the dependency graph")?;
        Ok(self.graph.get_or_init(|| graph))
    }

    /// The members, in cargo's order.
    pub fn members(&self) -> impl Iterator<Item = &Package> {
        self.metadata
            .workspace_members
            .iter()
            .filter_map(|id| self.package(id))
    }

    /// The selected members, in cargo's order.
    pub fn selected_members(&self) -> impl Iterator<Item = &Package> {
        self.selected.iter().filter_map(|id| self.package(id))
    }

    pub fn package(&self, id: &PackageId) -> Option<&Package> {
        self.metadata.packages.get(*self.by_id.get(id)?)
    }

    pub fn is_member(&self, id: &PackageId) -> bool {
        self.metadata.workspace_members.contains(id)
    }

    /// The member whose directory holds `path`: the innermost, as members may be nested.
    pub fn member_of(&self, path: &Utf8Path) -> Option<&Package> {
        let path = self.root.join(path);
        self.members()
            .filter_map(|member| Some((member.manifest_path.parent()?, member)))
            .filter(|(dir, _)| path.starts_with(dir))
            .max_by_key(|(dir, _)| dir.components().count())
            .map(|(_, member)| member)
    }

    /// `path` relative to the root, with `/` on every platform; a path outside the root is given
    /// back as it is.
    pub fn relative(&self, path: &Utf8Path) -> Utf8PathBuf {
        match path.strip_prefix(&self.root) {
            Ok(inside) => {
                let names: Vec<&str> = inside.components().map(|c| c.as_str()).collect();
                names.join("/").into()
            }
            Err(_) => path.to_owned(),
        }
    }

    pub fn root_manifest(&self) -> Utf8PathBuf {
        self.root.join("Cargo.toml")
    }
}

#[cfg(test)]
mod tests;
