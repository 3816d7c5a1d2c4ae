//! The smallest set of features that meets what must be met, in the words that people would use.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::{Requirement, Setting};
use super::graph::Graph;
use super::resolve::{Resolved, Unit, Wanted, alone};

/// The feature that stands for `default-features = true`.
const DEFAULT: &str = "default";

/// What one entry may ask for, and what that brings.
pub struct Choice<'a> {
    pub graph: &'a Graph,
    pub setting: &'a Setting,
    pub package: usize,
    /// What the entry asks for now.
    pub now: &'a Wanted,
    /// The package's features that no condition of its own names: they are what they turn on, and
    /// nothing else.
    pub silent: &'a BTreeSet<String>,
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

    /// The set in the user's own words where they bring no more than is needed, else in the features'
    /// own. Names are sorted, as `cargo publish` and formatters of manifests sort them; where nothing
    /// but removals is needed the user's order stays.
    fn worded(&self, kept: &BTreeSet<String>, memory: &mut Memory) -> Wanted {
        let whole = self.effect(kept, memory);
        let mut words: Vec<String> = self.now.features.clone();
        if self.now.default_features && self.has_default() {
            words.insert(0, DEFAULT.to_owned());
        }
        words.retain(|word| {
            let one = self.effect(&BTreeSet::from([word.clone()]), memory);
            is_within(&one, &whole)
        });
        let said = |words: &[String], memory: &mut Memory| {
            let set: BTreeSet<String> = words.iter().cloned().collect();
            self.effect(&set, memory)
        };
        if said(&words, memory) != whole {
            words.extend(kept.iter().cloned());
            words.sort();
            words.dedup();
            // What another of the words brings need not be said.
            for name in words.clone() {
                // To switch off default features that cost nothing gains nothing.
                if name == DEFAULT {
                    continue;
                }
                let rest = words.iter().filter(|word| **word != name);
                let rest: Vec<String> = rest.cloned().collect();
                if said(&rest, memory) == whole {
                    words = rest;
                }
            }
        }
        // Nothing is gained by switching off what is empty.
        let empty = self.now.default_features && !self.has_default();
        let default_features = empty || words.iter().any(|word| word == DEFAULT);
        words.retain(|word| word != DEFAULT);
        Wanted {
            features: words,
            default_features,
        }
    }

    /// What a set of features turns on anywhere, without names that only stand for others.
    fn effect(&self, names: &BTreeSet<String>, memory: &mut Memory) -> Effect {
        let mut effect = self.resolved(&self.wanted(names), memory).features.clone();
        for (unit, features) in &mut effect {
            if unit.package == self.package {
                features.retain(|feature| !self.silent.contains(feature));
            }
        }
        effect
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

type Effect = BTreeMap<Unit, BTreeSet<String>>;

fn is_within(part: &Effect, whole: &Effect) -> bool {
    part.iter().all(|(unit, features)| {
        whole
            .get(unit)
            .is_some_and(|whole| features.is_subset(whole))
    })
}

type Memory = BTreeMap<(Vec<String>, bool), Resolved>;
