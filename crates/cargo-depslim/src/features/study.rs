//! From facts to a proposal, without building anything: what each entry must keep, and the smallest
//! wish that keeps it.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;
use pitcrew_core::fix::Applicability;

use super::attribution::Affected;
use super::behaviour::{self, Alteration, Comparison, Verdict};
use super::condition::{Condition, Requirement, Setting, Why};
use super::entries::{self, Entry};
use super::graph::Graph;
use super::liveness::Linked;
use super::resolve::{Overrides, Resolved, Root, Wanted, alone, resolve};
use super::solve::Choice;
use crate::gates::Library;

/// Everything that is known, and what has been found out so far.
pub struct Study<'a> {
    pub graph: &'a Graph,
    pub library: &'a Library,
    pub entries: &'a [Entry],
    pub setting: Setting,
    /// What is built: without and with what only tests need.
    pub roots: Vec<Vec<Root>>,
    /// The resolutions as they are now, one for each of `roots`.
    pub before: Vec<Resolved>,
    /// By entry.
    pub(super) sure: Vec<Vec<Requirement>>,
    pub(super) maybe: Vec<Vec<Requirement>>,
    pub wanted: Vec<Wanted>,
    /// Entries that are not looked at.
    left: BTreeSet<usize>,
}

impl<'a> Study<'a> {
    pub fn new(
        graph: &'a Graph,
        library: &'a Library,
        entries: &'a [Entry],
        setting: Setting,
        roots: &[Root],
    ) -> Self {
        let with = |dev: bool| -> Vec<Root> {
            let roots = roots.iter().cloned();
            roots.map(|root| Root { dev, ..root }).collect()
        };
        // The first resolver does not keep development dependencies apart.
        let roots = if graph.first_resolver {
            vec![with(true)]
        } else {
            vec![with(false), with(true)]
        };
        let before = roots
            .iter()
            .map(|roots| resolve(graph, roots, &Overrides::new()))
            .collect();
        Self {
            graph,
            library,
            entries,
            setting,
            roots,
            before,
            sure: vec![Vec::new(); entries.len()],
            maybe: vec![Vec::new(); entries.len()],
            wanted: entries.iter().map(|entry| entry.wanted.clone()).collect(),
            left: BTreeSet::new(),
        }
    }

    /// Does not look at the entries of these manifests and keys.
    pub fn leave(&mut self, left: &BTreeSet<(Utf8PathBuf, Vec<String>)>) {
        let entries = self.entries.iter().enumerate();
        let named = entries.filter(|(_, entry)| {
            left.iter()
                .any(|(manifest, key)| *manifest == entry.manifest && *key == entry.key)
        });
        self.left = named.map(|(at, _)| at).collect();
    }

    /// Everything on, tests included.
    pub(super) fn fullest(&self) -> &Resolved {
        &self.before[self.before.len() - 1]
    }

    /// Takes all that may be needed for needed: nothing will be compiled that could tell.
    pub fn claim_all(&mut self) {
        for (sure, maybe) in self.sure.iter_mut().zip(&self.maybe) {
            extend(sure, maybe.clone());
        }
    }

    /// Whether a dependency is one to look at: it is built, and not the workspace's own.
    pub fn is_open(&self, package: usize) -> bool {
        !self.graph.packages[package].is_member && self.fullest().is_built(package)
    }

    /// The entry keeps all that it asks for.
    pub fn keep_all(&mut self, at: usize, why: &Why) {
        let resolved = self.alone_now(at);
        let package = self.entries[at].package;
        let features = resolved.of_package(package).unwrap_or_default();
        let kept = features.into_iter().map(|feature| Requirement {
            condition: Condition::Holds(package, crate::gates::cfg::Cfg::Feature(feature), true),
            why: why.clone(),
            gated: false,
        });
        let kept = kept.collect();
        extend(&mut self.sure[at], kept);
    }

    pub(super) fn alone_now(&self, at: usize) -> Resolved {
        let entry = &self.entries[at];
        alone(self.graph, entry.package, &entry.wanted)
    }

