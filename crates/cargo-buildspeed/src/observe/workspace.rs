//! The workspace as far as build speed is concerned: members, targets, the resolver in force and
//! packages that are built twice. Reads `cargo metadata`'s answer and the manifests.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::semver::Version;
use cargo_metadata::{Metadata, Package, Target};
use pitcrew_core::recording::Recording;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use toml_edit::Document;

use crate::facts::{Duplicate, Member, TargetFacts, WorkspaceFacts};

/// The facts that need no configuration. A recording tells which of the locked packages are built.
pub fn facts(metadata: &Metadata, recording: Option<&Recording>) -> WorkspaceFacts {
    let root = &metadata.workspace_root;
    let root_manifest = read(&root.join("Cargo.toml"));
    let parsed = Document::parse(root_manifest.as_str()).ok();
    let is_virtual = parsed
        .as_ref()
        .is_some_and(|manifest| !manifest.contains_key("package"));
    let resolver_key = parsed.as_ref().and_then(resolver_key);
    let root_edition = metadata.root_package().map(|p| p.edition.as_str());
    WorkspaceFacts {
        root: root.clone(),
        is_virtual,
        resolver: resolver(resolver_key.as_deref(), root_edition),
        resolver_key,
        members: members(metadata),
        duplicates: duplicates(metadata, recording),
        target_dir: metadata.target_directory.clone(),
        ide: Vec::new(),
        root_manifest,
    }
}

/// `path` relative to `root`, with `/` on every platform; absolute where it lies outside.
pub(super) fn relative(path: &Utf8Path, root: &Utf8Path) -> Utf8PathBuf {
    let path = path.strip_prefix(root).unwrap_or(path);
    if cfg!(windows) {
        path.as_str().replace('\\', "/").into()
    } else {
        path.to_owned()
    }
}

/// cargo has parsed the manifests already; one that has become unreadable since is as good as
/// empty.
fn read(path: &Utf8Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// The key that decides: a `[workspace]` table's own, else the package's.
fn resolver_key<S>(manifest: &Document<S>) -> Option<String> {
    let key = |table: &str| {
        let value = manifest.get(table)?.get("resolver")?.as_str()?;
        Some(value.to_owned())
    };
    key("workspace").or_else(|| key("package"))
}

/// Without a key the root package's edition decides; a virtual workspace has none and gets the
/// oldest.
fn resolver(key: Option<&str>, root_edition: Option<&str>) -> u32 {
    if let Some(key) = key.and_then(|key| key.parse().ok()) {
        return key;
    }
    match root_edition {
        None | Some("2015" | "2018") => 1,
        Some("2021") => 2,
        Some(_) => 3,
    }
}

fn members(metadata: &Metadata) -> Vec<Member> {
    let root = &metadata.workspace_root;
    let packages = metadata.workspace_packages();
    let used = used_by_members(&packages);
    let mut members: Vec<Member> = packages
        .par_iter()
        .map(|package| Member {
            name: package.name.to_string(),
            edition: package.edition.to_string(),
            manifest_path: relative(&package.manifest_path, root),
            manifest: read(&package.manifest_path),
            targets: package.targets.iter().map(|t| target(t, root)).collect(),
            used_by_members: used.contains(&package.manifest_path),
        })
        .collect();
    members.sort_by(|a, b| a.manifest_path.cmp(&b.manifest_path));
    members
}

/// The manifests of the members that another member depends on, by the path of the dependency: it
/// is there even where the graph was not resolved.
fn used_by_members(packages: &[&Package]) -> BTreeSet<Utf8PathBuf> {
    packages
        .iter()
        .flat_map(|package| {
            package
                .dependencies
                .iter()
                .filter_map(|dependency| Some(dependency.path.as_ref()?.join("Cargo.toml")))
                .filter(|manifest| *manifest != package.manifest_path)
        })
        .collect()
}

fn target(target: &Target, root: &Utf8Path) -> TargetFacts {
    TargetFacts {
        name: target.name.clone(),
        kinds: target.kind.iter().map(ToString::to_string).collect(),
        crate_types: target.crate_types.iter().map(ToString::to_string).collect(),
        src_path: relative(&target.src_path, root),
        doctest: target.doctest,
        test: target.test,
        doctest_blocks: None,
        test_functions: None,
        exports_symbols: true,
    }
}

/// Packages in more than one version. The lockfile names packages of other platforms too, so only
/// what the recording has built counts where there is one.
fn duplicates(metadata: &Metadata, recording: Option<&Recording>) -> Vec<Duplicate> {
    let mut versions: BTreeMap<&str, BTreeSet<Version>> = BTreeMap::new();
    if let Some(recording) = recording {
        for unit in &recording.units {
            if let Ok(version) = Version::parse(&unit.version) {
                versions.entry(&unit.package).or_default().insert(version);
            }
        }
    } else if let Some(resolve) = &metadata.resolve {
        let in_graph: BTreeSet<_> = resolve.nodes.iter().map(|node| &node.id).collect();
        for package in metadata
            .packages
            .iter()
            .filter(|p| in_graph.contains(&p.id))
        {
            versions
                .entry(&package.name)
                .or_default()
                .insert(package.version.clone());
        }
    }
    versions
        .into_iter()
        .filter(|(_, versions)| versions.len() > 1)
        .map(|(name, versions)| Duplicate {
            name: name.to_owned(),
            versions: versions.iter().map(ToString::to_string).collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_resolver_follows_the_edition_of_the_root_package() {
        assert_eq!(resolver(None, None), 1);
        assert_eq!(resolver(None, Some("2018")), 1);
        assert_eq!(resolver(None, Some("2021")), 2);
        assert_eq!(resolver(None, Some("2024")), 3);
        assert_eq!(resolver(Some("2"), Some("2024")), 2);
        assert_eq!(resolver(Some("3"), None), 3);
    }

    #[test]
    fn the_workspace_key_wins_over_the_package_key() {
        let key = |text: &str| resolver_key(&Document::parse(text.to_owned()).unwrap());
        assert_eq!(key("[package]\nresolver = \"2\"\n").as_deref(), Some("2"));
        assert_eq!(
            key("[workspace]\nresolver = \"3\"\n[package]\nresolver = \"1\"\n").as_deref(),
            Some("3")
        );
        assert_eq!(key("[workspace]\nmembers = []\n"), None);
    }
}
