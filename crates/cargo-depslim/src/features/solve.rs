//! The smallest set of features that meets what must be met, in the words that people would use.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::{Requirement, Setting};
use super::graph::Graph;
use super::resolve::{Resolved, Wanted, alone};

/// The feature that stands for `default-features = true`.
const DEFAULT: &str = "default";

/// What one entry may ask for, and what that brings.
pub struct Choice<'a> {
    pub graph: &'a Graph,
    pub setting: &'a Setting,
    pub package: usize,
    /// What the entry asks for now.
    pub now: &'a Wanted,
}

impl Choice<'_> {
    /// The smallest wish below the present one that meets all of `required`. Features that are on by
    /// another's asking do not count: what the workspace uses, it asks for itself.
    pub fn smallest(&self, required: &[&Requirement]) -> Wanted {
        let mut memory = BTreeMap::new();
        let mut kept: BTreeSet<String> = self.closure(self.now, &mut memory).clone();
        // What brings much goes first, so that an `all` gives way to what is needed of it.
        let weigh = |name: &String| {
            let wanted = self.wanted(&BTreeSet::from([name.clone()]));
            alone(self.graph, self.package, &wanted)
                .features
                .values()
                .map(BTreeSet::len)
                .sum::<usize>()
        };
        let mut order: Vec<String> = kept.iter().cloned().collect();
        order.sort_by_cached_key(|name| (std::cmp::Reverse(weigh(name)), name.clone()));
        // Without one feature another may no longer be needed either.
        loop {
            let before = kept.len();
            for name in &order {
                if !kept.remove(name) {
                    continue;
                }
                let resolved = self.resolved(&self.wanted(&kept), &mut memory);
                let meets = |requirement: &&&Requirement| {
                    self.setting.meets(&requirement.condition, resolved)
                };
                if !required.iter().all(|requirement| meets(&requirement)) {
                    kept.insert(name.clone());
                }
            }
            if kept.len() == before {
                break;
            }
        }
        self.worded(&kept, &mut memory)
    }

    /// The set in the user's own words where they say no more than is needed, else in the features'
    /// own. Names are sorted, as `cargo publish` and formatters of manifests sort them; where nothing
    /// but removals is needed the user's order stays.
    fn worded(&self, kept: &BTreeSet<String>, memory: &mut Memory) -> Wanted {
        let whole = self.closure(&self.wanted(kept), memory).clone();
        let mut words: Vec<String> = self.now.features.clone();
        if self.now.default_features && self.has_default() {
            words.insert(0, DEFAULT.to_owned());
        }
        words.retain(|word| {
            let one = self.wanted(&BTreeSet::from([word.clone()]));
            self.closure(&one, memory).is_subset(&whole)
        });
        let said = |words: &[String], memory: &mut Memory| {
            let set: BTreeSet<String> = words.iter().cloned().collect();
            self.closure(&self.wanted(&set), memory).clone()
        };
        let own = said(&words, memory);
        let missing: Vec<String> = kept
            .iter()
            .filter(|name| !own.contains(*name))
            .cloned()
            .collect();
        if !missing.is_empty() {
            words.extend(missing);
            // What another of the new words brings need not be said.
            for name in words.clone() {
                let rest: Vec<String> = words
                    .iter()
                    .filter(|word| **word != name)
                    .cloned()
                    .collect();
                if said(&rest, memory) == whole {
                    words = rest;
                }
            }
            words.sort();
        }
        let default_features = words.iter().any(|word| word == DEFAULT)
            // Nothing is gained by switching off what is empty.
            || (self.now.default_features && !self.has_default());
        words.retain(|word| word != DEFAULT);
        Wanted {
            features: words,
            default_features,
        }
    }

    fn has_default(&self) -> bool {
        self.graph.packages[self.package].has_feature(DEFAULT)
    }

    fn wanted(&self, names: &BTreeSet<String>) -> Wanted {
        Wanted {
            features: names
                .iter()
                .filter(|name| *name != DEFAULT)
                .cloned()
                .collect(),
            default_features: names.contains(DEFAULT),
        }
    }

    fn resolved<'m>(&self, wanted: &Wanted, memory: &'m mut Memory) -> &'m Resolved {
        let mut features = wanted.features.clone();
        features.sort();
        let key = (features, wanted.default_features);
        memory
            .entry(key)
            .or_insert_with(|| alone(self.graph, self.package, wanted))
    }

    /// The package's own features that a wish turns on.
    fn closure(&self, wanted: &Wanted, memory: &mut Memory) -> BTreeSet<String> {
        let resolved = self.resolved(wanted, memory);
        resolved.of_package(self.package).unwrap_or_default()
    }
}

type Memory = BTreeMap<(Vec<String>, bool), Resolved>;
