//! Why features stay, for people.

use std::collections::{BTreeMap, BTreeSet};

use super::behaviour::{Alteration, Verdict};
use super::condition::{Condition, Requirement, Why};
use super::liveness::Linked;
use super::outcome::Kept;
use super::resolve::{Wanted, alone};
use super::solve::Choice;
use super::study::Study;

impl Study<'_> {
    /// Why each word of a wish is there: the first thing that would not hold without it.
    pub fn reasons(&self, at: usize) -> Vec<(String, Why)> {
        let wanted = &self.wanted[at];
        let mut words: Vec<(String, Wanted)> = Vec::new();
        for feature in &wanted.features {
            let mut less = wanted.clone();
            less.features.retain(|have| have != feature);
            words.push((feature.clone(), less));
        }
        if wanted.default_features {
            let less = Wanted {
                default_features: false,
                ..wanted.clone()
            };
            words.push(("default".to_owned(), less));
        }
        let package = self.entries[at].package;
        let mut found = Vec::new();
        for (word, less) in words {
            let without = alone(self.graph, package, &less);
            let broken = self.sure[at]
                .iter()
                .filter(|requirement| !self.setting.meets(&requirement.condition, &without));
            // What names the feature says more than what it brings along.
            let key = |requirement: &&Requirement| {
                (!requirement.condition.names(&word), requirement.why.clone())
            };
            if let Some(requirement) = broken.min_by_key(key) {
                found.push((word, requirement.why.clone()));
            }
        }
        found
    }

    /// The features of an entry that code does not ask for and that stay all the same.
    pub fn kept(&self, at: usize, linked: Option<&Linked>) -> Vec<Kept> {
        let entry = &self.entries[at];
        let (plain, special): (Vec<_>, Vec<_>) = self.sure[at]
            .iter()
            .partition(|requirement| requirement.why.is_use());
        if special.is_empty() {
            return Vec::new();
        }
        let silent = self.silent(entry.package);
        let choice = Choice {
            graph: self.graph,
            setting: &self.setting,
            package: entry.package,
            now: &entry.wanted,
            silent: &silent,
        };
        let used = alone(self.graph, entry.package, &choice.smallest(&plain));
        let mut found: BTreeMap<String, Why> = BTreeMap::new();
        for requirement in special {
            if !self.setting.meets(&requirement.condition, &used) {
                for feature in self.asked_for(at, requirement) {
                    found
                        .entry(feature)
                        .or_insert_with(|| requirement.why.clone());
                }
            }
        }
        let kept = found.into_iter().map(|(feature, why)| Kept {
            dependency: entry.name().to_owned(),
            package: self.graph.packages[entry.package].name.clone(),
            why: self.plainest(at, &feature, linked).unwrap_or(why),
            feature,
        });
        kept.collect()
    }

    /// What people would notice first if only this feature went.
    fn plainest(&self, at: usize, feature: &str, linked: Option<&Linked>) -> Option<Why> {
        let package = self.entries[at].package;
        let before = self.alone_then(at);
        let all = before.of_package(package)?;
        let others = all.iter().filter(|other| {
            let one = Wanted {
                features: vec![(*other).clone()],
                default_features: false,
            };
            let brings = alone(self.graph, package, &one).of_package(package);
            brings.is_some_and(|brings| !brings.contains(feature))
        });
        let others = Wanted {
            features: others.cloned().collect(),
            default_features: false,
        };
        let after = alone(self.graph, package, &others);
        let (found, _) = self.judge(&before, &after, linked, &Verdict::is_visible);
        let visible = found.into_iter().filter(|found| found.verdict.is_visible());
        // What is in the package itself says more than what is far below it.
        let key = |alteration: &Alteration| {
            let krate = alteration.krate;
            let is_near = krate == package || self.is_front(package, krate);
            (alteration.elsewhere, !is_near, alteration.verdict)
        };
        visible.min_by_key(key).map(|alteration| alteration.why())
    }

    /// Whether a crate is handed on by another, as `clap_builder` by `clap`: its name says so.
    fn is_front(&self, package: usize, krate: usize) -> bool {
        let name = |at: usize| &self.graph.packages[at].source.krate;
        name(krate).starts_with(&format!("{}_", name(package)))
    }

    /// The features of the entry's package that a requirement is about: its own, or those that turn
    /// on another crate's.
    fn asked_for(&self, at: usize, requirement: &Requirement) -> BTreeSet<String> {
        let Condition::Holds(krate, gate, _) = &requirement.condition else {
            return BTreeSet::new();
        };
        let package = self.entries[at].package;
        let own = self.alone_now(at).of_package(package).unwrap_or_default();
        let named = gate.features();
        if *krate == package {
            let named = named.into_iter().filter(|feature| own.contains(*feature));
            return named.map(str::to_owned).collect();
        }
        let mut found = BTreeSet::new();
        for feature in named {
            let turns_on = own.iter().filter_map(|own| {
                let one = Wanted {
                    features: vec![own.clone()],
                    default_features: false,
                };
                let resolved = alone(self.graph, package, &one);
                let has = resolved.of_package(*krate)?.contains(feature);
                let weight: usize = resolved.features.values().map(BTreeSet::len).sum();
                has.then_some((weight, own.clone()))
            });
            found.extend(turns_on.min().map(|(_, own)| own));
        }
        found
    }
}
