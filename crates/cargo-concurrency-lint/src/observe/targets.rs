//! The crates of a workspace as cargo knows them: their roots, and what their paths may start with.

use std::collections::{BTreeMap, BTreeSet};

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
        let renamed = renamed(metadata, package);
        for target in &package.targets {
            let kind = kind(&target.kind);
            if kind == CrateKind::BuildScript {
                continue;
            }
            targets.push(Target {
                krate: Crate {
                    name: crate_name(&target.name),
                    package: package.name.to_string(),
                    kind,
                    dependencies: dependencies.clone(),
                },
                root: target.src_path.clone(),
                renamed: renamed.clone(),
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

/// The crates with another name in this package, by that name. Those that are not built stand there as
/// well: code behind a feature names them too.
fn renamed(metadata: &Metadata, package: &Package) -> BTreeMap<String, String> {
    let renamed = package.dependencies.iter().filter_map(|dependency| {
        let name = dependency.rename.as_ref()?;
        // Not all of cargo's answers name it.
        let named = metadata.packages.iter();
        let named = named.filter(|package| package.name == dependency.name);
        let library = named.filter_map(library).next();
        let own = library.unwrap_or_else(|| crate_name(&dependency.name));
        Some((crate_name(name), own))
    });
    renamed.collect()
}

/// The name of a package's library.
fn library(package: &Package) -> Option<String> {
    let mut targets = package.targets.iter();
    let library = targets.find(|target| kind(&target.kind).is_library());
    library.map(|target| crate_name(&target.name))
}

/// By the crate's own name: its features.
fn dependencies(metadata: &Metadata, package: &Package) -> BTreeMap<String, BTreeSet<String>> {
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
        let krate = package.and_then(library);
        (krate.unwrap_or_else(|| dependency.name.clone()), features)
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
