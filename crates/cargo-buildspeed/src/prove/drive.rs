//! The course of the trials: the baseline, each lever by itself, and then the choice.

use std::collections::BTreeSet;
use std::fmt;

use anyhow::{Result, bail};
use pitcrew_core::measure::{ArmTrial, Contest, Pair, RoundPolicy, Trials, contend};

use super::bench::{ArmId, ArmPlan, Bench, Run, Start, is_cache, shares_artifacts};
use super::budget::{Costs, Winners};
use super::rounds::{Rounds, SoFar};
use super::verdict;
use super::{Combination, Guard, LeverVerdict, Limits, Outcome, Proof, ProveEvent};
use crate::goal::Goal;
use crate::lever::Lever;

/// What is known of a lever.
#[derive(Debug)]
pub(super) struct Tried<'a> {
    pub lever: &'a Lever,
    pub verdict: LeverVerdict,
    /// Open while it may be needed again and there is room.
    pub arm: Option<ArmId>,
    /// What its trial gave, to be judged together with what is run later.
    pub pairs: Vec<Pair>,
    /// Those of a second trial are among them.
    pub run_again: bool,
    /// Median ratio.
    pub ratio: f64,
}

/// A clean build that takes so many times the baseline's is given up: no disturbance explains it.
const HOPELESS: f64 = 2.0;

/// How an arm's clean build went.
pub(super) enum Built {
    Took(f64),
    /// It was given up, for this reason.
    TooSlow(String),
    Failed(String),
    Stopped,
}

/// Why something was not run, or not to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lack {
    Patience,
    Time,
    Room,
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Patience => "interrupted",
            Self::Time => "the time was up",
            Self::Room => "no room on the disk of the scratch directory",
        })
    }
}

