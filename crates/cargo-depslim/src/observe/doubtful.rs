//! Dependencies that the member's own sources do not name: before they are called unused, the files
//! that tests read and the sources of the macros and generators in use are searched for them.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;

use super::members::Scanned;
use super::resolve::Resolver;
use super::sources::expansion::{self, Producer};
use super::sources::{self, Names, loose};
use crate::facts::{Condition, Dependency, How, Kind, Member, Place, TargetKind, Use};

/// Uses by the number of the dependency.
pub(super) type Uses = Vec<(usize, Use)>;

/// Crates that help to write macros and are named by all of them.
const TOOLS: [&str; 7] = [
    "heck",
    "proc-macro2",
    "quote",
    "syn",
    "unicode-ident",
    "darling",
    "proc-macro-crate",
];

/// What can be found for the dependencies of a member that its own sources do not use.
pub(super) fn uses(resolver: &Resolver<'_>, member: &Member, scanned: &Scanned) -> Uses {
    let doubtful: Vec<usize> = (0..member.dependencies.len())
        .filter(|index| {
            let dependency = &member.dependencies[*index];
            dependency.kept.is_none() && dependency.served().next().is_none()
        })
        .collect();
    if doubtful.is_empty() {
        return Uses::new();
    }
    let wanted = |kinds: &[Kind]| {
        let dependencies = doubtful.iter().map(|index| &member.dependencies[*index]);
        let wanted = dependencies.filter(|dependency| kinds.contains(&dependency.table.kind));
        Names::new(wanted.flat_map(|dependency| dependency.names.clone()))
    };
    let mut found: BTreeMap<String, Vec<Use>> = BTreeMap::new();
    let names = wanted(&[Kind::Normal, Kind::Development]);
    let folder = resolver.workspace.root.join(member.folder());
    for (name, path) in loose::observe(&folder, &scanned.found.files, &names) {
        let path = sources::relative(&path, &resolver.workspace.root);
        let uses = found.entry(names.name(name).to_owned()).or_default();
        uses.push(a_use(Place::Loose, How::Bytes, path));
    }
    for (place, condition, folder, producer) in producers(resolver, member) {
        let names = match place {
            Place::BuildScript => wanted(&[Kind::Build]),
            _ => wanted(&[Kind::Normal, Kind::Development]),
        };
        if names.is_empty() {
            continue;
        }
        for name in expansion::produced(&folder, producer, &names) {
            let uses = found.entry(names.name(name).to_owned()).or_default();
            uses.push(Use {
                condition,
                ..a_use(place, How::Expansion, folder.clone())
            });
        }
    }
    let of = |index: &usize| {
        let dependency = &member.dependencies[*index];
        let names = dependency.names.iter().filter_map(|name| found.get(name));
        let uses = names.flatten();
        let uses = uses.filter(|found| dependency.table.kind.serves(found.place));
        uses.map(|found| (*index, found.clone()))
            .collect::<Vec<_>>()
    };
    doubtful.iter().flat_map(of).collect()
}

fn a_use(place: Place, how: How, path: Utf8PathBuf) -> Use {
    Use {
        place,
        how,
        condition: Condition::Always,
        path,
        line: 1,
    }
}

/// The crates whose macros or generated code the member uses, with where.
fn producers(
    resolver: &Resolver<'_>,
    member: &Member,
) -> BTreeSet<(Place, Condition, Utf8PathBuf, Producer)> {
    let mut out = BTreeSet::new();
    let has_script = member
        .targets
        .iter()
        .any(|target| target.kind == TargetKind::BuildScript);
    for dependency in &member.dependencies {
        let places: BTreeSet<(Place, Condition)> = dependency
            .served()
            .map(|found| (found.place, found.condition))
            .collect();
        if places.is_empty() {
            continue;
        }
        for (folder, producer) in macro_crates(resolver, member, dependency) {
            for (place, condition) in &places {
                out.insert((*place, *condition, folder.clone(), producer));
            }
            if has_script && dependency.table.kind == Kind::Build {
                // What the build script writes is compiled with the library.
                let written = (Place::Library, Condition::Always);
                out.insert((written.0, written.1, folder, Producer::Text));
            }
        }
    }
    out
}

/// The dependency and the crates that write macros for it.
fn macro_crates(
    resolver: &Resolver<'_>,
    member: &Member,
    dependency: &Dependency,
) -> Vec<(Utf8PathBuf, Producer)> {
    /// serde, serde_derive; wasm-bindgen, its macro, its support, its backend.
    const DEEPEST: u32 = 4;
    let lock = resolver.lock;
    let from = lock.local(&member.name);
    let mut out = Vec::new();
    let start = lock.dependency(from, &dependency.package);
    if let Some(folder) = dependency.library.folder.clone() {
        let producer = if start.is_some_and(|start| writes(lock, start)) {
            Producer::Tokens
        } else if dependency.library.proc_macro {
            // Without quote it writes its code as text.
            Producer::Text
        } else {
            Producer::Rules
        };
        out.push((folder, producer));
    }
    let mut seen = BTreeSet::new();
    let mut level: Vec<usize> = start.into_iter().collect();
    for _ in 0..DEEPEST {
        let below = level.iter().flat_map(|index| lock.dependencies(*index));
        level = below
            .filter(|index| writes(lock, *index) && seen.insert(*index))
            .collect();
        let packages = level.iter().filter_map(|index| lock.package(*index));
        let folders = packages.filter_map(|package| resolver.folders.of(package));
        out.extend(folders.map(|folder| (folder, Producer::Tokens)));
    }
    out
}

/// Whether a package writes Rust code by tokens, and is not merely a tool for that.
fn writes(lock: &super::lock::Lock, index: usize) -> bool {
    let is_tool = |index| {
        lock.package(index)
            .is_some_and(|package| TOOLS.contains(&package.name.as_str()))
    };
    let names_quote = |index| {
        lock.package(index)
            .is_some_and(|package| package.name == "quote")
    };
    !is_tool(index) && lock.dependencies(index).any(names_quote)
}
