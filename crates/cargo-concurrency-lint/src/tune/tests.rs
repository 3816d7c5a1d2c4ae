//! Tuning in a made-up world: workloads whose best limit is known.

use std::time::Duration;

use proptest::prelude::*;

use super::args::{Better, Metric, Plan};
use super::knee::{self, Knee};
use super::rounds::{self, Rounds, Run, Runs, Sample};

fn plan(values: &[u64]) -> Plan {
    Plan {
        env: Some("LIMIT".to_owned()),
        values: values.to_vec(),
        metric: None,
        errors: None,
        rounds: 9,
        tolerance: 1.05,
        budget: Duration::from_secs(600),
        command: vec!["load".to_owned()],
    }
}

/// A workload that takes `time(limit)` with a few percent of noise.
struct World<F> {
    time: F,
    seed: u64,
    runs: u32,
    /// Everything stops after so many runs.
    stop_after: u32,
    fails_at: Option<u64>,
}

impl<F: Fn(u64) -> f64> World<F> {
    fn new(time: F) -> Self {
        Self {
            time,
            seed: 1,
            runs: 0,
            stop_after: u32::MAX,
            fails_at: None,
        }
    }

    fn noise(&mut self) -> f64 {
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let unit = (self.seed >> 33) as f64 / f64::from(1_u32 << 31);
        0.98 + 0.04 * unit
    }
}

impl<F: Fn(u64) -> f64> Runs for World<F> {
    fn run(&mut self, value: u64, _: Option<u32>) -> anyhow::Result<Run> {
        self.runs += 1;
        if self.runs > self.stop_after {
            return Ok(Run::Stopped);
        }
        if self.fails_at == Some(value) {
            return Ok(Run::Failed("connection refused".to_owned()));
        }
        let score = (self.time)(value) * self.noise();
        Ok(Run::Done(Sample {
            score,
            wall_s: score,
            peak_bytes: Some(value << 20),
        }))
    }
}

fn tuned<F: Fn(u64) -> f64>(plan: &Plan, mut world: World<F>) -> (Rounds, Option<Knee>) {
    let rounds = rounds::run(plan, &mut world).unwrap();
    let knee = knee::find(plan, &rounds);
    (rounds, knee)
}

/// Latency-bound work that a pool of 100 at the other end serves.
fn pool_of_100(limit: u64) -> f64 {
    let served = limit.min(100) as f64;
    10.0 / served + if limit > 300 { 0.05 } else { 0.0 }
}

#[test]
fn the_smallest_limit_that_is_as_good_as_the_best_is_the_knee() {
    let plan = plan(&[10, 50, 100, 200, 500]);
    let (_, knee) = tuned(&plan, World::new(pool_of_100));
    let knee = knee.unwrap();
    assert_eq!(plan.values[knee.at], 100);
    assert_eq!(knee.range, (knee.at, knee.at), "the noise cannot hide it");
    assert_eq!(knee.worse_from.map(|at| plan.values[at]), Some(500));
}

#[test]
fn a_metric_that_is_better_when_higher_is_turned_round() {
    let mut plan = plan(&[10, 50, 100, 200]);
    plan.metric = Some(Metric {
        pattern: regex::Regex::new("x").unwrap(),
        better: Better::Higher,
    });
    let (_, knee) = tuned(&plan, World::new(|limit| 1.0 / pool_of_100(limit)));
    assert_eq!(plan.values[knee.unwrap().at], 100);
}

#[test]
fn noise_that_hides_the_knee_shows_as_a_range() {
    let plan = plan(&[50, 60, 70, 80]);
    let (_, knee) = tuned(
        &plan,
        World::new(|limit| 1.0 + 0.05 * f64::from(u8::from(limit < 70))),
    );
    let knee = knee.unwrap();
    assert!(knee.range.0 <= knee.at && knee.at <= knee.range.1);
    assert!(knee.range.0 < knee.range.1, "{knee:?}");
}

#[test]
fn a_limit_that_fails_is_reported_and_never_chosen() {
    let plan = plan(&[10, 50, 100]);
    let mut world = World::new(pool_of_100);
    world.fails_at = Some(100);
    let (rounds, knee) = tuned(&plan, world);
    assert_eq!(rounds.failures[2].len(), 3, "it is given up");
    assert_eq!(rounds.done(2), 0);
    assert_eq!(plan.values[knee.unwrap().best], 50);
}

#[test]
fn every_limit_runs_as_often_and_in_turning_order() {
    let plan = plan(&[1, 2, 3]);
    let mut world = World::new(|_| 1.0);
    let rounds = rounds::run(&plan, &mut world).unwrap();
    assert_eq!(world.runs, 1 + 9 * 3);
    assert!((0..3).all(|at| rounds.done(at) == 9));
}

#[test]
fn too_few_rounds_tell_nothing() {
    let plan = plan(&[1, 2]);
    let mut world = World::new(|limit| limit as f64);
    world.stop_after = 5;
    let (rounds, knee) = tuned(&plan, world);
    assert!(rounds.stopped);
    assert_eq!(knee, None);
}

proptest! {
    #[test]
    fn no_figures_make_it_panic(
        scores in prop::collection::vec(prop::collection::vec(prop::option::of(any::<f64>()), 0..8), 2..5),
    ) {
        let values: Vec<u64> = (1..=scores.len() as u64).collect();
        let plan = plan(&values);
        let sample = |score: f64| Sample { score, wall_s: score, peak_bytes: None };
        let rounds = Rounds {
            failures: vec![Vec::new(); scores.len()],
            samples: scores.into_iter().map(|of| of.into_iter().map(|s| s.map(sample)).collect()).collect(),
            stopped: false,
        };
        if let Some(knee) = knee::find(&plan, &rounds) {
            prop_assert!(knee.range.0 <= knee.range.1);
            prop_assert!(knee.at < values.len() && knee.best < values.len());
        }
    }
}
