//! Stands in for the machine in tests of what is decided: a clock, noise, a disk, a user who presses
//! Ctrl-C, and levers whose true effect is known. It panics where the driver breaks a promise that no
//! proof can show: an arm used after its closing, a round run twice, a call after the end.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use pitcrew_core::measure::Random;
use pitcrew_core::measure::noise::Noise;

use super::bench::{ArmId, ArmPlan, Bench, Run, Start};
use crate::goal::Goal;
use crate::lever::{Lever, Reuse};

/// What a lever truly does.
#[derive(Debug, Clone)]
pub(super) struct Effect {
    /// Factor on the scenario of the goals `edit`, `runtime` and `size`.
    pub run: f64,
    /// Factor on the clean build.
    pub clean: f64,
    /// Factor on the scenario where the change is written, if the wrapper's arguments misled.
    pub as_written: Option<f64>,
    /// Another factor on the scenario, from this round on.
    pub later: Option<(u32, f64)>,
    /// Its clean build fails.
    pub breaks_build: bool,
    /// Its run fails from this round on.
    pub breaks_run_at: Option<u32>,
}

impl Effect {
    pub(super) const NOTHING: Self = Self::on_run(1.0);

    pub(super) const fn on_run(run: f64) -> Self {
        Self {
            run,
            clean: 1.0,
            as_written: None,
            later: None,
            breaks_build: false,
            breaks_run_at: None,
        }
    }

    pub(super) const fn and_clean(self, clean: f64) -> Self {
        Self { clean, ..self }
    }
}

/// The factor of several levers together, where it is not the product.
type Together = Box<dyn Fn(&[&str]) -> f64>;

pub(super) struct Machine {
    pub goal: Goal,
    pub clean_s: f64,
    pub run_s: f64,
    /// To copy sources or artifacts.
    pub copy_s: f64,
    pub noise: Noise,
    /// For how many arms beside the baseline there is room.
    pub room: usize,
    /// The user presses Ctrl-C in this call, counted from 0.
    pub interrupt_at: Option<u32>,
    /// These clean builds, counted from 0, take so many times as long.
    pub disturbed_builds: BTreeMap<u32, f64>,
    pub baseline_breaks: Option<Breaks>,
    pub together: Option<Together>,
    effects: BTreeMap<String, Effect>,
    random: Random,
    clock_s: f64,
    deadline_s: f64,
    calls: u32,
    builds: u32,
    has_ended: bool,
    arms: Vec<Arm>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breaks {
    Build,
    Run { from_round: u32 },
}

/// What became of an arm.
#[derive(Debug, Clone)]
pub(super) struct Arm {
    pub lever_ids: Vec<String>,
    pub start: Start,
    pub built: bool,
    pub rounds: BTreeSet<u32>,
    pub closed: bool,
}

impl Machine {
    /// A machine without noise on which a clean build of the project takes 20 s, a rebuild 1 s.
    pub(super) fn new(goal: Goal) -> Self {
        Self {
            goal,
            clean_s: 20.0,
            run_s: 1.0,
            copy_s: 0.2,
            noise: Noise::NONE,
            room: 100,
            interrupt_at: None,
            disturbed_builds: BTreeMap::new(),
            baseline_breaks: None,
            together: None,
            effects: BTreeMap::new(),
            random: Random::new(0),
            clock_s: 0.0,
            deadline_s: f64::INFINITY,
            calls: 0,
            builds: 0,
            has_ended: false,
            arms: Vec::new(),
        }
    }

    /// The noise of this seed.
    pub(super) fn noisy(mut self, noise: Noise, seed: u64) -> Self {
        self.noise = noise;
        self.random = Random::new(seed);
        // Trials begin anywhere in the machine's moods.
        self.random.number();
        self
    }

    pub(super) fn effect(mut self, lever_id: &str, effect: Effect) -> Self {
        self.effects.insert(lever_id.to_owned(), effect);
        self
    }

    pub(super) fn arms(&self) -> &[Arm] {
        &self.arms
    }

    pub(super) fn calls(&self) -> u32 {
        self.calls
    }

    pub(super) fn clean_builds(&self) -> u32 {
        self.builds
    }

    fn effects_of(&self, ids: &[String]) -> impl Iterator<Item = &Effect> {
        ids.iter().filter_map(|id| self.effects.get(id))
    }

    fn run_factor(&self, arm: &Arm, round: u32) -> f64 {
        if let (Some(together), 2..) = (&self.together, arm.lever_ids.len()) {
            let ids: Vec<&str> = arm.lever_ids.iter().map(String::as_str).collect();
            return together(&ids);
        }
        let factor = |effect: &Effect| match (arm.start, effect.as_written, effect.later) {
            (Start::Clean, Some(as_written), _) => as_written,
            (_, _, Some((from, later))) if round >= from => later,
            _ => effect.run,
        };
        self.effects_of(&arm.lever_ids).map(factor).product()
    }

    fn clean_factor(&self, arm: &Arm) -> f64 {
        self.effects_of(&arm.lever_ids).map(|e| e.clean).product()
    }

