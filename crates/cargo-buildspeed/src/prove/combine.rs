//! The trial of the winners together, against the baseline and against the best single one: what adds
//! nothing to that is not worth writing.

use anyhow::Result;
use pitcrew_core::measure::{Contest, Standing};

use super::bench::{ArmPlan, Start};
use super::choose::Looked;
use super::drive::{Built, Driver, Lack, needs_build};
use super::{Combination, ProveEvent, verdict};
use crate::goal::Goal;
use crate::lever::Lever;

/// The arms of the trial, after the baseline.
const BEST: usize = 1;
const TOGETHER: usize = 2;
/// The best one runs along and is judged once more, for it may have been the luckiest.
const CONTESTS: [Contest; 3] = [
    Contest {
        arm: BEST,
        against: 0,
    },
    Contest {
        arm: TOGETHER,
        against: 0,
    },
    Contest {
        arm: TOGETHER,
        against: BEST,
    },
];

impl Driver<'_> {
    /// Tries all of `singles`, best first. True where they are chosen.
    pub(super) fn combine(&mut self, singles: &[usize]) -> Result<bool> {
        let levers: Vec<&Lever> = singles.iter().map(|&at| self.tried[at].lever).collect();
        let lever_ids: Vec<String> = levers.iter().map(|lever| lever.id.clone()).collect();
        let mut combination = Combination {
            lever_ids,
            evidence: None,
            guard: None,
            ratio_to_best: None,
            interval_to_best: None,
            adds_nothing: false,
            rejected: None,
        };
        // Only the best one's arm is run again.
        for &at in &singles[1..] {
            self.give_up_arm(at);
        }
        let plan = ArmPlan {
            levers,
            start: Start::Clean,
        };
        combination.rejected = self.try_combination(&plan, singles[0], &mut combination)?;
        self.give_up_arm(singles[0]);
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
        let least_s = self.costs().combination_s();
        let is_late = self.remaining_s().is_some_and(|left_s| left_s < least_s);
        // What is left may do to choose the best one.
        if self.ended.is_some() || is_late {
            return Ok(Some(not_tried(self.lack())));
        }
        let best_plan = self.plan(best);
        let best_arm = self.arm_again(best, &best_plan)?;
        let Some(best_arm) = best_arm.filter(|_| self.bench.room_for_arms() > 0) else {
            return Ok(Some(not_tried(self.lack())));
        };
        (self.on_event)(ProveEvent::Combining {
            levers: &plan.levers,
        });
        let arm = self.open(plan)?;
        let why_not = self.try_arms(plan, (best, best_arm), arm, combination)?;
        self.close(arm);
        Ok(why_not)
    }

    fn try_arms(
        &mut self,
        plan: &ArmPlan<'_>,
        (best, best_arm): (usize, usize),
        arm: usize,
        combination: &mut Combination,
    ) -> Result<Option<String>> {
        if needs_build(self.goal, plan) {
            match self.build(plan, arm)? {
                Built::Took(took) => combination.guard = self.guard(plan, took),
                Built::TooSlow(why) => return Ok(Some(format!("together: {why}"))),
                Built::Failed(error) => return Ok(Some(does_not_build(&error))),
                Built::Stopped => return Ok(Some(not_tried(self.lack()))),
            }
        }
        let what = "comparing them with the baseline and the best one alone";
        let trials = self.run_rounds(what, &[best_arm, arm], &CONTESTS, &[])?;
        let [again, together, to_best] = trials.contests.as_slice() else {
            return Ok(None);
        };
        let judged = self.policy.judge(&together.pairs);
        combination.evidence = verdict::evidence(self.goal, &plan.levers, &judged, together);
        let compared = self.policy.judge(&to_best.pairs);
        if compared.pairs > 0 {
            combination.ratio_to_best = Some(compared.ratio);
            combination.interval_to_best = Some(compared.interval);
        }
        combination.adds_nothing = to_best.standing == Standing::Lost;
        let why_not = match (&together.standing, &to_best.standing) {
            (Standing::Won, Standing::Won) => None,
            (Standing::Failed(error), _) => Some(does_not_build(error)),
            (_, Standing::Lost) => {
                let named = self.tried[best].lever.named();
                Some(format!(
                    "together they are not shown to be faster than {named} alone"
                ))
            }
            (Standing::Lost, _) => Some("together they are not shown to help".to_owned()),
            (Standing::Open, _) | (_, Standing::Open | Standing::Failed(_)) => {
                Some(not_tried(self.lack()))
            }
        };
        if why_not.is_some() {
            if self.goal != Goal::Size {
                self.add_pairs(best, again);
            }
            return Ok(why_not);
        }
        self.hold_guard_together(plan, arm, combination)
    }

    fn hold_guard_together(
        &mut self,
        plan: &ArmPlan<'_>,
        arm: usize,
        combination: &mut Combination,
    ) -> Result<Option<String>> {
        let (Goal::Edit, Some(guard)) = (self.goal, &combination.guard) else {
            return Ok(None);
        };
        match self.second_look(plan, arm, guard)? {
            Looked::Timed(guard) => {
                let broken = verdict::broken_guard(&guard);
                combination.guard = Some(guard);
                Ok(broken.map(|why| format!("together: {why}")))
            }
            Looked::TooSlow(why) => Ok(Some(format!("together: {why}"))),
            Looked::Failed(error) => Ok(Some(does_not_build(&error))),
            Looked::NotAgain => {
                let lack = self.lack();
                Ok(Some(format!(
                    "together their clean build seemed slower, and was not timed again ({lack})"
                )))
            }
        }
    }
}

fn not_tried(lack: Lack) -> String {
    format!("they were not tried together to the end ({lack})")
}

fn does_not_build(error: &str) -> String {
    format!(
        "together they do not build: {}",
        verdict::first_error_line(error)
    )
}
