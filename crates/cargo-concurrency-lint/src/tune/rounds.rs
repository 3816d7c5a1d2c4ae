//! Which run comes next: every limit once in each round, in an order that turns, until the rounds are
//! done or the time is up. The world is behind [`Runs`], so that this is tested without one.

use anyhow::{Result, ensure};
use serde::Serialize;

use super::args::Plan;

/// One run of the workload that went well.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Sample {
    /// Seconds, or the metric.
    pub score: f64,
    pub wall_s: f64,
    pub peak_bytes: Option<u64>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Run {
    Done(Sample),
    /// It failed, and why.
    Failed(String),
    /// The time is up, or the user has had enough.
    Stopped,
}

/// What runs the workload.
pub trait Runs {
    fn run(&mut self, value: u64, round: Option<u32>) -> Result<Run>;
}

/// All that was run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rounds {
    /// For each value of the plan, what the rounds gave; a round may lack a value where it failed or
    /// was not reached.
    pub samples: Vec<Vec<Option<Sample>>>,
    pub failures: Vec<Vec<String>>,
    /// The rounds did not all take place.
    pub stopped: bool,
}

impl Rounds {
    fn new(values: usize) -> Self {
        Self {
            samples: vec![Vec::new(); values],
            failures: vec![Vec::new(); values],
            stopped: false,
        }
    }

    /// The samples of one value.
    pub fn of(&self, value: usize) -> impl Iterator<Item = &Sample> {
        self.samples[value].iter().flatten()
    }

    /// Rounds in which this value went well.
    pub fn done(&self, value: usize) -> usize {
        self.of(value).count()
    }
}

/// After this many failures a limit is not run again: it is known to fail.
const FAILURES: usize = 3;

/// Runs the plan. The first run is not counted: it fills the caches of everyone after it.
pub fn run(plan: &Plan, world: &mut dyn Runs) -> Result<Rounds> {
    let mut rounds = Rounds::new(plan.values.len());
    match world.run(plan.values[0], None)? {
        Run::Done(_) => {}
        Run::Stopped => rounds.stopped = true,
        Run::Failed(why) => ensure!(
            !is_missing(&why),
            "the command cannot be run at {}: {why}",
            plan.values[0]
        ),
    }
    let mut round = 0;
    while round < plan.rounds && !rounds.stopped {
        for step in 0..plan.values.len() {
            let at = (step + round as usize) % plan.values.len();
            if rounds.failures[at].len() >= FAILURES && rounds.done(at) == 0 {
                continue;
            }
            match world.run(plan.values[at], Some(round))? {
                Run::Done(sample) => set(&mut rounds.samples[at], round, sample),
                Run::Failed(why) => rounds.failures[at].push(why),
                Run::Stopped => {
                    rounds.stopped = true;
                    break;
                }
            }
        }
        round += 1;
    }
    for samples in &mut rounds.samples {
        samples.resize(round as usize, None);
    }
    Ok(rounds)
}

fn set(samples: &mut Vec<Option<Sample>>, round: u32, sample: Sample) {
    samples.resize(round as usize, None);
    samples.push(Some(sample));
}

/// A metric that no run prints is a mistake in the command line, not a failure of the workload.
fn is_missing(why: &str) -> bool {
    why.starts_with(NO_METRIC)
}

/// How the failure of a run without its metric begins.
pub const NO_METRIC: &str = "--metric matches nothing";
