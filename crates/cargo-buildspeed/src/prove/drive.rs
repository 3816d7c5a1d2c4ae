//! The course of the trials: the baseline, the levers in batches, and then the choice.

use anyhow::{Result, bail};
use pitcrew_core::measure::{ArmTrial, Look, RoundPolicy, Standing, Trials, interleave};

use super::bench::{ArmId, ArmPlan, Bench, Run, Start, is_cache, shares_artifacts};
use super::budget::Costs;
use super::rounds::Rounds;
use super::verdict;
use super::{Combination, Guard, LeverVerdict, Limits, Outcome, Proof, ProveEvent};
use crate::goal::Goal;
use crate::lever::Lever;

/// However small the project, trials may take this long.
const LEAST_SECONDS: f64 = 60.0;

/// What is known of a lever.
#[derive(Debug)]
pub(super) struct Tried<'a> {
    pub lever: &'a Lever,
    pub verdict: LeverVerdict,
    /// Open while its arm may be needed again.
    pub arm: Option<ArmId>,
    /// Median ratio of a winner.
    pub ratio: f64,
}

pub(super) struct Driver<'a> {
    pub bench: &'a mut dyn Bench,
    pub on_event: &'a mut dyn FnMut(ProveEvent<'_>),
    pub goal: Goal,
    pub policy: RoundPolicy,
    pub baseline: ArmId,
    pub clean_s: f64,
    pub run_s: f64,
    pub tried: Vec<Tried<'a>>,
    pub chosen: Vec<String>,
    pub combination: Option<Combination>,
    /// A run was ended: nothing more can be run.
    pub stopped: bool,
    deadline_s: Option<f64>,
    /// Rounds that were run, so that no two are alike.
    round: u32,
}

