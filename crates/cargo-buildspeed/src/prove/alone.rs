//! The trials of each lever by itself, in batches that the time and the disk can carry.

use anyhow::Result;
use pitcrew_core::measure::{ArmTrial, Contest, Standing};

use super::bench::{ArmId, ArmPlan, Start};
use super::drive::{Built, Driver, needs_build};
use super::{Outcome, ProveEvent, verdict};
use crate::goal::Goal;
use crate::lever::Lever;

impl<'a> Driver<'a> {
    pub(super) fn try_levers(&mut self) -> Result<()> {
        let mut queue: Vec<usize> = (0..self.tried.len()).collect();
        if self.goal == Goal::Edit {
            // Those that need no clean build first: they tell most for their time.
            queue.sort_by_key(|&at| !self.is_unbuilt(self.tried[at].lever));
        }
        while !queue.is_empty() && self.ended.is_none() {
            let prepare: Vec<f64> = queue.iter().map(|&at| self.prepare_s(at)).collect();
            let costs = self.costs();
            let count = costs.affordable(&prepare, self.remaining_s(), self.winners());
            if count == 0 {
                break;
            }
            let room = self.make_room();
            if room == 0 {
                break;
            }
            let batch: Vec<usize> = queue.drain(..count.min(room)).collect();
            let put_back = self.try_batch(&batch)?;
            queue.splice(0..0, put_back);
        }
        for at in queue {
            self.unproven(at, "not tried");
        }
        Ok(())
    }

    /// For how many arms there is room; where there is none, winners give up theirs.
    pub(super) fn make_room(&mut self) -> usize {
        if self.bench.room_for_arms() == 0 {
            for at in 0..self.tried.len() {
                if let Some(arm) = self.tried[at].arm.take() {
                    self.close(arm);
                }
            }
        }
        self.bench.room_for_arms()
    }

    /// Returns the levers for which the time did not suffice after all, as the builds of others took
    /// longer than thought.
    fn try_batch(&mut self, batch: &[usize]) -> Result<Vec<usize>> {
        let mut arms: Vec<(usize, ArmId)> = Vec::new();
        let mut put_back = Vec::new();
        for (n, &at) in batch.iter().enumerate() {
            if !arms.is_empty() && !self.is_affordable_beside(at, arms.len()) {
                put_back.extend(&batch[n..]);
                break;
            }
            if let Some(arm) = self.prepare(at)? {
                arms.push((at, arm));
            }
            if self.ended.is_some() {
                put_back.extend(&batch[n + 1..]);
                break;
            }
        }
        if self.ended.is_some() {
            for (at, _) in arms {
                self.unproven(at, "not tried");
            }
            return Ok(put_back);
        }
        if arms.is_empty() {
            return Ok(put_back);
        }
        let levers: Vec<&Lever> = arms.iter().map(|(at, _)| self.tried[*at].lever).collect();
        let ids: Vec<ArmId> = arms.iter().map(|(_, arm)| *arm).collect();
        let against_baseline = |arm| Contest { arm, against: 0 };
        let contests: Vec<Contest> = (1..=ids.len()).map(against_baseline).collect();
        let s = if ids.len() == 1 { "" } else { "s" };
        let what = format!("comparing {} change{s} with the baseline", ids.len());
        let trials = self.run_rounds(&what, &ids, &contests, &levers)?;
        for ((at, arm), trial) in arms.into_iter().zip(&trials.contests) {
            self.judge(at, trial);
            if trial.standing == Standing::Won {
                self.tried[at].arm = Some(arm);
            } else {
                self.close(arm);
            }
        }
        Ok(put_back)
    }

    /// Writes what a trial says of a lever.
    pub(super) fn judge(&mut self, at: usize, trial: &ArmTrial<String>) {
        let why = match trial.standing {
            Standing::Open => format!("its rounds were not finished ({})", self.lack()),
            _ => String::new(),
        };
        let judged = self.policy.judge(&trial.pairs);
        let tried = &mut self.tried[at];
        tried.verdict.outcome = verdict::outcome(&self.policy, trial, &why);
        tried.verdict.evidence = verdict::evidence(self.goal, &[tried.lever], &judged, trial);
        tried.ratio = judged.ratio;
        tried.pairs.clone_from(&trial.pairs);
    }

    pub(super) fn unproven(&mut self, at: usize, what: &str) {
        let why = format!("{what} ({})", self.lack());
        self.tried[at].verdict.outcome = Outcome::Unproven { why };
    }

    /// Opens the arm of a lever and builds what its rounds need; none where that did not work.
    fn prepare(&mut self, at: usize) -> Result<Option<ArmId>> {
        let plan = self.plan(at);
        let arm = self.open(&plan)?;
        if !needs_build(self.goal, &plan) {
            return Ok(Some(arm));
        }
        let outcome = match self.build(&plan, arm)? {
            Built::Took(took) => {
                self.tried[at].verdict.guard = self.guard(&plan, took);
                return Ok(Some(arm));
            }
            Built::Stopped => {
                self.unproven(at, "its build was not finished");
                self.close(arm);
                return Ok(None);
            }
            Built::TooSlow(why) => Outcome::Rejected { why },
            Built::Failed(error) => Outcome::Failed {
                error: verdict::first_error_line(&error),
            },
        };
        self.tried[at].verdict.outcome = outcome;
        self.close(arm);
        (self.on_event)(ProveEvent::Settled(&self.tried[at].verdict));
        Ok(None)
    }

    /// The arm of a lever by itself.
    pub(super) fn plan(&self, at: usize) -> ArmPlan<'a> {
        let lever = self.tried[at].lever;
        ArmPlan {
            levers: vec![lever],
            start: if self.is_unbuilt(lever) {
                Start::Baseline
            } else {
                Start::Clean
            },
        }
    }

    fn prepare_s(&self, at: usize) -> f64 {
        let plan = self.plan(at);
        if needs_build(self.goal, &plan) {
            self.costs().clean_s
        } else {
            0.0
        }
    }

    /// Whether a lever can be prepared and `others` still have their rounds.
    fn is_affordable_beside(&self, at: usize, others: usize) -> bool {
        let costs = self.costs();
        let takes_s = self.prepare_s(at) + costs.rounds_s(others + 2);
        let fits =
            |remaining_s| takes_s + costs.choice_s(self.winners(), remaining_s) <= remaining_s;
        self.remaining_s().is_none_or(fits)
    }
}
