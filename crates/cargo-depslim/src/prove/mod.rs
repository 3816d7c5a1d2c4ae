//! Raises what the rules propose from *by the text* to *by the build*: all candidates are taken out
//! together in a scratch copy and everything is built there. What fails is put back, found by the
//! errors or by halving, never one at a time.

use std::collections::BTreeSet;

use anyhow::Result;
use pitcrew_core::fix::Applicability;
use serde::{Deserialize, Serialize};

mod clean;
mod combination;
mod declared;
mod doctests;
mod making;
pub mod merge;
mod platform;
mod programs;
mod search;
mod trial;
mod unification;
mod workshop;

pub use clean::CleanBuilt;
pub use platform::Platform;
pub use workshop::{Built, Workshop};

use crate::facts::{Facts, Verdict};
use crate::observe::compile;
use crate::remedy::{self, Action, Proposal};
use crate::report;
use trial::Trials;

/// What a proof found of each change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    pub verdicts: Vec<(Action, Proven)>,
    /// What was built, with all that holds carried out.
    pub commands: Vec<String>,
    /// What the user should know of what was not built.
    pub notes: Vec<String>,
}

impl Proof {
    /// What came of a change.
    pub fn of(&self, action: &Action) -> Option<&Proven> {
        let mut verdicts = self.verdicts.iter();
        Some(&verdicts.find(|(of, _)| of == action)?.1)
    }

    /// The changes that hold, all of them together.
    pub fn held(&self) -> Vec<Action> {
        let held = self
            .verdicts
            .iter()
            .filter(|(_, proven)| matches!(proven, Proven::Holds { .. }));
        held.map(|(action, _)| action.clone()).collect()
    }
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
    /// Where something is to be written, the least that it is graded: exactly that is proven then,
    /// without what is only told.
    pub written: Option<Applicability>,
}

impl Question<'_> {
    fn actions(&self) -> Vec<Action> {
        let actions = self.proposals.iter().filter_map(|p| p.action.clone());
        actions.collect()
    }

    /// Whether a change that was sifted takes part in the proof.
    fn takes_part(&self, action: &Action, sifted: &Proof) -> bool {
        let grade = || report::grade(self.facts, action, sifted.of(action)).applicability;
        self.written.is_none_or(|least| grade() >= least)
    }
}

/// What holds in the user's own build of all targets, in the workshop, whose first build has filled
/// the target directory. Not yet a proof.
pub fn sift(question: &Question<'_>, workshop: &mut Workshop<'_>) -> Result<Proof> {
    let facts = question.facts;
    let platform = Platform::detect(workshop.session());
    let mut proof = Proof::default();
    let mut candidates = Vec::new();
    for action in question.actions() {
        match unbuildable(facts, &action, &platform) {
            Some(why) => proof.verdicts.push((action, Proven::Unbuilt { why })),
            None => candidates.push(action),
        }
    }
    let mut trials = Trials::new(question, candidates, workshop);
    let (held, rejected) = trials.own_targets()?;
    trials.reject(rejected, &mut proof);
    let takes = trials.takes(&held)?;
    proof.commands = trials.commands;
    proof.notes = trials.notes;
    for index in held {
        let takes = takes.get(&index).cloned();
        let action = trials.candidates[index].clone();
        proof.verdicts.push((action, Proven::Holds { takes }));
    }
    Ok(proof)
}

/// Proves what was sifted, and the changes of features with it, in all that they bear on.
pub fn prove(question: &Question<'_>, sifted: Proof, workshop: &mut Workshop<'_>) -> Result<Proof> {
    let (mut candidates, left_out): (Vec<Action>, Vec<Action>) = sifted
        .held()
        .into_iter()
        .partition(|action| question.takes_part(action, &sifted));
    let slims = question.actions().into_iter();
    let slims = slims.filter(|action| matches!(action, Action::Slim(_)));
    candidates.extend(slims);
    let mut proof = Proof::default();
    let mut trials = Trials::new(question, candidates, workshop);
    trials.commands.clone_from(&sifted.commands);
    // Of less than was sifted nothing is known yet.
    let (held, rejected) = trials.everything(left_out.is_empty())?;
    trials.reject(rejected, &mut proof);
    proof.commands = trials.commands;
    proof.notes = sifted.notes.clone();
    proof.notes.extend(trials.notes);
    for index in held {
        let action = trials.candidates[index].clone();
        let before = sifted.of(&action).cloned();
        let holds = before.unwrap_or(Proven::Holds { takes: None });
        proof.verdicts.push((action, holds));
    }
    let others = sifted.verdicts.into_iter();
    let others = others.filter(|(_, proven)| !matches!(proven, Proven::Holds { .. }));
    proof.verdicts.extend(others);
    for action in left_out {
        let why = "it would not be written, and took no part in the proof of what is".to_owned();
        proof.verdicts.push((action, Proven::Unbuilt { why }));
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