/// Tries those of `levers` that serve `goal`.
///
/// # Errors
/// Where the baseline does not build or run, and where the bench itself fails.
pub fn drive(
    bench: &mut dyn Bench,
    goal: Goal,
    levers: &[Lever],
    limits: Limits,
    on_event: &mut dyn FnMut(ProveEvent<'_>),
) -> Result<Proof> {
    let mut driver = Driver::new(bench, goal, levers, on_event);
    if let Some(budget) = limits.budget {
        driver.end_at(budget.as_secs_f64());
    }
    if driver.start_baseline()? {
        if goal == Goal::Edit && limits.budget.is_none() {
            let allowed_s = limits.clean_builds * driver.clean_s;
            driver.end_at(allowed_s.max(LEAST_SECONDS));
        }
        driver.try_levers()?;
        driver.choose()?;
    }
    Ok(driver.into_proof())
}

impl<'a> Driver<'a> {
    fn new(
        bench: &'a mut dyn Bench,
        goal: Goal,
        levers: &'a [Lever],
        on_event: &'a mut dyn FnMut(ProveEvent<'_>),
    ) -> Self {
        let serving = levers.iter().filter(|lever| lever.goals.contains(&goal));
        let untried = |lever: &'a Lever| Tried {
            lever,
            verdict: LeverVerdict {
                lever_id: lever.id.clone(),
                outcome: Outcome::Unproven {
                    why: "not tried".to_owned(),
                },
                evidence: None,
                guard: None,
            },
            arm: None,
            ratio: f64::NAN,
        };
        Self {
            bench,
            on_event,
            goal,
            policy: policy(goal),
            baseline: 0,
            clean_s: f64::NAN,
            run_s: 0.0,
            tried: serving.map(untried).collect(),
            chosen: Vec::new(),
            combination: None,
            stopped: false,
            deadline_s: None,
            round: 0,
        }
    }

    fn end_at(&mut self, deadline_s: f64) {
        self.deadline_s = Some(deadline_s);
        self.bench.set_deadline(deadline_s);
    }

    /// Builds the baseline and runs the scenario once, to see that it can be run and what it costs.
    /// False where it was stopped.
    fn start_baseline(&mut self) -> Result<bool> {
        let plan = ArmPlan {
            levers: Vec::new(),
            start: Start::Clean,
        };
        self.baseline = self.bench.open(&plan)?;
        let Some(clean_s) = self.baseline_took(&plan, None)? else {
            return Ok(false);
        };
        self.clean_s = clean_s;
        self.run_s = match self.goal {
            Goal::Clean | Goal::Ci => clean_s,
            Goal::Edit | Goal::Runtime | Goal::Size => {
                let Some(run) = self.baseline_took(&plan, Some(0))? else {
                    return Ok(false);
                };
                self.round = 1;
                if self.goal == Goal::Size { 0.0 } else { run }
            }
        };
        Ok(true)
    }

    fn baseline_took(&mut self, plan: &ArmPlan<'_>, round: Option<u32>) -> Result<Option<f64>> {
        let run = match round {
            None => self.build(plan, self.baseline)?,
            Some(round) => self.bench.run(self.baseline, round)?,
        };
        match run {
            Run::Took(took) => Ok(Some(took)),
            Run::Stopped => {
                self.stop();
                Ok(None)
            }
            Run::Failed(error) => bail!("{}:\n{}", self.baseline_trouble(round), error.trim_end()),
        }
    }

    fn baseline_trouble(&self, round: Option<u32>) -> &'static str {
        match (round, self.goal) {
            (Some(_), Goal::Runtime) => "the command of --bench fails on the unchanged project",
            (Some(_), Goal::Edit) => "the project does not build after the trial's edit",
            (Some(_), _) => "the unchanged project cannot be weighed",
            (None, _) => {
                "the project does not build as it is, so nothing can be tried \
                 (nothing was changed)"
            }
        }
    }

    pub(super) fn build(&mut self, plan: &ArmPlan<'_>, arm: ArmId) -> Result<Run> {
        (self.on_event)(ProveEvent::Building {
            title: &plan.title(),
        });
        self.bench.build_clean(arm)
    }

    fn try_levers(&mut self) -> Result<()> {
        let mut queue: Vec<usize> = (0..self.tried.len()).collect();
        if self.goal == Goal::Edit {
            // Those that need no clean build first: they tell most for their time.
            queue.sort_by_key(|&at| !shares_artifacts(self.tried[at].lever));
        }
        while !queue.is_empty() && !self.stopped {
            let prepare: Vec<f64> = queue.iter().map(|&at| self.prepare_s(at)).collect();
            let count = self.costs().affordable(&prepare, self.remaining_s());
            let count = count.min(self.bench.room_for_arms());
            if count == 0 {
                break;
            }
            let batch: Vec<usize> = queue.drain(..count).collect();
            self.try_batch(&batch)?;
        }
        let why = self.unfinished();
        for at in queue {
            self.tried[at].verdict.outcome = Outcome::Unproven {
                why: format!("not tried: {why}"),
            };
        }
        Ok(())
    }

    fn try_batch(&mut self, batch: &[usize]) -> Result<()> {
        let mut arms = Vec::new();
        for &at in batch {
            if self.stopped {
                break;
            }
            if let Some(arm) = self.prepare(at)? {
                arms.push((at, arm));
            }
        }
        if self.stopped {
            let why = self.unfinished();
            for &at in batch {
                let outcome = &mut self.tried[at].verdict.outcome;
                if let Outcome::Unproven { why: told } = outcome {
                    why.clone_into(told);
                }
            }
            return Ok(());
        }
        let levers: Vec<&Lever> = arms.iter().map(|(at, _)| self.tried[*at].lever).collect();
        let ids: Vec<ArmId> = arms.iter().map(|(_, arm)| *arm).collect();
        let trials = self.run_rounds(&ids, &levers)?;
        let why = self.unfinished();
        for ((at, arm), trial) in arms.into_iter().zip(&trials.arms) {
            let tried = &mut self.tried[at];
            let levers = [tried.lever];
            tried.verdict.outcome = verdict::outcome(&self.policy, trial, &why);
            tried.verdict.evidence = verdict::evidence(self.goal, &levers, &self.policy, trial);
            tried.ratio = self.policy.judge(&trial.pairs).ratio;
            if trial.standing == Standing::Won {
                tried.arm = Some(arm);
            }
        }
        Ok(())
    }

    /// Opens the arm of a lever and builds what its rounds need; none where that did not work.
    fn prepare(&mut self, at: usize) -> Result<Option<ArmId>> {
        let lever = self.tried[at].lever;
        let start = self.start(lever);
        let plan = ArmPlan {
            levers: vec![lever],
            start,
        };
        let arm = self.bench.open(&plan)?;
        if !needs_build(self.goal, &plan) {
            return Ok(Some(arm));
        }
        match self.build(&plan, arm)? {
            Run::Took(took) => {
                self.tried[at].verdict.guard = self.guard(&plan, took);
                Ok(Some(arm))
            }
            Run::Stopped => {
                self.stop();
                Ok(None)
            }
            Run::Failed(error) => {
                self.bench.close(arm);
                let verdict = &mut self.tried[at].verdict;
                verdict.outcome = Outcome::Failed {
                    error: verdict::first_error_line(&error),
                };
                (self.on_event)(ProveEvent::Settled(verdict));
                Ok(None)
            }
        }
    }

    fn start(&self, lever: &Lever) -> Start {
        if self.goal == Goal::Edit && shares_artifacts(lever) {
            Start::Baseline
        } else {
            Start::Clean
        }
    }

    /// What a clean build of an arm says beside that of the baseline, where the goal is another.
    pub(super) fn guard(&self, plan: &ArmPlan<'_>, took_s: f64) -> Option<Guard> {
        let scenario = match self.goal {
            Goal::Edit => "clean build",
            Goal::Clean | Goal::Ci if plan.fills_cache() => "clean build that fills the cache",
            _ => return None,
        };
        Some(Guard {
            scenario: scenario.to_owned(),
            baseline_s: self.clean_s,
            candidate_s: took_s,
        })
    }

    /// Runs rounds of the baseline and `arms`. `reported` are the levers of the arms whose verdicts
    /// the display is told as they come; none where they have been told before.
    pub(super) fn run_rounds(
        &mut self,
        arms: &[ArmId],
        reported: &[&Lever],
    ) -> Result<Trials<String>> {
        let (goal, policy) = (self.goal, &self.policy);
        let verdict = |at: usize, trial: &ArmTrial<String>| {
            let lever = *reported.get(at)?;
            Some(LeverVerdict {
                lever_id: lever.id.clone(),
                outcome: verdict::outcome(policy, trial, ""),
                evidence: verdict::evidence(goal, &[lever], policy, trial),
                guard: None,
            })
        };
        let mut rounds = Rounds {
            bench: &mut *self.bench,
            on_event: &mut *self.on_event,
            arms: std::iter::once(self.baseline)
                .chain(arms.iter().copied())
                .collect(),
            first_round: self.round,
            verdict: &verdict,
            live: arms.len(),
            round: None,
        };
        let trials = interleave(arms.len(), policy, &mut rounds)?;
        self.round += rounds.round.map_or(0, |last| last + 1);
        if trials.stopped {
            self.stop();
        }
        Ok(trials)
    }

    pub(super) fn stop(&mut self) {
        self.stopped = true;
    }

    /// Why a trial was not brought to its end.
    pub(super) fn unfinished(&self) -> String {
        if self.bench.is_interrupted() {
            "interrupted".to_owned()
        } else if self.bench.room_for_arms() == 0 {
            "no room on the disk of the scratch directory".to_owned()
        } else {
            "the time was up".to_owned()
        }
    }

    fn prepare_s(&self, at: usize) -> f64 {
        let lever = self.tried[at].lever;
        let plan = ArmPlan {
            levers: vec![lever],
            start: self.start(lever),
        };
        if needs_build(self.goal, &plan) {
            self.clean_s
        } else {
            0.0
        }
    }

    fn costs(&self) -> Costs {
        let first_look = self.policy.looks.first().map_or(0, |look| look.pairs);
        Costs {
            clean_s: self.clean_s,
            run_s: self.run_s,
            rounds: self.policy.warm_up + first_look,
        }
    }

    fn remaining_s(&self) -> Option<f64> {
        Some(self.deadline_s? - self.bench.elapsed_s())
    }

    fn into_proof(self) -> Proof {
        let unproven =
            |tried: &Tried<'_>| matches!(tried.verdict.outcome, Outcome::Unproven { .. });
        let interrupted = self.bench.is_interrupted();
        Proof {
            out_of_time: !interrupted && (self.stopped || self.tried.iter().any(unproven)),
            interrupted,
            clean_builds_spent: if self.clean_s > 0.0 {
                self.bench.elapsed_s() / self.clean_s
            } else {
                0.0
            },
            clean_build_s: Some(self.clean_s).filter(|s| s.is_finite()),
            verdicts: self.tried.into_iter().map(|tried| tried.verdict).collect(),
            chosen: self.chosen,
            combination: self.combination,
        }
    }
}

/// The clean builds' first run is not slower than the others once the baseline was built; a size is
/// the same each time, so that one pair is all there is to see.
fn policy(goal: Goal) -> RoundPolicy {
    match goal {
        Goal::Edit | Goal::Runtime => RoundPolicy::default(),
        Goal::Clean | Goal::Ci => RoundPolicy::without_warm_up(),
        Goal::Size => RoundPolicy {
            warm_up: 0,
            looks: vec![Look { pairs: 1, rank: 1 }],
        },
    }
}

/// Whether an arm must be built before its rounds.
pub(super) fn needs_build(goal: Goal, plan: &ArmPlan<'_>) -> bool {
    match goal {
        Goal::Edit => plan.start == Start::Clean,
        Goal::Clean | Goal::Ci => plan.levers.iter().any(|lever| is_cache(lever)),
        Goal::Runtime | Goal::Size => true,
    }
}
