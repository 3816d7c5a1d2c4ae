//! From the winners to what is applied: the guard, the best of each group, and the trial of all of
//! them together.

use anyhow::Result;
use pitcrew_core::measure::{Standing, Trials, median};

use super::bench::{ArmId, ArmPlan, Run, Start};
use super::drive::{Driver, needs_build};
use super::verdict;
use super::{Combination, Guard, Outcome, ProveEvent};
use crate::goal::Goal;
use crate::lever::Lever;

impl Driver<'_> {
    pub(super) fn choose(&mut self) -> Result<()> {
        for at in 0..self.tried.len() {
            self.hold_guard_of_winner(at)?;
        }
        let singles = self.best_of_groups();
        if singles.len() > 1 && !self.stopped && self.combine(&singles)? {
            return Ok(());
        }
        for at in singles {
            if self.passes_alone(at)? {
                self.settle_on(at);
                break;
            }
        }
        Ok(())
    }

    fn won(&self, at: usize) -> bool {
        self.tried[at].verdict.outcome == Outcome::Accepted
    }

    /// Rejects a winner whose clean build is too slow, after a second look at it.
    fn hold_guard_of_winner(&mut self, at: usize) -> Result<()> {
        let tried = &self.tried[at];
        let (Goal::Edit, true, Some(guard), Some(arm)) =
            (self.goal, self.won(at), &tried.verdict.guard, tried.arm)
        else {
            return Ok(());
        };
        let plan = ArmPlan {
            levers: vec![tried.lever],
            start: Start::Clean,
        };
        let guard = self.second_look(&plan, arm, guard.clone())?;
        let broken = verdict::broken_guard(&guard);
        let tried = &mut self.tried[at];
        tried.verdict.guard = Some(guard);
        if let Some(why) = broken {
            tried.verdict.outcome = Outcome::Rejected { why };
            tried.arm = None;
            self.bench.close(arm);
        }
        Ok(())
    }

    /// A single clean build may have been disturbed: where it seems too slow, both are built again,
    /// and the better time of each counts.
    fn second_look(&mut self, plan: &ArmPlan<'_>, arm: ArmId, mut guard: Guard) -> Result<Guard> {
        if verdict::broken_guard(&guard).is_none() || self.stopped {
            return Ok(guard);
        }
        let unchanged = ArmPlan {
            levers: Vec::new(),
            start: Start::Clean,
        };
        if let Run::Took(took) = self.build_or_stop(&unchanged, self.baseline)? {
            guard.baseline_s = guard.baseline_s.min(took);
            if let Run::Took(took) = self.build_or_stop(plan, arm)? {
                guard.candidate_s = guard.candidate_s.min(took);
            }
        }
        Ok(guard)
    }

    fn build_or_stop(&mut self, plan: &ArmPlan<'_>, arm: ArmId) -> Result<Run> {
        let run = self.build(plan, arm)?;
        if run == Run::Stopped {
            self.stop();
        }
        Ok(run)
    }

    /// The best winner of each group, best first; the others of a group are outdone.
    fn best_of_groups(&mut self) -> Vec<usize> {
        let mut winners: Vec<usize> = (0..self.tried.len()).filter(|&at| self.won(at)).collect();
        winners.sort_by(|&a, &b| self.tried[a].ratio.total_cmp(&self.tried[b].ratio));
        let mut singles: Vec<usize> = Vec::new();
        for at in winners {
            let group = &self.tried[at].lever.group;
            let better = singles
                .iter()
                .find(|&&s| self.tried[s].lever.group == *group);
            match better {
                None => singles.push(at),
                Some(&better) => {
                    let by = vec![self.tried[better].lever.id.clone()];
                    self.outdo(at, by);
                }
            }
        }
        singles
    }

    fn outdo(&mut self, at: usize, by: Vec<String>) {
        self.tried[at].verdict.outcome = Outcome::Outdone { by };
        if let Some(arm) = self.tried[at].arm.take() {
            self.bench.close(arm);
        }
    }

    /// Tries all of `singles` together, beside the baseline and the best one. True where they are
    /// chosen.
    fn combine(&mut self, singles: &[usize]) -> Result<bool> {
        let levers: Vec<&Lever> = singles.iter().map(|&at| self.tried[at].lever).collect();
        let lever_ids: Vec<String> = levers.iter().map(|lever| lever.id.clone()).collect();
        // Only the best one's arm is run again.
        for &at in &singles[1..] {
            if let Some(arm) = self.tried[at].arm.take() {
                self.bench.close(arm);
            }
        }
        (self.on_event)(ProveEvent::Combining {
            lever_ids: &lever_ids,
        });
        let mut combination = Combination {
            lever_ids,
            evidence: None,
            guard: None,
            ratio_to_best: None,
            rejected: None,
        };
        let plan = ArmPlan {
            levers,
            start: Start::Clean,
        };
        combination.rejected = self.try_combination(&plan, singles[0], &mut combination)?;
        let chosen = combination.rejected.is_none();
        if chosen {
            self.chosen.clone_from(&combination.lever_ids);
        }
        self.combination = Some(combination);
        Ok(chosen)
    }

    /// Returns why the combination is not to be chosen.
    fn try_combination(
        &mut self,
        plan: &ArmPlan<'_>,
        best: usize,
        combination: &mut Combination,
    ) -> Result<Option<String>> {
        let arm = self.bench.open(plan)?;
        if needs_build(self.goal, plan) {
            match self.build_or_stop(plan, arm)? {
                Run::Took(took) => combination.guard = self.guard(plan, took),
                Run::Failed(error) => return Ok(Some(verdict::first_error_line(&error))),
                Run::Stopped => return Ok(Some(self.unfinished())),
            }
        }
        let Some(best_arm) = self.tried[best].arm else {
            return Ok(Some(
                "the best single change could not be run again".to_owned(),
            ));
        };
        let trials = self.run_rounds(&[best_arm, arm], &[])?;
        let trial = &trials.arms[1];
        combination.evidence = verdict::evidence(self.goal, &plan.levers, &self.policy, trial);
        combination.ratio_to_best = ratio_to_first(&trials);
        if trials.arms[0].standing != Standing::Won {
            // Its arm was closed when it settled.
            self.tried[best].arm = None;
        }
        let unfinished = self.unfinished();
        match verdict::outcome(&self.policy, trial, &unfinished) {
            Outcome::Accepted => {}
            Outcome::Rejected { why } | Outcome::Unproven { why } => return Ok(Some(why)),
            Outcome::Failed { error } => return Ok(Some(error)),
            Outcome::Outdone { .. } => {}
        }
        if !combination.ratio_to_best.is_some_and(|ratio| ratio < 1.0) {
            let title = &self.tried[best].lever.title;
            return Ok(Some(format!("no better than {title} alone")));
        }
        let Some(guard) = combination
            .guard
            .clone()
            .filter(|_| self.goal == Goal::Edit)
        else {
            return Ok(None);
        };
        let guard = self.second_look(plan, arm, guard)?;
        let broken = verdict::broken_guard(&guard);
        combination.guard = Some(guard);
        Ok(broken)
    }

    /// Whether a lever may be applied alone. One whose trial started from the baseline's artifacts
    /// has not been built from nothing yet, nor with its change written in the files.
    fn passes_alone(&mut self, at: usize) -> Result<bool> {
        if self.goal != Goal::Edit || self.tried[at].verdict.guard.is_some() {
            return Ok(true);
        }
        if self.stopped {
            self.tried[at].verdict.outcome = Outcome::Unproven {
                why: format!(
                    "faster, but its clean build was not timed: {}",
                    self.unfinished()
                ),
            };
            return Ok(false);
        }
        let plan = ArmPlan {
            levers: vec![self.tried[at].lever],
            start: Start::Clean,
        };
        let arm = self.bench.open(&plan)?;
        let outcome = match self.build_or_stop(&plan, arm)? {
            Run::Took(took) => {
                let guard = self.guard(&plan, took);
                let Some(guard) = guard else {
                    return Ok(true);
                };
                let guard = self.second_look(&plan, arm, guard)?;
                let broken = verdict::broken_guard(&guard);
                self.tried[at].verdict.guard = Some(guard);
                broken.map(|why| Outcome::Rejected { why })
            }
            Run::Failed(error) => Some(Outcome::Failed {
                error: verdict::first_error_line(&error),
            }),
            Run::Stopped => Some(Outcome::Unproven {
                why: format!(
                    "faster, but its clean build was not timed: {}",
                    self.unfinished()
                ),
            }),
        };
        self.bench.close(arm);
        let passes = outcome.is_none();
        if let Some(outcome) = outcome {
            self.tried[at].verdict.outcome = outcome;
        }
        Ok(passes)
    }

    /// Chooses one lever; other winners are outdone by it where a trial said so.
    fn settle_on(&mut self, at: usize) {
        let id = self.tried[at].lever.id.clone();
        let refuted = self
            .combination
            .as_ref()
            .and_then(|combination| combination.ratio_to_best)
            .is_some_and(|ratio| ratio >= 1.0);
        if refuted {
            let others: Vec<usize> = (0..self.tried.len())
                .filter(|&other| other != at && self.won(other))
                .collect();
            for other in others {
                self.outdo(other, vec![id.clone()]);
            }
        }
        self.chosen = vec![id];
    }
}

/// The second arm against the first, over the rounds that both ran.
fn ratio_to_first(trials: &Trials<String>) -> Option<f64> {
    let [first, second] = trials.arms.as_slice() else {
        return None;
    };
    let shared = first.pairs.iter().zip(&second.pairs);
    let ratios: Vec<f64> = shared.map(|(a, b)| b.candidate / a.candidate).collect();
    (!ratios.is_empty()).then(|| median(&ratios))
}
