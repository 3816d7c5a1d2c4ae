//! The crates of a workspace as cargo knows them: their roots, and what their paths may start with.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cargo_metadata::{Metadata, Package, TargetKind};
use pitcrew_core::workspace::Workspace;

use super::tree::Target;
use crate::facts::{Crate, CrateKind};

/// Every target of every member, libraries first: a file that several share is theirs.
pub fn targets(workspace: &Workspace) -> Vec<Target> {
    let metadata = &workspace.metadata;
    let mut targets = Vec::new();
    for package in workspace.members() {
        let dependencies = dependencies(metadata, package);
        let library = package
            .targets
            .iter()
            .find(|target| kind(&target.kind).is_library());
        let library = library.map(|target| crate_name(&target.name));
        for target in &package.targets {
            let kind = kind(&target.kind);
            if kind == CrateKind::BuildScript {
                continue;
            }
            let mut externs: HashMap<String, String> = dependencies
                .iter()
                .map(|(name, (krate, _))| (name.clone(), krate.clone()))
                .collect();
            if let Some(library) = library.as_ref().filter(|_| !kind.is_library()) {
                externs.insert(library.clone(), library.clone());
            }
            let features = dependencies.iter();
            let features = features.map(|(_, (krate, features))| (krate.clone(), features.clone()));
            targets.push(Target {
                krate: Crate {
                    name: crate_name(&target.name),
                    package: package.name.to_string(),
                    kind,
                    dependencies: features.collect(),
                },
                root: target.src_path.clone(),
                externs,
            });
        }
    }
    targets.sort_by_key(|target| order(target.krate.kind));
    targets
}

fn order(kind: CrateKind) -> u8 {
    match kind {
        CrateKind::Lib | CrateKind::ProcMacro => 0,
        CrateKind::Bin => 1,
        CrateKind::Example => 2,
        CrateKind::Test | CrateKind::Bench | CrateKind::BuildScript => 3,
    }
}

/// By the name that paths use: the crate's own name, and its features.
fn dependencies(
    metadata: &Metadata,
    package: &Package,
) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let Some(resolve) = &metadata.resolve else {
        return BTreeMap::new();
    };
    let Some(node) = resolve.nodes.iter().find(|node| node.id == package.id) else {
        return BTreeMap::new();
    };
    let named = node.deps.iter().map(|dependency| {
        let node = resolve.nodes.iter().find(|node| node.id == dependency.pkg);
        let features = node.iter().flat_map(|node| &node.features);
        let features = features.map(ToString::to_string).collect();
        let package = metadata
            .packages
            .iter()
            .find(|package| package.id == dependency.pkg);
        let library = package.and_then(|package| {
            let mut targets = package.targets.iter();
            targets.find(|target| kind(&target.kind).is_library())
        });
        let krate = library.map_or(dependency.name.clone(), |target| crate_name(&target.name));
        (dependency.name.clone(), (krate, features))
    });
    named.collect()
}

fn crate_name(target: &str) -> String {
    target.replace('-', "_")
}

fn kind(kinds: &[TargetKind]) -> CrateKind {
    match kinds.first() {
        Some(TargetKind::Bin) => CrateKind::Bin,
        Some(TargetKind::Example) => CrateKind::Example,
        Some(TargetKind::Test) => CrateKind::Test,
        Some(TargetKind::Bench) => CrateKind::Bench,
        Some(TargetKind::CustomBuild) => CrateKind::BuildScript,
        Some(TargetKind::ProcMacro) => CrateKind::ProcMacro,
        _ => CrateKind::Lib,
    }
}
