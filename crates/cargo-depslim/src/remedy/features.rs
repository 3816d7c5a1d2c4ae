//! `[features]` after dependencies are gone: `dep:x`, `x/f` and `x?/f` go with them, and a feature that
//! becomes empty stays where anyone names it.

use std::collections::{BTreeMap, BTreeSet};

use pitcrew_core::manifest::TomlChange;
use serde_json::Value;

use crate::facts::{Dependency, Kind, Member};

/// The changes of a member's `[features]` once the dependencies of these numbers are gone.
pub(super) fn changes(member: &Member, removed: &BTreeSet<usize>) -> Vec<TomlChange> {
    let gone = Gone::new(member, removed);
    let mut lists: BTreeMap<String, Option<Vec<String>>> = gone.lists();
    // A feature that goes is named by nobody, and what it names does not hang on it.
    for name in gone.implicit_to_keep() {
        lists.insert(name, Some(Vec::new()));
    }
    let changes = lists.into_iter().map(|(name, list)| TomlChange {
        value: list.map(|list| Value::from(list).to_string()),
        ..TomlChange::key(vec!["features".to_owned(), name])
    });
    changes.collect()
}

/// The features that the removals bear on, and that still exist after them.
pub(super) fn touched(member: &Member, removed: &BTreeSet<usize>) -> BTreeSet<String> {
    let gone = Gone::new(member, removed);
    let kept = gone.lists().into_iter().filter(|(_, list)| list.is_some());
    kept.map(|(name, _)| name)
        .chain(gone.implicit_to_keep())
        .collect()
}

/// What a member loses.
struct Gone<'a> {
    member: &'a Member,
    /// Keys that no entry declares any more, or none that `dep:` could mean.
    keys: BTreeMap<&'a str, Left>,
}

/// What is left of the entries of a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    Nothing,
    /// An entry, but no optional one.
    Required,
}

impl<'a> Gone<'a> {
    fn new(member: &'a Member, removed: &BTreeSet<usize>) -> Self {
        let mut keys = BTreeMap::new();
        for index in removed {
            let Some(dependency) = member.dependencies.get(*index) else {
                continue;
            };
            let others = member.dependencies.iter().enumerate();
            let others: Vec<&Dependency> = others
                .filter(|(index, other)| !removed.contains(index) && other.key == dependency.key)
                .map(|(_, other)| other)
                // Features cannot name development dependencies alone.
                .filter(|other| other.table.kind != Kind::Development)
                .collect();
            if others.iter().any(|other| other.optional) {
                continue;
            }
            let left = if others.is_empty() {
                Left::Nothing
            } else {
                Left::Required
            };
            keys.insert(dependency.key.as_str(), left);
        }
        Self { member, keys }
    }

    /// The lists that change; none for a feature that goes.
    fn lists(&self) -> BTreeMap<String, Option<Vec<String>>> {
        let mut out = BTreeMap::new();
        for (name, list) in &self.member.features {
            let kept: Vec<String> = list
                .iter()
                .filter(|item| !self.names_gone(item))
                .cloned()
                .collect();
            if kept.len() == list.len() {
                continue;
            }
            let stays = !kept.is_empty() || self.is_named(name);
            out.insert(name.clone(), stays.then_some(kept));
        }
        out
    }

    /// Whether an item of a list means a dependency that is gone.
    fn names_gone(&self, item: &str) -> bool {
        if let Some(key) = item.strip_prefix("dep:") {
            return self.keys.contains_key(key);
        }
        if let Some((key, _)) = item.split_once('/') {
            let key = key.trim_end_matches('?');
            return self.keys.get(key) == Some(&Left::Nothing);
        }
        // The feature that an optional dependency makes by itself.
        self.makes_feature(item) && !self.is_named_outside(item)
    }

    /// Whether the removed dependency `key` had a feature of its name without one being written.
    fn makes_feature(&self, key: &str) -> bool {
        let member = self.member;
        let explicit = || {
            let mut items = member.features.values().flatten();
            items.any(|item| item.strip_prefix("dep:") == Some(key))
        };
        let mut dependencies = member.dependencies.iter();
        self.keys.contains_key(key)
            && dependencies.any(|dependency| dependency.key == key && dependency.optional)
            && !member.features.contains_key(key)
            && !explicit()
    }

    /// Implicit features that are named from outside: they must go on existing.
    fn implicit_to_keep(&self) -> Vec<String> {
        let keys = self.keys.keys();
        let kept = keys.filter(|key| self.makes_feature(key) && self.is_named_outside(key));
        kept.map(|key| (*key).to_owned()).collect()
    }

    fn is_named_outside(&self, feature: &str) -> bool {
        self.member.named_features.contains(feature)
    }

    /// Whether anyone names the feature; every dependent names `default` by saying nothing.
    fn is_named(&self, feature: &str) -> bool {
        let mut items = self.member.features.values().flatten();
        feature == "default" || self.is_named_outside(feature) || items.any(|item| item == feature)
    }
}
