//! Names that a target's code has for things of other crates, by `use`, `extern crate` and renaming.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenTree;

use crate::gates::attributes;
use crate::gates::tokens::{ident, is_ident, is_punct, trees};
pub(super) use crate::gates::{UseLeaf, use_leaves};

/// By alias: what it may stand for, of whatever module it is.
pub(super) struct Aliases {
    externs: BTreeSet<String>,
    known: BTreeMap<String, BTreeSet<Vec<String>>>,
    macro_use: BTreeSet<String>,
}

/// No name is imported through more than this many others.
const DEEPEST: usize = 8;

impl Aliases {
    pub fn new(externs: &BTreeSet<String>) -> Self {
        Self {
            externs: externs.clone(),
            known: BTreeMap::new(),
            macro_use: BTreeSet::new(),
        }
    }

    /// Crates whose macros are called by their bare names.
    pub fn macro_use(&self) -> impl Iterator<Item = &String> {
        self.macro_use.iter()
    }

    /// Takes in the declarations among `tokens`, however deep.
    pub fn gather(&mut self, tokens: &[TokenTree]) {
        let mut at = 0;
        let mut macro_use = false;
        while let Some(tree) = tokens.get(at) {
            if is_punct(Some(tree), '#') {
                let (found, length) = attributes::leading(&tokens[at..]);
                macro_use = found.iter().any(|a| a.name == "macro_use");
                if length > 0 {
                    at += length;
                    continue;
                }
            }
            match tree {
                TokenTree::Group(group) => self.gather(&trees(group.stream())),
                _ if is_ident(Some(tree), "use") => {
                    let length = tokens[at..].iter().position(|t| is_punct(Some(t), ';'));
                    let end = length.map_or(tokens.len(), |length| at + length);
                    for leaf in leaves(&tokens[at..end]) {
                        self.add(leaf);
                    }
                    at = end;
                }
                _ if is_ident(Some(tree), "extern") && is_ident(tokens.get(at + 1), "crate") => {
                    self.extern_crate(tokens, at, macro_use);
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn add(&mut self, leaf: UseLeaf) {
        // `use x;` would only lead back to itself.
        if leaf.alias != "*" && leaf.path.len() + usize::from(leaf.path[0] != leaf.alias) > 1 {
            self.known.entry(leaf.alias).or_default().insert(leaf.path);
        }
    }

    fn extern_crate(&mut self, tokens: &[TokenTree], at: usize, macro_use: bool) {
        let Some(name) = ident(tokens.get(at + 2)) else {
            return;
        };
        if macro_use {
            self.macro_use.insert(name.clone());
        }
        if is_ident(tokens.get(at + 3), "as")
            && let Some(alias) = ident(tokens.get(at + 4))
        {
            self.known.entry(alias).or_default().insert(vec![name]);
        }
    }

    /// The crates that a path may lead to, each with the rest of the path.
    pub fn resolve(&self, path: &[String]) -> BTreeSet<(String, Vec<String>)> {
        let mut found = BTreeSet::new();
        self.resolve_into(path, &mut found, 0);
        found
    }

    fn resolve_into(
        &self,
        path: &[String],
        found: &mut BTreeSet<(String, Vec<String>)>,
        depth: usize,
    ) {
        let Some((first, rest)) = path.split_first() else {
            return;
        };
        if depth > DEEPEST {
            return;
        }
        // `crate::x::Name`, where `Name` came in by a `use` somewhere.
        let is_own = matches!(first.as_str(), "crate" | "self" | "super");
        if is_own {
            for at in 0..rest.len() {
                if self.known.contains_key(&rest[at]) {
                    self.resolve_into(&rest[at..], found, depth + 1);
                }
            }
            return;
        }
        for target in self.known.get(first).into_iter().flatten() {
            let mut whole = target.clone();
            whole.extend(rest.iter().cloned());
            self.resolve_into(&whole, found, depth + 1);
        }
        if self.externs.contains(first) {
            found.insert((first.clone(), rest.to_vec()));
        }
    }
}

/// The leaves of the declaration that begins with `use`.
pub(super) fn leaves(tokens: &[TokenTree]) -> Vec<UseLeaf> {
    let end = tokens.len() - usize::from(is_punct(tokens.last(), ';'));
    use_leaves(tokens.get(1..end).unwrap_or_default())
}
