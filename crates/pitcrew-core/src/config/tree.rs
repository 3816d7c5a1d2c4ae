//! The configuration as a tree while it is merged, each value with its rank and origin.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde_json::Value;

use super::{ConfigValue, Origin, key};

/// What beats what: cargo sorts the parts of a joined array by it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    File,
    Env,
    Cli,
}

/// What happens to a value that is there already, at the same rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Equals {
    /// It stays: a file further up the tree is merged into a deeper one.
    Keep,
    /// The new one replaces it: a file is merged over what it includes.
    Replace,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Table(Table),
    List(Vec<Item>),
    Scalar(Item),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub value: Value,
    pub rank: Rank,
    pub origin: Origin,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Table(pub BTreeMap<String, Node>);

/// Arrays of which the stronger wins instead of being joined; `*` stands for any component.
const NOT_JOINED: &[&[&str]] = &[
    &["credential-alias", "*"],
    &["doc", "browser"],
    &["host", "runner"],
    &["registries", "*", "credential-provider"],
    &["registry", "credential-provider"],
    &["target", "*", "runner"],
];

/// Keys whose value is a list of flags, which may be written as one string.
const FLAGS: &[&[&str]] = &[
    &["build", "rustflags"],
    &["build", "rustdocflags"],
    &["host", "rustflags"],
    &["target", "*", "rustflags"],
    &["target", "*", "rustdocflags"],
];

/// Keys that are never kept.
const SECRETS: &[&[&str]] = &[
    &["registry", "token"],
    &["registry", "secret-key"],
    &["registries", "*", "token"],
    &["registries", "*", "secret-key"],
];

fn any_matches(patterns: &[&[&str]], parts: &[String]) -> bool {
    patterns.iter().any(|pattern| {
        pattern.len() == parts.len()
            && pattern
                .iter()
                .zip(parts)
                .all(|(wanted, part)| *wanted == "*" || wanted == part)
    })
}

pub(super) fn is_joined(parts: &[String]) -> bool {
    !any_matches(NOT_JOINED, parts)
}

pub(super) fn is_flags(parts: &[String]) -> bool {
    any_matches(FLAGS, parts)
}

impl Table {
    /// Merges `from` into this, as cargo merges.
    pub(super) fn merge(&mut self, from: Self, equals: Equals) -> Result<()> {
        self.merge_at(from, equals, &mut Vec::new())
    }

    fn merge_at(&mut self, from: Self, equals: Equals, at: &mut Vec<String>) -> Result<()> {
        for (name, new) in from.0 {
            at.push(name.clone());
            match self.0.get_mut(&name) {
                Some(old) => old.merge_at(new, equals, at)?,
                None => {
                    self.0.insert(name, new);
                }
            }
            at.pop();
        }
        Ok(())
    }

    pub(super) fn node(&self, parts: &[String]) -> Option<&Node> {
        let (last, tables) = parts.split_last()?;
        let mut table = self;
        for name in tables {
            let Node::Table(inner) = table.0.get(name)? else {
                return None;
            };
            table = inner;
        }
        table.0.get(last)
    }

    /// Puts `node` at `parts`; where a component on the way is no table, nothing happens.
    pub(super) fn set(&mut self, parts: &[String], node: Node) {
        let Some((last, tables)) = parts.split_last() else {
            return;
        };
        let mut table = self;
        for name in tables {
            let inner = table.0.entry(name.clone());
            let Node::Table(inner) = inner.or_insert_with(|| Node::Table(Self::default())) else {
                return;
            };
            table = inner;
        }
        table.0.insert(last.clone(), node);
    }

    /// Every path to a value that is not a table.
    pub(super) fn leaf_paths(&self) -> Vec<Vec<String>> {
        let mut paths = Vec::new();
        self.visit(&mut Vec::new(), &mut |path, _| paths.push(path.to_vec()));
        paths
    }

    fn visit(&self, at: &mut Vec<String>, seen: &mut impl FnMut(&[String], &Node)) {
        for (name, node) in &self.0 {
            at.push(name.clone());
            match node {
                Node::Table(inner) => inner.visit(at, seen),
                leaf => seen(at, leaf),
            }
            at.pop();
        }
    }

    pub(super) fn into_leaves(self) -> BTreeMap<String, ConfigValue> {
        let mut leaves = BTreeMap::new();
        self.visit(&mut Vec::new(), &mut |path, node| {
            if any_matches(SECRETS, path) {
                return;
            }
            if let Some(value) = node.leaf(path) {
                leaves.insert(key(path), value);
            }
        });
        leaves
    }
}

impl Node {
    fn merge_at(&mut self, from: Self, equals: Equals, at: &mut Vec<String>) -> Result<()> {
        match (self, from) {
            (Self::Table(old), Self::Table(new)) => old.merge_at(new, equals, at)?,
            (Self::List(old), Self::List(new)) => join(old, new, equals, is_joined(at)),
            (Self::Scalar(old), Self::Scalar(new)) => {
                if equals == Equals::Replace || new.rank > old.rank {
                    *old = new;
                }
            }
            (old, new) => bail!(
                "the configuration key `{}` is {} in {} and {} in {}",
                key(at),
                old.kind(),
                old.place(),
                new.kind(),
                new.place()
            ),
        }
        Ok(())
    }

    /// The items of a list, and of a string where `parts` names flags.
    pub(super) fn items(&self, parts: &[String]) -> Option<Vec<Item>> {
        match self {
            Self::List(items) => Some(items.clone()),
            Self::Scalar(item) if is_flags(parts) => item.value.as_str().map(|text| {
                text.split_whitespace()
                    .map(|flag| Item {
                        value: flag.into(),
                        ..item.clone()
                    })
                    .collect()
            }),
            Self::Table(_) | Self::Scalar(_) => None,
        }
    }

    /// An empty array has no part that could tell its origin, and says nothing either.
    fn leaf(&self, parts: &[String]) -> Option<ConfigValue> {
        if let Some(items) = self.items(parts) {
            let origin = items.last()?.origin.clone();
            return Some(ConfigValue {
                value: items.into_iter().map(|item| item.value).collect(),
                origin,
                one_string: matches!(self, Self::Scalar(_)),
            });
        }
        match self {
            Self::Scalar(item) => Some(ConfigValue {
                value: item.value.clone(),
                origin: item.origin.clone(),
                one_string: false,
            }),
            Self::Table(_) | Self::List(_) => None,
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Table(_) => "a table",
            Self::List(_) => "an array",
            Self::Scalar(_) => "a single value",
        }
    }

    fn place(&self) -> String {
        match self {
            Self::Table(table) => table.0.values().next().map(Self::place),
            Self::List(items) => items.first().map(|item| item.origin.to_string()),
            Self::Scalar(item) => Some(item.origin.to_string()),
        }
        .unwrap_or_else(|| "another place".to_owned())
    }
}

/// The weaker parts of an array come first, so that a later flag may override them.
fn join(old: &mut Vec<Item>, mut new: Vec<Item>, equals: Equals, joined: bool) {
    let rank = |items: &[Item]| items.first().map(|item| item.rank);
    if !joined {
        if equals == Equals::Replace || rank(&new) > rank(old) {
            *old = new;
        }
        return;
    }
    match equals {
        Equals::Replace => old.append(&mut new),
        Equals::Keep => {
            new.append(old);
            *old = new;
        }
    }
    old.sort_by_key(|item| item.rank);
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File { path, line, column } => write!(f, "{path}:{line}:{column}"),
            Self::Env { name } => write!(f, "the environment variable {name}"),
            Self::Cli => f.write_str("--config"),
        }
    }
}
