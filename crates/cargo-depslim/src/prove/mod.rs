//! Raises what the rules propose from *by the text* to *by the build*: all candidates are taken out
//! together in a scratch copy and everything is built there. What fails is put back, found by the
//! errors or by halving, never one at a time.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde::{Deserialize, Serialize};

mod clean;
mod combination;
mod doctests;
mod platform;
mod search;
mod trial;
mod unification;
mod workshop;

pub use platform::Platform;
pub use workshop::{Built, Workshop};

use crate::facts::{Facts, Verdict};
use crate::observe::compile;
use crate::remedy::{self, Action, Proposal};
use trial::Trials;

/// What a proof found of each proposal, by its number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    pub verdicts: BTreeMap<usize, Proven>,
    /// What was built, with all that holds taken out.
    pub commands: Vec<String>,
    /// What the user should know of what was not built.
    pub notes: Vec<String>,
}

/// What came of one proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proven {
    /// All builds without it.
    Holds {
        /// Features that packages lose that stay.
        takes: Option<String>,
    },
    /// Something does not build without it.
    Fails { said: String },
    /// It cannot be built here.
    Unbuilt { why: String },
}

/// What is to be proven, and how far.
pub struct Question<'a> {
    pub facts: &'a Facts,
    pub proposals: &'a [Proposal],
    pub verify_with: Option<&'a str>,
}

/// Proves the proposals in the workshop, whose first check has filled the target directory.
pub fn prove(question: &Question<'_>, workshop: &mut Workshop<'_>) -> Result<Proof> {
    let facts = question.facts;
    let platform = Platform::detect(workshop.session());
    let mut proof = Proof::default();
    let mut candidates = Vec::new();
    for (index, proposal) in question.proposals.iter().enumerate() {
        let Some(action) = &proposal.action else {
            continue;
        };
        match unbuildable(facts, action, &platform) {
            Some(why) => {
                proof.verdicts.insert(index, Proven::Unbuilt { why });
            }
            None => candidates.push(index),
        }
    }
    let mut trials = Trials::new(question, workshop);
    let (held, rejected) = trials.run(&candidates)?;
    for rejected in rejected {
        let said = rejected.said;
        proof
            .verdicts
            .insert(rejected.index, Proven::Fails { said });
    }
    let takes = trials.takes(&held)?;
    proof.commands = trials.commands;
    proof.notes = trials.notes;
    for index in held {
        let takes = takes.get(&index).cloned();
        proof.verdicts.insert(index, Proven::Holds { takes });
    }
    Ok(proof)
}

/// Why a build here says nothing of the change, if it does not.
fn unbuildable(facts: &Facts, action: &Action, platform: &Platform) -> Option<String> {
    let id = action.entry()?;
    let (member, dependency) = remedy::entry(facts, id)?;
    if let Some(target) = &dependency.table.target
        && !platform.matches(target)
    {
        return Some(format!("the table of `{target}` is not built here"));
    }
    let compiled = facts.compiled.as_ref()?;
    let broken: BTreeSet<usize> = compile::broken(compiled);
    if broken.contains(&id.member) {
        let failed = compiled
            .failed
            .iter()
            .filter(|(index, _)| *index == id.member);
        let names: Vec<&str> = failed.map(|(_, target)| target.as_str()).collect();
        let (name, targets) = (&member.name, names.join("`, `"));
        return Some(format!("`{targets}` of {name} does not build as it is"));
    }
    let nothing_built = !compiled.units.iter().any(|unit| unit.member == id.member);
    if nothing_built && !member.targets.is_empty() {
        return Some(format!("{} does not build as it is", member.name));
    }
    let unknown = compiled.verdict(id.member, dependency) == Verdict::Unknown;
    (unknown
        && !dependency.optional
        && !member.targets.is_empty()
        && dependency.table.target.is_some())
    .then(|| "no target that was built had it at hand".to_owned())
}
