//! What a finding would change, as data, and how a set of such changes edits the manifests: together,
//! for the lists of `[features]` and the workspace's shared entries depend on all of them.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;
use pitcrew_core::finding::Finding;
use pitcrew_core::manifest::{self, TomlChange};
use serde::{Deserialize, Serialize};

use crate::facts::{Dependency, Facts, Kind, Member, Table};
use crate::features::{Slimmed, edit};

mod features;

/// What a rule has to say, and what it would do about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    pub finding: Finding,
    /// None for advice.
    pub action: Option<Action>,
}

impl Proposal {
    /// What only the user can do.
    pub fn advice(finding: Finding) -> Self {
        Self {
            finding,
            action: None,
        }
    }
}

/// One change of one dependency.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Action {
    /// Takes an entry out, with all that names it.
    Remove(EntryId),
    /// Puts an entry into another table.
    Move(EntryId, Kind),
    /// Takes an entry out of `[workspace.dependencies]`.
    RemoveShared(usize),
    /// Makes an entry ask for fewer features, by its number among those of [`Facts::features`].
    Slim(usize),
    /// Takes a feature that does nothing out of a member's `[features]`.
    DropFeature(usize, String),
    /// Has cargo not build what runs a library's tests (`test`) or documentation tests (`doctest`).
    NoHarness(usize, Harness),
}

/// What runs tests of a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Harness {
    Test,
    Doctest,
}

impl Harness {
    /// Its key in `[lib]`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Doctest => "doctest",
        }
    }
}

/// An entry, by the numbers of its member and of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EntryId {
    pub member: usize,
    pub dependency: usize,
}

/// A change of the manifest at a path relative to the workspace root.
pub type ManifestChange = (Utf8PathBuf, TomlChange);

impl Action {
    /// The entry that it changes.
    pub fn entry(&self) -> Option<EntryId> {
        match self {
            Self::Remove(entry) | Self::Move(entry, _) => Some(*entry),
            Self::RemoveShared(_) | Self::Slim(_) | Self::DropFeature(..) | Self::NoHarness(..) => {
                None
            }
        }
    }

    /// Whether it changes what is built; an entry that nobody inherits is only words.
    pub fn bears_on_builds(&self) -> bool {
        !matches!(self, Self::RemoveShared(_))
    }

    /// The members whose dependencies it changes.
    pub fn members(&self, facts: &Facts) -> Vec<usize> {
        match self {
            Self::Remove(id) | Self::Move(id, _) => vec![id.member],
            Self::RemoveShared(_) => Vec::new(),
            Self::DropFeature(member, _) | Self::NoHarness(member, _) => vec![*member],
            Self::Slim(index) => slimmed(facts, *index).map_or_else(Vec::new, |slimmed| {
                let of = |(member, found): (usize, &Member)| {
                    let own = found.manifest_path == slimmed.path;
                    let mut entries = found.dependencies.iter();
                    let inherits = slimmed.entry.is_of_workspace()
                        && entries.any(|d| d.inherited && d.key == slimmed.entry.name());
                    (own && !slimmed.entry.is_of_workspace() || inherits).then_some(member)
                };
                facts.members.iter().enumerate().filter_map(of).collect()
            }),
        }
    }
}

/// The member and the dependency that an entry is.
pub fn entry(facts: &Facts, id: EntryId) -> Option<(&Member, &Dependency)> {
    let member = facts.members.get(id.member)?;
    Some((member, member.dependencies.get(id.dependency)?))
}

/// An entry that can ask for fewer features.
pub fn slimmed(facts: &Facts, index: usize) -> Option<&Slimmed> {
    facts.features.as_ref()?.slimmed.get(index)
}

/// The edits that carry out all of `actions`.
pub fn changes(facts: &Facts, actions: &[Action]) -> Vec<ManifestChange> {
    let mut out = Vec::new();
    let mut removed: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for action in actions {
        match action {
            Action::Remove(id) => {
                removed.entry(id.member).or_default().insert(id.dependency);
            }
            Action::Move(id, kind) => out.extend(moved(facts, *id, *kind)),
            Action::RemoveShared(index) => out.extend(shared_removed(facts, *index)),
            Action::Slim(_) => {}
            Action::DropFeature(member, feature) => {
                let key = vec!["features".to_owned(), feature.clone()];
                out.extend(of_member(facts, *member, removal(key)));
            }
            Action::NoHarness(member, harness) => {
                let change = TomlChange::set(["lib", harness.key()], "false");
                out.extend(of_member(facts, *member, change));
            }
        }
    }
    for (member, dependencies) in &removed {
        let Some(member) = facts.members.get(*member) else {
            continue;
        };
        let path = &member.manifest_path;
        for index in dependencies {
            if let Some(dependency) = member.dependencies.get(*index) {
                let key = dependency.path().into_iter().map(str::to_owned).collect();
                out.push((path.clone(), removal(key)));
            }
        }
        let lists = features::changes(member, dependencies);
        out.extend(lists.into_iter().map(|change| (path.clone(), change)));
    }
    for index in idle_shared(facts, actions, &removed) {
        out.extend(shared_removed(facts, index));
    }
    for action in actions {
        let Action::Slim(index) = action else {
            continue;
        };
        // What goes, or goes elsewhere, is not changed where it was.
        let gone = slimmed(facts, *index).is_none_or(|slimmed| {
            let mut removed = out.iter().filter(|(_, change)| change.value.is_none());
            removed.any(|(path, change)| {
                *path == slimmed.path && slimmed.entry.key.starts_with(&change.key)
            })
        });
        if !gone {
            out.extend(slimmer(facts, *index));
        }
    }
    out
}

