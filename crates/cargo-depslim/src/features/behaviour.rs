//! Whether a program that still compiles would do something else: what the features that go alter in
//! code that is there either way, and whether that code is part of the program.
//!
//! No feature is known by name. What counts is what stands under the condition:
//! - text, a `match` arm, an element, `cfg!`, one of two definitions: a user could see it, and the
//!   feature stays;
//! - a call or a field that only serves new names which the feature adds and nobody uses (a driver for
//!   `x::process` in a runtime): code goes that had nothing to do, which is shown and left to the user
//!   to accept.

mod altered;
mod support;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::condition::{Condition, Requirement, Setting, Why};
use super::graph::Graph;
use super::liveness::Linked;
use super::resolve::Resolved;
pub use super::verdict::Verdict;
use crate::gates::Library;
use crate::gates::cfg::Cfg;

/// Two resolutions, and what is known to compare what they mean.
pub struct Comparison<'a> {
    pub graph: &'a Graph,
    pub library: &'a Library,
    pub setting: &'a Setting,
    pub before: &'a Resolved,
    pub after: &'a Resolved,
    /// None where no program tells: then any code may be part of it.
    pub linked: Option<&'a Linked>,
}

/// Something in a crate that is altered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alteration {
    pub krate: usize,
    pub gate: Cfg,
    /// The gate's value now.
    pub before: bool,
    /// Where: `tokio::runtime::driver::create_process_driver`.
    pub place: String,
    pub verdict: Verdict,
    /// It only differs on a platform that is not built for here.
    pub elsewhere: bool,
    /// The features of the crate that make the difference.
    pub features: BTreeSet<String>,
}

impl Alteration {
    pub fn why(&self) -> Why {
        let place = self.place.clone();
        if self.elsewhere {
            Why::Elsewhere(self.verdict, place)
        } else {
            Why::Behaviour(self.verdict, place)
        }
    }
}

/// All that is altered in code that may be part of a program, crate by crate.
pub fn alterations(comparison: &Comparison<'_>) -> Vec<Alteration> {
    let mut all = Vec::new();
    for (package, before, after) in comparison.changed() {
        let found = altered::in_crate(comparison, package, &before, &after);
        all.extend(settle_switches(found));
    }
    all
}

/// A switch alone says nothing: it follows what else its feature alters. Where there is nothing else,
/// what reads it is not known.
fn settle_switches(mut found: Vec<Alteration>) -> Vec<Alteration> {
    let mut by_feature: BTreeMap<String, BTreeSet<Verdict>> = BTreeMap::new();
    for alteration in &found {
        for feature in &alteration.features {
            let verdicts = by_feature.entry(feature.clone()).or_default();
            verdicts.insert(alteration.verdict);
        }
    }
    for alteration in &mut found {
        if alteration.verdict == Verdict::Switch {
            let is_served = alteration.features.iter().any(|feature| {
                by_feature
                    .get(feature)
                    .is_some_and(|verdicts| verdicts.contains(&Verdict::Support))
            });
            alteration.verdict = if is_served {
                Verdict::Support
            } else {
                Verdict::Choice
            };
        }
    }
    found
}

impl Comparison<'_> {
    /// The crates that are built both times, with other features. A procedural macro and what only
    /// it needs run at compile time: what they change shows in the programs that are compared.
    fn changed(&self) -> Vec<(usize, BTreeSet<String>, BTreeSet<String>)> {
        let mut changed = Vec::new();
        for (unit, before) in &self.before.features {
            if unit.host || self.graph.packages[unit.package].is_proc_macro {
                continue;
            }
            if let Some(after) = self
                .after
                .features
                .get(unit)
                .filter(|after| *after != before)
            {
                changed.push((unit.package, before.clone(), after.clone()));
            }
        }
        changed
    }
}

/// What must hold so that the program stays as it is, but for what `keeps` lets go.
pub fn requirements(
    comparison: &Comparison<'_>,
    found: &[Alteration],
    keeps: &dyn Fn(&Verdict) -> bool,
) -> Vec<Requirement> {
    let mut out: Vec<Requirement> = Vec::new();
    for alteration in found.iter().filter(|found| keeps(&found.verdict)) {
        let why = alteration.why();
        let mut push = |condition: Condition| {
            if !out.iter().any(|have| have.condition == condition) {
                out.push(Requirement {
                    condition,
                    why: why.clone(),
                    gated: false,
                });
            }
        };
        if alteration.elsewhere {
            // On what platform it has which value nobody can say here: its features stay.
            for feature in &alteration.features {
                let gate = Cfg::Feature(feature.clone());
                push(Condition::Holds(alteration.krate, gate, true));
            }
        } else {
            let gate = alteration.gate.clone();
            push(Condition::Holds(alteration.krate, gate, alteration.before));
        }
    }
    out.extend(compiled(comparison));
    out
}

/// What the compilation of the crates themselves asks: build scripts, refusals, the standard library.
fn compiled(comparison: &Comparison<'_>) -> Vec<Requirement> {
    let Comparison {
        library,
        setting,
        before,
        after,
        ..
    } = comparison;
    let mut out = Vec::new();
    for (unit, features) in &before.features {
        let (krate, gone) = match after.features.get(unit) {
            Some(after) => (unit.package, features.difference(after)),
            None => continue,
        };
        let gone: Vec<&String> = gone.collect();
        if gone.is_empty() {
            continue;
        }
        let script = library.script(krate);
        let model = library.model(krate);
        for feature in &gone {
            let holds = || Condition::Holds(krate, Cfg::Feature((*feature).clone()), true);
            if script.asks(feature) {
                let name = library.source(krate).krate.clone();
                out.push(Requirement {
                    condition: holds(),
                    why: Why::Script(name),
                    gated: false,
                });
            }
            if let Some(unread) = model.unread.iter().find(|unread| unread.hides_gates()) {
                out.push(Requirement {
                    condition: holds(),
                    why: Why::Unread(unread.file.to_string()),
                    gated: false,
                });
            }
        }
        for (gate, message) in &model.refusals {
            if setting.value(krate, gate, before) == Some(false) {
                out.push(Requirement {
                    condition: Condition::Holds(krate, gate.clone(), false),
                    why: Why::Refused(message.trim_matches('"').to_owned()),
                    gated: false,
                });
            }
        }
        for gate in &model.no_std {
            if setting.value(krate, gate, before) == Some(false) {
                out.push(Requirement {
                    condition: Condition::Holds(krate, gate.clone(), false),
                    why: Why::Std,
                    gated: false,
                });
            }
        }
    }
    out
}
