//! Turns the world into [`Facts`]: manifests, the lockfile, the manifests of dependencies, sources.
//! Nothing is built, and cargo is asked for the members only; what cannot be read becomes a use, never
//! an error: a dependency must not be called unused because a file could not be read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::config::EffectiveConfig;
use pitcrew_core::workspace::Workspace;
use rayon::iter::{
    IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator, ParallelIterator,
};

use crate::facts::{Facts, Member};

pub mod compile;
mod doubtful;
pub mod duplicates;
mod edges;
mod features;
mod folders;
pub mod harness;
mod kept;
mod library;
mod lock;
pub mod makeup;
mod manifest;
mod members;
mod resolve;
mod scripts;
pub mod sources;
mod superseded;

use edges::Edges;
use folders::Folders;
use lock::Lock;
use manifest::Manifest;
use resolve::Resolver;

/// What is observed.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// With or without its dependencies.
    pub workspace: &'a Workspace,
    pub config: &'a EffectiveConfig,
    pub cargo_home: &'a Utf8Path,
    pub cwd: &'a Utf8Path,
    /// The triples that are built for, where not the host alone.
    pub targets: &'a [String],
}

/// The facts that need no compiler.
pub fn observe(world: &World<'_>) -> Result<Facts> {
    let workspace = world.workspace;
    let root_text = read(&workspace.root_manifest())?;
    let root = manifest::read(Utf8Path::new("Cargo.toml"), &root_text)?;
    let lock_text = fs::read_to_string(workspace.root.join("Cargo.lock")).unwrap_or_default();
    let lock = Lock::parse(&lock_text);
    let folders = Folders::new(world.cargo_home, world.config, world.cwd);
    let read = read_members(workspace)?;
    let resolver = Resolver {
        workspace,
        root: &root,
        lock: &lock,
        folders: &folders,
        manifests: &read,
    };
    let mut members: Vec<Member> = (0..read.len())
        .into_par_iter()
        .map(|index| members::member(&resolver, index))
        .collect();
    let hacks = kept::hack_packages(workspace, &read);
    kept::mark(&mut members, &read, &root, &hacks);
    scan(&resolver, &mut members);
    let shared = members::shared(&root, &members, &hacks);
    let edges = Edges::new(&lock, &folders, &read, world.targets);
    let selected = members.iter().filter(|member| member.selected);
    let selected: Vec<String> = selected.map(|member| member.name.clone()).collect();
    Ok(Facts {
        root: workspace.root.clone(),
        root_manifest: root_text,
        members,
        shared,
        compiled: None,
        features: None,
        costs: None,
        duplicates: duplicates::observe(&lock, &selected, &edges),
    })
}

/// A member's manifest, read.
struct MemberManifest {
    /// Relative to the workspace root.
    path: Utf8PathBuf,
    text: String,
    manifest: Manifest,
}

fn read(path: &Utf8Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {path}"))
}

fn read_members(workspace: &Workspace) -> Result<Vec<MemberManifest>> {
    let packages: Vec<_> = workspace.members().collect();
    let read = packages.par_iter().map(|package| {
        let text = read(&package.manifest_path)?;
        let path = workspace.relative(&package.manifest_path);
        let manifest = manifest::read(&path, &text)?;
        Ok(MemberManifest {
            path,
            text,
            manifest,
        })
    });
    read.collect()
}

/// Reads the sources of the selected members, and for what they do not name, the sources of macros
/// and generators that may.
fn scan(resolver: &Resolver<'_>, members: &mut [Member]) {
    let mut scanned: Vec<Option<members::Scanned>> = members
        .par_iter()
        .map(|member| member.selected.then(|| members::scan(resolver, member)))
        .collect();
    add_uses(members, &scanned);
    for index in resolve::ask_cargo(resolver, members) {
        scanned[index] = Some(members::scan(resolver, &members[index]));
    }
    add_uses(members, &scanned);
    let named = features::named(members, resolver, &scanned);
    for ((member, scanned), named) in members.iter_mut().zip(&scanned).zip(named) {
        member.named_features = named;
        if let Some(scanned) = scanned {
            kept::mark_links(member, scanned);
        }
    }
    let found: Vec<doubtful::Uses> = members
        .par_iter()
        .zip(&scanned)
        .map(|(member, scanned)| match scanned {
            Some(scanned) => doubtful::uses(resolver, member, scanned),
            None => doubtful::Uses::new(),
        })
        .collect();
    for (member, found) in members.iter_mut().zip(found) {
        for (index, found) in found {
            if let Some(dependency) = member.dependencies.get_mut(index) {
                dependency.uses.push(found);
            }
        }
    }
    let root = &resolver.workspace.root;
    scripts::mark(root, members, &scanned);
    superseded::mark(root, members);
}

fn add_uses(members: &mut [Member], scanned: &[Option<members::Scanned>]) {
    for (member, scanned) in members.iter_mut().zip(scanned) {
        if let Some(scanned) = scanned {
            members::add_uses(member, scanned);
        }
    }
}

/// The names of features by package, and who else names them.
type ByPackage = BTreeMap<String, BTreeSet<String>>;