fn slimmer(facts: &Facts, index: usize) -> Vec<ManifestChange> {
    let Some(slimmed) = slimmed(facts, index) else {
        return Vec::new();
    };
    let mut members = facts.members.iter();
    let text = match members.find(|member| member.manifest_path == slimmed.path) {
        Some(member) => &member.manifest,
        None => &facts.root_manifest,
    };
    let changes = edit::changes(text, &slimmed.entry, &slimmed.wanted);
    let path = &slimmed.path;
    let changes = changes.into_iter().map(|change| (path.clone(), change));
    changes.collect()
}

/// The features of a member whose lists the removals change.
pub fn touched_features(facts: &Facts, actions: &[Action]) -> BTreeMap<usize, BTreeSet<String>> {
    let mut removed: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for action in actions {
        if let Action::Remove(id) = action {
            removed.entry(id.member).or_default().insert(id.dependency);
        }
    }
    let of = |(member, dependencies): (usize, BTreeSet<usize>)| {
        let touched = features::touched(facts.members.get(member)?, &dependencies);
        (!touched.is_empty()).then_some((member, touched))
    };
    removed.into_iter().filter_map(of).collect()
}

fn of_member(facts: &Facts, member: usize, change: TomlChange) -> Option<ManifestChange> {
    Some((facts.members.get(member)?.manifest_path.clone(), change))
}

fn removal(key: Vec<String>) -> TomlChange {
    TomlChange {
        value: None,
        ..TomlChange::key(key)
    }
}

fn shared_removed(facts: &Facts, index: usize) -> Option<ManifestChange> {
    let shared = facts.shared.get(index)?;
    let key = ["workspace", "dependencies", &shared.key];
    let key = key.map(str::to_owned).to_vec();
    Some(("Cargo.toml".into(), removal(key)))
}

/// The shared entries that somebody inherited and nobody does once all is removed.
fn idle_shared(
    facts: &Facts,
    actions: &[Action],
    removed: &BTreeMap<usize, BTreeSet<usize>>,
) -> Vec<usize> {
    let still_inherits = |member: usize, key: &str| {
        let gone = removed.get(&member);
        let dependencies = facts.members.get(member).map(|m| &m.dependencies);
        let mut kept = dependencies
            .into_iter()
            .flatten()
            .enumerate()
            .filter(|(index, _)| !gone.is_some_and(|gone| gone.contains(index)));
        kept.any(|(_, dependency)| dependency.inherited && dependency.key == key)
    };
    let shared = facts.shared.iter().enumerate();
    shared
        .filter(|(index, shared)| {
            let mut inheritors = shared.inherited_by.iter();
            shared.kept.is_none()
                && !shared.inherited_by.is_empty()
                && !inheritors.any(|member| still_inherits(*member, &shared.key))
                && !actions.contains(&Action::RemoveShared(*index))
        })
        .map(|(index, _)| index)
        .collect()
}

/// Takes the entry out of its table and writes it, as it is written, into the one for `kind`.
fn moved(facts: &Facts, id: EntryId, kind: Kind) -> Vec<ManifestChange> {
    let Some((member, dependency)) = entry(facts, id) else {
        return Vec::new();
    };
    let from: Vec<String> = dependency.path().into_iter().map(str::to_owned).collect();
    let table = table_for(member, &dependency.table, kind);
    let to = table.iter().cloned().chain([dependency.key.clone()]);
    let to: Vec<String> = to.collect();
    let keys: Vec<&str> = from.iter().map(String::as_str).collect();
    let mut written = manifest::written(&member.manifest, &keys);
    if !member.dependencies.iter().any(|d| d.table.path == table) {
        written = vec![(Vec::new(), inline(&written))];
    }
    let path = &member.manifest_path;
    let mut out: Vec<ManifestChange> = Vec::new();
    for (below, value) in written {
        let key = to.iter().cloned().chain(below).collect();
        let change = TomlChange {
            value: Some(value),
            ..TomlChange::key(key)
        };
        out.push((path.clone(), change));
    }
    out.push((path.clone(), removal(from)));
    out
}

/// The values of an entry as one.
fn inline(written: &[(Vec<String>, String)]) -> String {
    match written {
        [(below, value)] if below.is_empty() => value.clone(),
        values => {
            let parts = values
                .iter()
                .map(|(key, value)| format!("{} = {value}", key.join(".")));
            format!("{{ {} }}", parts.collect::<Vec<_>>().join(", "))
        }
    }
}

/// The table of another kind beside this one, in the spelling that the manifest has.
fn table_for(member: &Member, table: &Table, kind: Kind) -> Vec<String> {
    let tables = member.dependencies.iter().map(|d| &d.table);
    let mut same = tables.filter(|t| t.kind == kind && t.target == table.target);
    if let Some(table) = same.next() {
        return table.path.clone();
    }
    let mut path = table.path.clone();
    path.pop();
    path.push(kind.table().to_owned());
    path
}

#[cfg(test)]
mod tests;
