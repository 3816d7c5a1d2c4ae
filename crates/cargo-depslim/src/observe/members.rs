//! Members as facts: their entries, their targets, and what the scan of their sources found.

use std::collections::BTreeSet;

use camino::Utf8Path;
use cargo_metadata::{Package, TargetKind as CargoTargetKind};

use super::kept;
use super::manifest::Manifest;
use super::resolve::Resolver;
use super::sources::{self, Found, Names};
use crate::facts::{Member, SharedDependency, Target, TargetKind};

/// The member of this number, its sources not read yet.
pub(super) fn member(resolver: &Resolver<'_>, index: usize) -> Member {
    let Some(package) = resolver.workspace.members().nth(index) else {
        return Member::default();
    };
    let read = &resolver.manifests[index];
    let folder = package.manifest_path.parent().unwrap_or(Utf8Path::new(""));
    let name = package.name.as_str();
    let entries = read.manifest.entries.iter();
    Member {
        name: name.to_owned(),
        edition: package.edition.to_string(),
        rust_version: package
            .rust_version
            .as_ref()
            .map(|version| (version.major, version.minor)),
        published: package.publish.as_ref().is_none_or(|to| !to.is_empty()),
        manifest_path: read.path.clone(),
        manifest: read.text.clone(),
        selected: resolver.workspace.selected.contains(&package.id),
        dependencies: entries
            .map(|entry| resolver.dependency(entry, name, folder))
            .collect(),
        features: read.manifest.features.clone(),
        targets: targets(package, &resolver.workspace.root),
        ..Member::default()
    }
}

fn targets(package: &Package, root: &Utf8Path) -> Vec<Target> {
    let targets = package.targets.iter().map(|target| {
        let has = |kinds: &[CargoTargetKind]| target.kind.iter().any(|kind| kinds.contains(kind));
        let kind = if has(&[CargoTargetKind::Bin]) {
            TargetKind::Binary
        } else if has(&[CargoTargetKind::Example]) {
            TargetKind::Example
        } else if has(&[CargoTargetKind::Test]) {
            TargetKind::Test
        } else if has(&[CargoTargetKind::Bench]) {
            TargetKind::Bench
        } else if has(&[CargoTargetKind::CustomBuild]) {
            TargetKind::BuildScript
        } else {
            TargetKind::Library
        };
        Target {
            name: target.name.clone(),
            kind,
            src_path: sources::relative(&target.src_path, root),
            required_features: target.required_features.clone(),
            doctest: target.doctest,
            test: target.test,
        }
    });
    targets.collect()
}

/// What a scan of a member's sources found, with the names that it looked for.
pub(super) struct Scanned {
    pub names: Names,
    pub found: Found,
}

pub(super) fn scan(resolver: &Resolver<'_>, member: &Member) -> Scanned {
    let dependencies = member.dependencies.iter();
    let names = Names::new(dependencies.flat_map(|dependency| dependency.names.clone()));
    let macros = member.dependencies.iter().filter(|d| d.library.proc_macro);
    let names = names.of_macros(macros.flat_map(|dependency| &dependency.names));
    let root = &resolver.workspace.root;
    let features: Vec<String> = member.features.keys().cloned().collect();
    let found = sources::observe(&sources::Package {
        root,
        folder: &root.join(member.folder()),
        edition: &member.edition,
        targets: &member.targets,
        names: &names,
        features: &features,
    });
    Scanned { names, found }
}

/// Gives each dependency the uses of its names, wherever they are.
pub(super) fn add_uses(member: &mut Member, scanned: &Scanned) {
    member.sources = scanned.found.facts.clone();
    for dependency in &mut member.dependencies {
        let names = dependency.names.iter();
        let ids: BTreeSet<_> = names.filter_map(|name| scanned.names.get(name)).collect();
        let uses = scanned.found.uses.iter();
        let own = uses.filter(|(name, _)| ids.contains(name));
        dependency.uses = own.map(|(_, found)| found.clone()).collect();
    }
}

/// The entries that the workspace shares.
pub(super) fn shared(
    root: &Manifest,
    members: &[Member],
    hacks: &BTreeSet<String>,
) -> Vec<SharedDependency> {
    let shared = root.shared.iter().map(|entry| {
        let package = entry.package.as_ref().unwrap_or(&entry.key);
        let inherits = |member: &Member| {
            let mut dependencies = member.dependencies.iter();
            dependencies.any(|dependency| dependency.inherited && dependency.key == entry.key)
        };
        let members = members.iter().enumerate();
        SharedDependency {
            key: entry.key.clone(),
            package: package.clone(),
            inherited_by: members
                .filter(|(_, member)| inherits(member))
                .map(|(index, _)| index)
                .collect(),
            kept: kept::shared(entry, root, hacks),
            location: entry.location.clone(),
        }
    });
    shared.collect()
}