    pub fn alone_then(&self, at: usize) -> Resolved {
        alone(self.graph, self.entries[at].package, &self.wanted[at])
    }

    /// The resolutions with every entry asking for what is wanted of it.
    pub fn after(&self) -> Vec<Resolved> {
        let overrides = entries::overrides(self.entries, &|at, _| self.wanted[at].clone());
        let roots = self.roots.iter();
        roots
            .map(|roots| resolve(self.graph, roots, &overrides))
            .collect()
    }

    /// Finds the smallest wishes that keep the program as it is, as far as the sources tell. Returns
    /// what is altered all the same.
    pub fn settle(&mut self, linked: Option<&Linked>, accept: Applicability) -> Vec<Alteration> {
        loop {
            self.solve();
            let after = self.after();
            let mut added = self.claim_maybe(&after);
            let mut altered: Vec<Alteration> = Vec::new();
            let keeps = |verdict: &Verdict| {
                verdict.is_visible() || accept == Applicability::MachineApplicable
            };
            for (before, after) in self.before.clone().iter().zip(&after) {
                let (found, required) = self.judge(before, after, linked, &keeps);
                for requirement in required {
                    added |= self.restore(&requirement);
                }
                for alteration in found {
                    if !altered.contains(&alteration) {
                        altered.push(alteration);
                    }
                }
            }
            for at in 0..self.entries.len() {
                if self.wanted[at] == self.entries[at].wanted {
                    continue;
                }
                let (before, after) = self.by_itself(at);
                let (_, required) = self.judge(&before, &after, linked, &keeps);
                for requirement in required {
                    let own = self
                        .setting
                        .meets(&requirement.condition, &self.alone_then(at));
                    if !own {
                        added |= extend(&mut self.sure[at], vec![requirement]);
                    }
                }
            }
            if !added {
                return altered;
            }
        }
    }

    pub(super) fn judge(
        &self,
        before: &Resolved,
        after: &Resolved,
        linked: Option<&Linked>,
        keeps: &dyn Fn(&Verdict) -> bool,
    ) -> (Vec<Alteration>, Vec<Requirement>) {
        let comparison = Comparison {
            graph: self.graph,
            library: self.library,
            setting: &self.setting,
            before,
            after,
            linked,
        };
        let found = behaviour::alterations(&comparison);
        let required = behaviour::requirements(&comparison, &found, keeps);
        (found, required)
    }

    /// What an entry turns on now and then, and the workspace asks for directly, without what other
    /// dependencies turn on for themselves: they may stop doing so with any update.
    fn by_itself(&self, at: usize) -> (Resolved, Resolved) {
        let (mut now, mut then) = (self.alone_now(at), self.alone_then(at));
        for (other, entry) in self.entries.iter().enumerate() {
            if other == at {
                continue;
            }
            let asked = self.alone_then(other);
            for view in [&mut now, &mut then] {
                for (unit, features) in &mut view.features {
                    if unit.package == entry.package {
                        features.extend(asked.of_package(unit.package).unwrap_or_default());
                    }
                }
            }
        }
        (now, then)
    }

    fn solve(&mut self) {
        for at in 0..self.entries.len() {
            let entry = &self.entries[at];
            if !self.is_open(entry.package) || self.left.contains(&at) {
                continue;
            }
            let silent = self.silent(entry.package);
            let choice = Choice {
                graph: self.graph,
                silent: &silent,
                setting: &self.setting,
                package: entry.package,
                now: &entry.wanted,
            };
            let required: Vec<&Requirement> = self.sure[at].iter().collect();
            self.wanted[at] = choice.smallest(&required);
        }
    }

    /// The features of a package that only stand for others.
    pub(super) fn silent(&self, package: usize) -> BTreeSet<String> {
        let named = self.library.named_features(package);
        let script = self.library.script(package);
        let features = self.graph.packages[package].features.keys();
        features
            .filter(|feature| !named.contains(*feature) && !script.asks(feature))
            .cloned()
            .collect()
    }

