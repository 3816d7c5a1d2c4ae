//! The workspace as far as build speed is concerned: members, targets, the resolver in force and
//! packages that are built twice. Reads `cargo metadata`'s answer and the manifests.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::semver::Version;
use cargo_metadata::{Metadata, Package, Target};
use pitcrew_core::recording::Recording;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use toml_edit::{Document, Item, TableLike};

use super::sources::{self, SourceFacts};
use crate::facts::{Duplicate, Member, TargetFacts, WorkspaceFacts};

mod exports;

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
        has_dependencies: has_dependencies(&metadata.workspace_packages()),
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
    let linked = exports::linked_members(&packages);
    let mut members: Vec<Member> = packages
        .par_iter()
        .map(|package| {
            let manifest = read(&package.manifest_path);
            let own_harness = targets_without_harness(&manifest);
            let targets = package.targets.par_iter().map(|target| {
                let mut facts = target_facts(target, root);
                facts.harness = !own_harness.contains(&(table_of(target), facts.name.clone()));
                if !facts.harness {
                    facts.test_functions = None;
                }
                facts.exports_symbols |= exports::generates_bindings(package);
                facts
            });
            Member {
                name: package.name.to_string(),
                edition: package.edition.to_string(),
                manifest_path: relative(&package.manifest_path, root),
                targets: targets.collect(),
                used_by_members: used.contains(&package.manifest_path),
                manifest,
            }
        })
        .collect();
    exports::spread(&mut members, &linked);
    members.sort_by(|a, b| a.manifest_path.cmp(&b.manifest_path));
    members
}

/// A dependency by path may be a member too; any other comes from elsewhere.
fn has_dependencies(packages: &[&Package]) -> bool {
    let members: BTreeSet<&Utf8Path> = packages
        .iter()
        .filter_map(|package| package.manifest_path.parent())
        .collect();
    let mut dependencies = packages.iter().flat_map(|package| &package.dependencies);
    dependencies.any(|dependency| {
        let path = dependency.path.as_deref();
        path.is_none_or(|path| !members.contains(path))
    })
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

fn target_facts(target: &Target, root: &Utf8Path) -> TargetFacts {
    // A build script has no tests, and nothing links it.
    let sources = if target.is_custom_build() {
        SourceFacts {
            doctest_blocks: Some(0),
            test_functions: Some(0),
            exports_symbols: false,
        }
    } else {
        sources::observe(&target.src_path)
    };
    TargetFacts {
        name: target.name.clone(),
        kinds: target.kind.iter().map(ToString::to_string).collect(),
        crate_types: target.crate_types.iter().map(ToString::to_string).collect(),
        src_path: relative(&target.src_path, root),
        doctest: target.doctest,
        test: target.test,
        harness: true,
        doctest_blocks: sources.doctest_blocks,
        test_functions: sources.test_functions,
        exports_symbols: sources.exports_symbols,
    }
}

/// The manifest's table for a target of this kind.
fn table_of(target: &Target) -> &'static str {
    match () {
        () if target.is_bin() => "bin",
        () if target.is_test() => "test",
        () if target.is_bench() => "bench",
        () if target.is_example() => "example",
        () => "lib",
    }
}

/// Targets with `harness = false`, by their table and name: their `main` is the test, whatever
/// attributes say. A library may leave its name out; then it is the package's.
fn targets_without_harness(manifest: &str) -> BTreeSet<(&'static str, String)> {
    if !manifest.contains("harness") {
        return BTreeSet::new();
    }
    let Ok(manifest) = Document::parse(manifest) else {
        return BTreeSet::new();
    };
    let text = |item: Option<&Item>| item.and_then(Item::as_str).map(str::to_owned);
    let package = text(manifest.get("package").and_then(|p| p.get("name")));
    ["lib", "bin", "test", "bench", "example"]
        .into_iter()
        .filter_map(|kind| Some((kind, manifest.get(kind)?)))
        .flat_map(|(kind, item)| {
            let tables = match item.as_array_of_tables() {
                Some(tables) => tables.iter().map(|t| t as &dyn TableLike).collect(),
                None => item.as_table_like().into_iter().collect::<Vec<_>>(),
            };
            tables.into_iter().map(move |table| (kind, table))
        })
        .filter(|(_, table)| table.get("harness").and_then(Item::as_bool) == Some(false))
        .filter_map(|(kind, table)| {
            let name = text(table.get("name"));
            let name = name.or_else(|| package.as_ref().map(|p| p.replace('-', "_")))?;
            Some((kind, name))
        })
        .collect()
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
    fn a_target_with_its_own_harness_is_found_by_its_name() {
        let names = targets_without_harness(
            "[package]\nname = \"my-lib\"\n[lib]\nharness = false\n[[test]]\nname = \"ui\"\n\
             harness = false\n[[test]]\nname = \"unit\"\n[[bench]]\nname = \"b\"\nharness = true\n",
        );
        let expected = [("lib", "my_lib".to_owned()), ("test", "ui".to_owned())];
        assert_eq!(names, expected.into());
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
