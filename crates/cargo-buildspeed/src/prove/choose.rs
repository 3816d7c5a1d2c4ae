//! From the winners to what is applied: the guard, the best of each group, all of them together or
//! else the best that holds when it is run again.

use anyhow::Result;
use pitcrew_core::measure::{ArmTrial, Contest, Standing, judge_pairs};

use super::bench::{ArmId, ArmPlan, Start};
use super::drive::{Built, Driver, needs_build};
use super::{Guard, Outcome, verdict};
use crate::goal::Goal;

impl Driver<'_> {
    pub(super) fn choose(&mut self) -> Result<()> {
        let singles = self.best_of_groups()?;
        if singles.len() > 1 && self.combine(&singles)? {
            self.explain_unchosen();
            return Ok(());
        }
        for at in self.ranked() {
            if self.won(at) && self.passes_alone(at)? {
                self.chosen = vec![self.tried[at].lever.id.clone()];
                break;
            }
        }
        self.explain_unchosen();
        Ok(())
    }

    pub(super) fn won(&self, at: usize) -> bool {
        self.tried[at].verdict.outcome == Outcome::Accepted
    }

    /// The winners, best first.
    fn ranked(&self) -> Vec<usize> {
        let mut winners: Vec<usize> = (0..self.tried.len()).filter(|&at| self.won(at)).collect();
        winners.sort_by(|&a, &b| self.tried[a].ratio.total_cmp(&self.tried[b].ratio));
        winners
    }

    /// The best winner of each group that holds its guard, best first.
    fn best_of_groups(&mut self) -> Result<Vec<usize>> {
        let mut singles: Vec<usize> = Vec::new();
        for at in self.ranked() {
            let group = &self.tried[at].lever.group;
            let beaten = singles.iter().any(|&s| self.tried[s].lever.group == *group);
            if !beaten && self.holds_guard(at)? {
                singles.push(at);
            }
        }
        Ok(singles)
    }

    /// Rejects a winner whose clean build is too slow, after a second look at it.
    fn holds_guard(&mut self, at: usize) -> Result<bool> {
        let guard = self.tried[at].verdict.guard.clone();
        let Some(guard) = guard.filter(|_| self.goal == Goal::Edit) else {
            return Ok(true);
        };
        if verdict::broken_guard(&guard).is_none() {
            return Ok(true);
        }
        let plan = self.plan(at);
        let arm = self.arm_again(at, &plan)?;
        let looked = match arm {
            Some(arm) => self.second_look(&plan, arm, &guard)?,
            None => Looked::NotAgain,
        };
        self.settle_guard(
            at,
            looked,
            "its clean build seemed slower, and was not timed again",
        );
        if !self.won(at) {
            self.give_up_arm(at);
        }
        Ok(self.won(at))
    }

    /// Writes what a second look at the clean build says.
    fn settle_guard(&mut self, at: usize, looked: Looked, not_again: &str) {
        match looked {
            Looked::Timed(guard) => {
                if let Some(why) = verdict::broken_guard(&guard) {
                    self.tried[at].verdict.outcome = Outcome::Rejected { why };
                }
                self.tried[at].verdict.guard = Some(guard);
            }
            Looked::Failed(error) => {
                let error = verdict::first_error_line(&error);
                self.tried[at].verdict.outcome = Outcome::Failed { error };
            }
            Looked::TooSlow(why) => self.tried[at].verdict.outcome = Outcome::Rejected { why },
            Looked::NotAgain => self.unproven(at, not_again),
        }
    }

    /// A single clean build may have been disturbed, and the machine may have slowed down since the
    /// baseline's: where it seems too slow, both are built again, one right after the other, and these
    /// two are compared.
    pub(super) fn second_look(
        &mut self,
        plan: &ArmPlan<'_>,
        arm: ArmId,
        guard: &Guard,
    ) -> Result<Looked> {
        if verdict::broken_guard(guard).is_none() {
            return Ok(Looked::Timed(guard.clone()));
        }
        let unchanged = ArmPlan {
            levers: Vec::new(),
            start: Start::Clean,
        };
        let mut took_s = [0.0; 2];
        for (n, (plan, arm)) in [(&unchanged, self.baseline), (plan, arm)]
            .into_iter()
            .enumerate()
        {
            if self.ended.is_some() {
                return Ok(Looked::NotAgain);
            }
            match self.build(plan, arm)? {
                Built::Took(took) => took_s[n] = took,
                Built::TooSlow(why) => return Ok(Looked::TooSlow(why)),
                Built::Failed(error) => return Ok(Looked::Failed(error)),
                Built::Stopped => return Ok(Looked::NotAgain),
            }
        }
        let [baseline_s, candidate_s] = took_s;
        Ok(Looked::Timed(Guard {
            baseline_s,
            candidate_s,
            ..guard.clone()
        }))
    }

    /// The arm of a winner; made anew where it was given up for room. None where that cannot be.
    pub(super) fn arm_again(&mut self, at: usize, plan: &ArmPlan<'_>) -> Result<Option<ArmId>> {
        if let Some(arm) = self.tried[at].arm {
            return Ok(Some(arm));
        }
        if self.ended.is_some() || self.make_room() == 0 {
            return Ok(None);
        }
        let arm = self.open(plan)?;
        if needs_build(self.goal, plan) && !matches!(self.build(plan, arm)?, Built::Took(_)) {
            self.close(arm);
            return Ok(None);
        }
        self.tried[at].arm = Some(arm);
        Ok(Some(arm))
    }

    pub(super) fn give_up_arm(&mut self, at: usize) {
        if let Some(arm) = self.tried[at].arm.take() {
            self.close(arm);
        }
    }

    /// Whether a lever may be applied alone: it has to hold when it is run once more. One whose trial
    /// started from the baseline's artifacts is built first, with its change written in the files.
    fn passes_alone(&mut self, at: usize) -> Result<bool> {
        if self.is_unbuilt(self.tried[at].lever) {
            self.passes_as_written(at)?;
        } else if self.holds_guard(at)? && self.is_worth_a_rerun(at) {
            self.passes_again(at)?;
        }
        Ok(self.won(at))
    }

    /// The winner of several is the luckiest too. Rounds of clean builds would cost more than the
    /// doubt is worth, and a size is the same each time.
    fn is_worth_a_rerun(&self, at: usize) -> bool {
        let cheap = matches!(self.goal, Goal::Edit | Goal::Runtime);
        cheap && !self.tried[at].run_again && self.ended.is_none()
    }

    fn passes_again(&mut self, at: usize) -> Result<()> {
        let plan = self.plan(at);
        // Without the means to run it again its own trial has to do.
        if let Some(arm) = self.arm_again(at, &plan)? {
            let trial = self.against_baseline(at, arm)?;
            self.add_pairs(at, &trial);
        }
        Ok(())
    }

    fn passes_as_written(&mut self, at: usize) -> Result<()> {
        const NOT_TIMED: &str = "faster, but not timed as it would be written";
        self.give_up_arm(at);
        if self.ended.is_some() || self.make_room() == 0 {
            self.unproven(at, NOT_TIMED);
            return Ok(());
        }
        let plan = ArmPlan {
            start: Start::Clean,
            ..self.plan(at)
        };
        let arm = self.open(&plan)?;
        let looked = match self.build(&plan, arm)? {
            Built::Took(took) => match self.guard(&plan, took) {
                Some(guard) => self.second_look(&plan, arm, &guard)?,
                None => Looked::NotAgain,
            },
            Built::TooSlow(why) => Looked::TooSlow(why),
            Built::Failed(error) => Looked::Failed(error),
            Built::Stopped => Looked::NotAgain,
        };
        self.settle_guard(at, looked, NOT_TIMED);
        if self.won(at) {
            let trial = self.against_baseline(at, arm)?;
            self.judge(at, &trial);
            if trial.standing == Standing::Open {
                self.unproven(at, NOT_TIMED);
            }
        }
        self.close(arm);
        Ok(())
    }

    fn against_baseline(&mut self, at: usize, arm: ArmId) -> Result<ArmTrial<String>> {
        let contest = Contest { arm: 1, against: 0 };
        let what = format!("running once more: {}", self.tried[at].lever.named());
        let mut trials = self.run_rounds(&what, &[arm], &[contest], &[])?;
        Ok(trials.contests.remove(0))
    }

    /// Judges a winner by what its trial and a later one gave together.
    pub(super) fn add_pairs(&mut self, at: usize, later: &ArmTrial<String>) {
        if let Standing::Failed(error) = &later.standing {
            let error = verdict::first_error_line(error);
            self.tried[at].verdict.outcome = Outcome::Failed { error };
            return;
        }
        let tried = &mut self.tried[at];
        tried.run_again = true;
        tried.pairs.extend(&later.pairs);
        let judged = judge_pairs(&tried.pairs);
        let all = ArmTrial {
            pairs: tried.pairs.clone(),
            standing: Standing::<String>::Won,
        };
        tried.ratio = judged.ratio;
        tried.verdict.evidence = verdict::evidence(self.goal, &[tried.lever], &judged, &all);
        if !judged.is_faster() {
            let why = format!("{} when it was run again", verdict::no_gain(&judged));
            tried.verdict.outcome = Outcome::Rejected { why };
        }
    }

    /// Says of each winner that was not chosen why it was not.
    fn explain_unchosen(&mut self) {
        for at in 0..self.tried.len() {
            let lever = self.tried[at].lever;
            if !self.won(at) || self.chosen.contains(&lever.id) {
                continue;
            }
            let rivals = self.tried.iter().map(|tried| tried.lever);
            let rivals = rivals.filter(|l| l.group == lever.group && self.chosen.contains(&l.id));
            let by: Vec<String> = rivals.map(|rival| rival.id.clone()).collect();
            let outcome = if by.is_empty() {
                self.why_not_beside(&lever.id)
            } else {
                Outcome::Outdone { by }
            };
            self.tried[at].verdict.outcome = outcome;
        }
    }

    /// Why a winner was not chosen beside those that were.
    fn why_not_beside(&mut self, lever_id: &str) -> Outcome {
        let beside = self.chosen.clone();
        let together = self.combination.as_ref();
        match together.filter(|together| together.lever_ids.iter().any(|id| id == lever_id)) {
            Some(together)
                if together.adds_nothing && together.lever_ids.first() == beside.first() =>
            {
                Outcome::Needless { beside }
            }
            Some(together) => Outcome::LeftOut {
                beside,
                why: together.rejected.clone().unwrap_or_default(),
            },
            None => Outcome::LeftOut {
                beside,
                why: "they were not tried together".to_owned(),
            },
        }
    }
}

/// What a second look at a clean build gave.
pub(super) enum Looked {
    Timed(Guard),
    TooSlow(String),
    Failed(String),
    /// It could not be built again.
    NotAgain,
}
