//! Tries levers by building. Every candidate is a scratch copy of the workspace with a target
//! directory of its own, run beside the unchanged baseline in the same rounds; what is not shown to
//! help is rejected with its figure, and what helps is combined and measured again.
//!
//! [`drive`] decides what is run and what follows from it; it sees the world through [`Bench`] only,
//! so that it is tested in a simulated one. [`workshop`] is the real one.

mod alone;
mod arm;
mod bench;
mod budget;
mod cache;
mod choose;
mod combine;
mod drive;
mod executables;
mod rounds;
#[cfg(test)]
mod simulated;
#[cfg(test)]
mod tests;
mod verdict;
mod workshop;

use std::time::Duration;

use anyhow::Result;
use pitcrew_core::finding::Evidence;
use serde::{Deserialize, Serialize};

use crate::goal::Goal;
use crate::lever::Lever;

pub use bench::{ArmId, ArmPlan, Bench, Run, Start};
pub use cache::PrivateCache;
pub use drive::drive;
pub use workshop::{HotEdit, Setup, Workshop};

/// A candidate for the rebuild after an edit may make the clean build slower by this factor.
pub const GUARD_LIMIT: f64 = 1.05;

/// How long trials may take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Bounds everything; a build that runs past it is ended.
    pub budget: Option<Duration>,
    /// Bounds the trials for `--goal edit` too, in clean builds of the baseline.
    pub clean_builds: Option<f64>,
}

impl Limits {
    /// Where the user sets none.
    pub const DEFAULT: Self = Self {
        budget: Some(Duration::from_secs(600)),
        clean_builds: Some(10.0),
    };

    /// Seconds from the beginning of the trials to their end; an infinite clean build is one that is
    /// not known yet.
    pub fn allowed_s(&self, goal: Goal, clean_build_s: f64) -> f64 {
        /// However small the project, trials may take this long.
        const LEAST_S: f64 = 60.0;
        let by_builds_s = match (goal, self.clean_builds) {
            (Goal::Edit, Some(builds)) => (builds * clean_build_s).max(LEAST_S),
            _ => f64::INFINITY,
        };
        let budget_s = self.budget.map_or(f64::INFINITY, |b| b.as_secs_f64());
        budget_s.min(by_builds_s)
    }

    /// What the user sets holds alone.
    pub fn of_user(budget: Duration) -> Self {
        Self {
            budget: Some(budget),
            clean_builds: None,
        }
    }
}

/// What the trials gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// One for each lever that serves the goal, in the levers' order.
    pub verdicts: Vec<LeverVerdict>,
    /// The levers to apply, together.
    pub chosen: Vec<String>,
    /// What all of `chosen` gives together, where more than one lever helped and time was left.
    pub combination: Option<Combination>,
    /// The user ended the trials.
    pub interrupted: bool,
    /// The time was up before everything was tried.
    pub out_of_time: bool,
    /// The seconds that the trials were given, where they were bounded.
    pub allowed_s: Option<f64>,
    /// The disk had no room to try everything.
    pub out_of_room: bool,
    /// Seconds of the baseline's clean build.
    pub clean_build_s: Option<f64>,
    /// All that the trials cost, in clean builds of the baseline.
    pub clean_builds_spent: f64,
}

impl Proof {
    /// What the trial of this lever gave.
    pub fn verdict(&self, lever_id: &str) -> Option<&LeverVerdict> {
        self.verdicts
            .iter()
            .find(|verdict| verdict.lever_id == lever_id)
    }

    /// Seconds of a clean build with all that was chosen, where the trials took one.
    pub fn trial_clean_build_s(&self) -> Option<f64> {
        let together = self
            .combination
            .as_ref()
            .filter(|c| c.lever_ids == self.chosen);
        let guard = match (together, &self.chosen[..]) {
            (Some(combination), _) => combination.guard.as_ref(),
            (None, [only]) => self.verdict(only)?.guard.as_ref(),
            (None, _) => None,
        };
        Some(guard?.candidate_s)
    }
}

/// The trial of several winners at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Combination {
    pub lever_ids: Vec<String>,
    /// Against the baseline.
    pub evidence: Option<Evidence>,
    pub guard: Option<Guard>,
    /// Median of its ratios to the best single lever in the same rounds, with its interval.
    pub ratio_to_best: Option<f64>,
    pub interval_to_best: Option<[f64; 2]>,
    /// It is not shown to be faster than the first of its levers alone.
    pub adds_nothing: bool,
    /// Why it was not chosen, if it was not.
    pub rejected: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeverVerdict {
    pub lever_id: String,
    pub outcome: Outcome,
    /// [`Evidence::Measured`], where there is at least one pair.
    pub evidence: Option<Evidence>,
    pub guard: Option<Guard>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Outcome {
    /// Shown to help.
    Accepted,
    /// Shown to help, but these levers, which exclude it, help more.
    Outdone { by: Vec<String> },
    /// Shown to help by itself, but not beside these.
    Needless { beside: Vec<String> },
    /// Shown to help by itself, but not chosen beside these.
    LeftOut { beside: Vec<String>, why: String },
    /// Not shown to help, or it harms elsewhere.
    Rejected { why: String },
    /// Not tried, or not to the end: what was not done, and what it lacked.
    Unproven { why: String },
    /// It does not build or run: the first line of the error.
    Failed { error: String },
}

/// The price of a lever in another scenario, once each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Guard {
    /// `clean build`, `clean build that fills the cache`.
    pub scenario: String,
    pub baseline_s: f64,
    pub candidate_s: f64,
}

impl Guard {
    pub fn ratio(&self) -> f64 {
        self.candidate_s / self.baseline_s
    }
}

/// What is going on, for a progress display.
#[derive(Debug)]
pub enum ProveEvent<'a> {
    /// A clean build of the named arm begins.
    Building { title: &'a str },
    /// A round begins, from 0, with so many candidates beside the baseline.
    Round {
        what: &'a str,
        number: u32,
        candidates: usize,
    },
    /// A lever's trial is over.
    Settled(&'a LeverVerdict),
    /// The winners are tried together.
    Combining { levers: &'a [&'a Lever] },
}

/// Tries the levers that serve `goal` on the workspace of `setup`.
///
/// # Errors
/// Where the project does not build as it is, with cargo's own message; where the disk is full.
pub fn prove(
    setup: Setup<'_>,
    goal: Goal,
    levers: &[Lever],
    limits: Limits,
    on_event: &mut dyn FnMut(ProveEvent<'_>),
) -> Result<Proof> {
    let mut workshop = Workshop::new(setup, goal)?;
    let proof = drive(&mut workshop, goal, levers, limits, on_event);
    workshop.close();
    proof
}