    /// A method that may be used and that is there by another's asking: no compiler could tell.
    fn claim_maybe(&mut self, after: &[Resolved]) -> bool {
        let mut added = false;
        for at in 0..self.entries.len() {
            let own = self.alone_then(at);
            let claimed: Vec<Requirement> = self.maybe[at]
                .iter()
                .filter(|requirement| {
                    !self.setting.meets(&requirement.condition, &own)
                        && after
                            .iter()
                            .all(|after| self.setting.meets(&requirement.condition, after))
                })
                .cloned()
                .collect();
            added |= extend(&mut self.sure[at], claimed);
        }
        added
    }

    /// Makes the first entry that meets a requirement now, and would not then, keep it.
    pub fn restore(&mut self, requirement: &Requirement) -> bool {
        let mut candidates: Vec<usize> = (0..self.entries.len()).collect();
        candidates.sort_by_key(|at| {
            let key = &self.entries[*at].key;
            key.iter().any(|part| part.starts_with("dev"))
        });
        for at in candidates {
            let then = self.alone_then(at);
            if self.setting.meets(&requirement.condition, &then) {
                continue;
            }
            let now = self.alone_now(at);
            if self.setting.meets(&requirement.condition, &now) {
                return extend(&mut self.sure[at], vec![requirement.clone()]);
            }
        }
        false
    }

    /// Takes back what changes nothing that is built: nobody is helped by it.
    pub fn drop_idle(&mut self) {
        let after = self.after();
        let effect = |resolved: &Resolved, package: usize| {
            let mut features = resolved.of_package(package)?;
            let silent = self.silent(package);
            features.retain(|feature| !silent.contains(feature));
            Some(features)
        };
        let differs = |package: usize| {
            let mut pairs = self.before.iter().zip(&after);
            pairs.any(|(before, after)| {
                before.of_package(package) != after.of_package(package)
                    && effect(before, package) != effect(after, package)
            })
        };
        let idle: Vec<usize> = (0..self.entries.len())
            .filter(|at| self.wanted[*at] != self.entries[*at].wanted)
            .filter(|at| {
                let now = self.alone_now(*at);
                !now.features.keys().any(|unit| differs(unit.package))
            })
            .collect();
        for at in idle {
            self.wanted[at] = self.entries[at].wanted.clone();
        }
    }

    /// The crates in which an entry's change takes features away from what is built.
    pub fn affected(&self, at: usize, after: &[Resolved]) -> Affected {
        let (now, then) = (self.alone_now(at), self.alone_then(at));
        let mut affected = Affected::default();
        for unit in now.features.keys() {
            let krate = unit.package;
            let of = |resolved: &Resolved| resolved.of_package(krate);
            let own = gone(of(&now), of(&then));
            let mut here = BTreeSet::new();
            let mut vanished = false;
            for (before, after) in self.before.iter().zip(after) {
                here.extend(gone(of(before), of(after)));
                vanished |= before.is_built(krate) && !after.is_built(krate);
            }
            let lost: BTreeSet<String> = own.intersection(&here).cloned().collect();
            if !lost.is_empty() || (vanished && !then.is_built(krate)) {
                affected.features.insert(krate, lost);
                let name = self.graph.packages[krate].source.krate.clone();
                affected.names.insert(name);
            }
        }
        affected
    }
}

/// The features of the first that the second has not.
fn gone(now: Option<BTreeSet<String>>, then: Option<BTreeSet<String>>) -> BTreeSet<String> {
    let then = then.unwrap_or_default();
    let now = now.into_iter().flatten();
    now.filter(|feature| !then.contains(feature)).collect()
}

/// Adds what is not there yet; whether there was any.
pub(super) fn extend(to: &mut Vec<Requirement>, more: Vec<Requirement>) -> bool {
    let before = to.len();
    for requirement in more {
        let have = to
            .iter_mut()
            .find(|have| have.condition == requirement.condition);
        match have {
            Some(have) => have.gated |= requirement.gated,
            None => to.push(requirement),
        }
    }
    to.len() > before
}
