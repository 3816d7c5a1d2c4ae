//! Which parts of the disk a workspace's build reads, and where each lies in the copy. All keep their
//! place relative to each other, so that `../other` still leads there.

use std::fs;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

use super::git::Repository;
use super::{anchor, tree};

pub(super) struct Mirror {
    /// The directory that holds everything that is copied.
    pub(super) base: Utf8PathBuf,
    pub(super) to: Utf8PathBuf,
    /// Copied whole; none lies in another.
    pub(super) trees: Vec<Utf8PathBuf>,
    /// Single files above or beside the trees.
    files: Vec<Utf8PathBuf>,
    /// Cargo configuration of the root and the directories above.
    configs: Vec<Utf8PathBuf>,
    pub(super) repository: Option<Repository>,
}

impl Mirror {
    pub(super) fn new(root: &Utf8Path, outside: &[Utf8PathBuf], to: &Utf8Path) -> Self {
        let mut trees = vec![root.to_owned()];
        let mut files = toolchain_files(root);
        for dependency in outside {
            trees.push(dependency.clone());
            inherited_from(dependency, &mut trees, &mut files);
        }
        let trees = outermost(trees);
        let configs = configs(root);
        let repository = Repository::of(root);
        let places = trees
            .iter()
            .map(Utf8PathBuf::as_path)
            .chain(files.iter().filter_map(|file| file.parent()))
            .chain(configs.iter().filter_map(|file| file.parent()?.parent()))
            .chain(repository.iter().map(|r| r.work_tree.as_path()));
        Self {
            base: common_ancestor(root, places),
            to: to.to_owned(),
            trees,
            files,
            configs,
            repository,
        }
    }

    pub(super) fn holds(&self, path: &Utf8Path) -> bool {
        self.trees.iter().any(|tree| path.starts_with(tree))
    }

    pub(super) fn place(&self, path: &Utf8Path) -> Utf8PathBuf {
        match path.strip_prefix(&self.base) {
            Ok(rest) => self.to.join(rest),
            // On another drive: nothing relative leads there.
            Err(_) => path.to_owned(),
        }
    }

    /// Copies what lies outside the trees, and makes paths in the configuration that lead out of
    /// the copy absolute.
    pub(super) fn copy_surroundings(&self) -> Result<()> {
        for file in self.files.iter().filter(|file| !self.holds(file)) {
            let to = self.place(file);
            make_parent(&to)?;
            tree::copy_file(file.as_ref(), to.as_ref())
                .with_context(|| format!("cannot copy {file} to {to}"))?;
        }
        for config in &self.configs {
            let Ok(text) = fs::read_to_string(config) else {
                // Cargo will name the trouble better.
                continue;
            };
            let anchored = anchor::anchor(&text, config, &|path| self.holds(path));
            if anchored.is_none() && self.holds(config) {
                continue;
            }
            let to = self.place(config);
            make_parent(&to)?;
            fs::write(&to, anchored.unwrap_or(text))
                .with_context(|| format!("cannot write {to}"))?;
        }
        Ok(())
    }
}

fn make_parent(file: &Utf8Path) -> Result<()> {
    let dir = file.parent().unwrap_or(file);
    fs::create_dir_all(dir).with_context(|| format!("cannot make {dir}"))
}

/// rustup looks for these from the current directory upwards.
fn toolchain_files(root: &Utf8Path) -> Vec<Utf8PathBuf> {
    let names = ["rust-toolchain.toml", "rust-toolchain"];
    let above = root.ancestors().skip(1);
    let candidates = above.flat_map(|dir| names.map(|name| dir.join(name)));
    candidates.filter(|file| file.is_file()).collect()
}

/// Cargo reads configuration from the current directory upwards; that in its own home it reads
/// wherever it runs.
fn configs(root: &Utf8Path) -> Vec<Utf8PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(std::path::PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    root.ancestors()
        .map(|dir| dir.join(".cargo"))
        .filter(|dir| home.as_deref() != Some(dir.as_std_path()))
        .flat_map(|dir| ["config.toml", "config"].map(|name| dir.join(name)))
        .filter(|file| file.is_file())
        .collect()
}

/// A path dependency may inherit from a workspace of its own. Of a virtual one its manifest is
/// enough; one that is a package itself must be whole to be read.
fn inherited_from(
    dependency: &Utf8Path,
    trees: &mut Vec<Utf8PathBuf>,
    files: &mut Vec<Utf8PathBuf>,
) {
    for dir in dependency.ancestors() {
        let manifest = dir.join("Cargo.toml");
        let Some(document) = fs::read_to_string(&manifest)
            .ok()
            .and_then(|text| text.parse::<toml_edit::DocumentMut>().ok())
        else {
            continue;
        };
        if document.contains_key("workspace") {
            if document.contains_key("package") {
                trees.push(dir.to_owned());
            } else {
                files.push(manifest);
            }
            return;
        }
    }
}

/// Drops trees that lie in another.
fn outermost(mut trees: Vec<Utf8PathBuf>) -> Vec<Utf8PathBuf> {
    trees.sort();
    trees.dedup();
    let all = trees.clone();
    trees.retain(|tree| {
        let inside = |other: &Utf8PathBuf| tree != other && tree.starts_with(other);
        !all.iter().any(inside)
    });
    trees
}

fn common_ancestor<'a>(root: &Utf8Path, places: impl Iterator<Item = &'a Utf8Path>) -> Utf8PathBuf {
    let mut base = root.to_owned();
    for place in places {
        let shared = base.ancestors().find(|dir| place.starts_with(dir));
        // None: another drive, which `place` leaves alone.
        if let Some(shared) = shared {
            base = shared.to_owned();
        }
    }
    base
}