pub(super) struct Driver<'a> {
    pub bench: &'a mut dyn Bench,
    pub on_event: &'a mut dyn FnMut(ProveEvent<'_>),
    pub goal: Goal,
    pub policy: RoundPolicy,
    pub baseline: ArmId,
    pub tried: Vec<Tried<'a>>,
    pub chosen: Vec<String>,
    pub combination: Option<Combination>,
    /// Nothing more can be run.
    pub ended: Option<Lack>,
    lacked_time: bool,
    lacked_room: bool,
    clean_s: f64,
    run_s: f64,
    open: BTreeSet<ArmId>,
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
    if driver.tried.is_empty() {
        return Ok(driver.into_proof());
    }
    driver.end_at(limits.allowed_s(goal, f64::INFINITY));
    driver.start_baseline()?;
    if driver.clean_s.is_finite() {
        driver.end_at(limits.allowed_s(goal, driver.clean_s));
    }
    driver.try_levers()?;
    driver.choose()?;
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
            pairs: Vec::new(),
            run_again: false,
            ratio: f64::NAN,
        };
        Self {
            bench,
            on_event,
            goal,
            policy: policy(goal),
            baseline: 0,
            tried: serving.map(untried).collect(),
            chosen: Vec::new(),
            combination: None,
            ended: None,
            lacked_time: false,
            lacked_room: false,
            clean_s: f64::NAN,
            run_s: 0.0,
            open: BTreeSet::new(),
            deadline_s: None,
            round: 0,
        }
    }

    fn end_at(&mut self, deadline_s: f64) {
        if deadline_s.is_finite() {
            self.deadline_s = Some(deadline_s);
            self.bench.set_deadline(deadline_s);
        }
    }

    /// Builds the baseline and runs the scenario once, to see that it can be run and what it costs.
    fn start_baseline(&mut self) -> Result<()> {
        let plan = ArmPlan {
            levers: Vec::new(),
            start: Start::Clean,
        };
        self.baseline = self.bench.open(&plan)?;
        let Some(clean_s) = self.baseline_took(&plan, None)? else {
            return Ok(());
        };
        self.clean_s = clean_s;
        self.run_s = clean_s;
        if matches!(self.goal, Goal::Edit | Goal::Runtime | Goal::Size)
            && let Some(run) = self.baseline_took(&plan, Some(0))?
        {
            self.round = 1;
            self.run_s = if self.goal == Goal::Size { 0.0 } else { run };
        }
        Ok(())
    }

    fn baseline_took(&mut self, plan: &ArmPlan<'_>, round: Option<u32>) -> Result<Option<f64>> {
        let run = match round {
            None => {
                (self.on_event)(ProveEvent::Building {
                    title: &plan.title(),
                });
                self.bench.build_clean(self.baseline)?
            }
            Some(round) => self.bench.run(self.baseline, round)?,
        };
        self.note_end(&run);
        match run {
            Run::Took(took) => Ok(Some(took)),
            Run::Stopped => Ok(None),
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

    /// The arm's clean build. Where a slow one rules the arm out, it is not awaited for ever.
    pub(super) fn build(&mut self, plan: &ArmPlan<'_>, arm: ArmId) -> Result<Built> {
        (self.on_event)(ProveEvent::Building {
            title: &plan.title(),
        });
        let most_s = HOPELESS * self.clean_s;
        let gives_up_at = self.bench.elapsed_s() + most_s;
        let guarded = self.goal == Goal::Edit && !plan.levers.is_empty();
        let guarded = guarded && self.deadline_s.is_none_or(|end| gives_up_at < end);
        if guarded {
            self.bench.set_deadline(gives_up_at);
        }
        let run = self.bench.build_clean(arm)?;
        if guarded {
            self.bench
                .set_deadline(self.deadline_s.unwrap_or(f64::INFINITY));
        }
        if guarded && run == Run::Stopped && !self.bench.is_interrupted() {
            return Ok(Built::TooSlow(verdict::too_slow(self.clean_s, most_s)));
        }
        self.note_end(&run);
        Ok(match run {
            Run::Took(took) => Built::Took(took),
            Run::Failed(error) => Built::Failed(error),
            Run::Stopped => Built::Stopped,
        })
    }

    pub(super) fn open(&mut self, plan: &ArmPlan<'_>) -> Result<ArmId> {
        let arm = self.bench.open(plan)?;
        self.open.insert(arm);
        Ok(arm)
    }

    pub(super) fn close(&mut self, arm: ArmId) {
        if self.open.remove(&arm) {
            self.bench.close(arm);
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

    /// Runs rounds of the baseline and `arms`, which contend as `contests` say; `what` tells the
    /// display why. `reported` are the levers, by contest, whose verdicts it is told as they come; none
    /// where they have been told before.
    pub(super) fn run_rounds(
        &mut self,
        what: &str,
        arms: &[ArmId],
        contests: &[Contest],
        reported: &[&Lever],
    ) -> Result<Trials<String>> {
        let (goal, policy) = (self.goal, &self.policy);
        let verdict = |at: usize, trial: &ArmTrial<String>| {
            let lever = *reported.get(at)?;
            Some(LeverVerdict {
                lever_id: lever.id.clone(),
                outcome: verdict::outcome(policy, trial, ""),
                evidence: verdict::evidence(goal, &[lever], &policy.judge(&trial.pairs), trial),
                guard: None,
            })
        };
        let (costs, deadline_s, before) = (self.costs(), self.deadline_s, self.winners());
        let unbuilt: Vec<bool> = reported.iter().map(|l| self.is_unbuilt(l)).collect();
        let ends = |elapsed_s: f64, live: usize, won: &[usize]| {
            // What decides the choice may take all that is left.
            let (Some(deadline_s), false) = (deadline_s, reported.is_empty()) else {
                return false;
            };
            let remaining_s = deadline_s - elapsed_s;
            let winners = Winners {
                count: before.count + won.len(),
                unbuilt: before.unbuilt || won.iter().any(|&at| unbuilt[at]),
            };
            let choice_s = costs.choice_s(winners, remaining_s);
            choice_s > 0.0 && live as f64 * costs.run_s + choice_s > remaining_s
        };
        let mut rounds = Rounds {
            bench: &mut *self.bench,
            on_event: &mut *self.on_event,
            arms: std::iter::once(self.baseline)
                .chain(arms.iter().copied())
                .collect(),
            what,
            contests,
            first_round: self.round,
            verdict: &verdict,
            ends: &ends,
            so_far: SoFar::with(arms.len()),
        };
        let trials = contend(contests, policy, &mut rounds)?;
        let so_far = rounds.so_far;
        self.round += so_far.round.map_or(0, |last| last + 1);
        for arm in so_far.closed {
            self.open.remove(&arm);
        }
        if trials.stopped && !so_far.cut_short {
            self.note_end(&Run::Stopped);
        }
        Ok(trials)
    }

    fn note_end(&mut self, run: &Run) {
        if *run == Run::Stopped {
            self.ended = Some(if self.bench.is_interrupted() {
                Lack::Patience
            } else {
                Lack::Time
            });
        }
    }

    /// Why a trial was not brought to its end.
    pub(super) fn lack(&mut self) -> Lack {
        let lack = match self.ended {
            Some(lack) => lack,
            None if self.bench.room_for_arms() == 0 => Lack::Room,
            None => Lack::Time,
        };
        self.lacked_time |= lack == Lack::Time;
        self.lacked_room |= lack == Lack::Room;
        lack
    }

    /// Whether a lever's trial starts from the baseline's artifacts, and so is no build of the change
    /// as it would be written.
    pub(super) fn is_unbuilt(&self, lever: &Lever) -> bool {
        self.goal == Goal::Edit && shares_artifacts(lever)
    }

    pub(super) fn winners(&self) -> Winners {
        let won = |tried: &&Tried<'_>| tried.verdict.outcome == Outcome::Accepted;
        let unbuilt = |tried: &Tried<'_>| self.is_unbuilt(tried.lever);
        Winners {
            count: self.tried.iter().filter(won).count(),
            unbuilt: self.tried.iter().filter(won).any(unbuilt),
        }
    }

    pub(super) fn costs(&self) -> Costs {
        let first_look = self.policy.looks.first().map_or(0, |look| look.pairs);
        Costs {
            clean_s: self.clean_s,
            run_s: self.run_s,
            rounds: self.policy.warm_up + first_look,
            guarded: self.goal == Goal::Edit,
        }
    }

    pub(super) fn remaining_s(&self) -> Option<f64> {
        Some(self.deadline_s? - self.bench.elapsed_s())
    }

    fn into_proof(self) -> Proof {
        let interrupted = self.bench.is_interrupted();
        Proof {
            out_of_time: self.lacked_time && !interrupted,
            out_of_room: self.lacked_room,
            allowed_s: self.deadline_s,
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

/// The clean builds' first run is not slower than the others once the baseline was built.
fn policy(goal: Goal) -> RoundPolicy {
    match goal {
        Goal::Edit | Goal::Runtime => RoundPolicy::default(),
        Goal::Clean | Goal::Ci => RoundPolicy::without_warm_up(),
        Goal::Size => RoundPolicy::exact(),
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