    /// Work of so many seconds, undisturbed.
    fn work(&mut self, seconds: f64) -> Run {
        let is_over =
            |machine: &Self| machine.is_interrupted() || machine.clock_s >= machine.deadline_s;
        assert!(
            !(self.has_ended && is_over(self)),
            "nothing is run after the end"
        );
        self.count_call();
        if is_over(self) {
            self.has_ended = true;
            return Run::Stopped;
        }
        let took_s = seconds * self.noise.factor(&mut self.random, self.clock_s);
        if self.clock_s + took_s > self.deadline_s {
            self.clock_s = self.deadline_s;
            // The driver may have more time for something else.
            self.has_ended = true;
            return Run::Stopped;
        }
        self.clock_s += took_s;
        Run::Took(took_s)
    }

    fn count_call(&mut self) {
        self.calls += 1;
    }

    fn open_arm(&mut self, id: ArmId) -> &mut Arm {
        let arm = &mut self.arms[id];
        assert!(!arm.closed, "arm {id} is used after its closing: {arm:?}");
        arm
    }
}

impl Bench for Machine {
    fn open(&mut self, plan: &ArmPlan<'_>) -> Result<ArmId> {
        self.count_call();
        if !self.arms.is_empty() && self.room_for_arms() == 0 {
            bail!("the disk is full");
        }
        self.clock_s += self.copy_s;
        self.arms.push(Arm {
            lever_ids: plan.levers.iter().map(|lever| lever.id.clone()).collect(),
            start: plan.start,
            built: plan.start == Start::Baseline,
            rounds: BTreeSet::new(),
            closed: false,
        });
        Ok(self.arms.len() - 1)
    }

    fn build_clean(&mut self, id: ArmId) -> Result<Run> {
        let arm = self.open_arm(id).clone();
        let disturbed = self.disturbed_builds.get(&self.builds).unwrap_or(&1.0);
        let work_s = self.clean_s * self.clean_factor(&arm) * disturbed;
        self.builds += 1;
        let run = self.work(work_s);
        if !matches!(run, Run::Took(_)) {
            return Ok(run);
        }
        if id == 0 && self.baseline_breaks == Some(Breaks::Build) {
            return Ok(Run::Failed("error: cargo's own words".to_owned()));
        }
        if self.effects_of(&arm.lever_ids).any(|e| e.breaks_build) {
            return Ok(Run::Failed("error: unknown flag".to_owned()));
        }
        self.open_arm(id).built = true;
        Ok(run)
    }

    fn run(&mut self, id: ArmId, round: u32) -> Result<Run> {
        let arm = self.open_arm(id);
        assert!(arm.rounds.insert(round), "round {round} is run twice");
        let arm = arm.clone();
        let needs_build = !matches!(self.goal, Goal::Clean | Goal::Ci);
        assert!(arm.built || !needs_build, "arm {id} was never built");
        let run = match self.goal {
            Goal::Clean | Goal::Ci => self.work(self.clean_s * self.clean_factor(&arm)),
            Goal::Edit | Goal::Runtime => self.work(self.run_s * self.run_factor(&arm, round)),
            Goal::Size => match self.work(0.0) {
                Run::Took(_) => Run::Took(1e7 * self.run_factor(&arm, round)),
                run => run,
            },
        };
        if !matches!(run, Run::Took(_)) {
            return Ok(run);
        }
        if let (0, Some(Breaks::Run { from_round })) = (id, self.baseline_breaks)
            && round >= from_round
        {
            return Ok(Run::Failed("error: cargo's own words".to_owned()));
        }
        let breaks = |effect: &Effect| effect.breaks_run_at.is_some_and(|from| round >= from);
        if self.effects_of(&arm.lever_ids).any(breaks) {
            return Ok(Run::Failed("error: it crashes".to_owned()));
        }
        Ok(run)
    }

    fn close(&mut self, id: ArmId) {
        assert_ne!(id, 0, "the baseline is needed to the end");
        self.open_arm(id).closed = true;
    }

    fn elapsed_s(&self) -> f64 {
        self.clock_s
    }

    fn set_deadline(&mut self, deadline_s: f64) {
        self.deadline_s = deadline_s;
    }

    fn is_interrupted(&self) -> bool {
        self.interrupt_at.is_some_and(|at| self.calls > at)
    }

    fn room_for_arms(&self) -> usize {
        let open = self.arms.iter().skip(1).filter(|arm| !arm.closed).count();
        self.room.saturating_sub(open)
    }
}

/// A lever of all goals whose trial starts from nothing, in a group of its own.
pub(super) fn lever(id: &str) -> Lever {
    Lever::new(id, format!("the {id}"), id, &Goal::ALL, Vec::new())
}

/// A lever whose trial starts from the baseline's artifacts.
pub(super) fn sharing(id: &str) -> Lever {
    lever(id).reuse(Reuse::LinkArgs(vec![id.to_owned()]))
}

/// A lever of a group.
pub(super) fn of_group(mut lever: Lever, group: &str) -> Lever {
    group.clone_into(&mut lever.group);
    lever
}
