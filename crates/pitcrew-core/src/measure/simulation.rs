//! What the rules of the trials are worth, by simulating many of them: how often they find a gain
//! where there is none, and how often they miss one.

use super::interval::SplitMix;
use super::*;

/// Runs with noise: a drift that all arms share, noise of their own, and now and then a disturbance.
struct World {
    random: SplitMix,
    candidate: f64,
    noise: f64,
    disturbed: f64,
}

impl World {
    fn uniform(&mut self) -> f64 {
        (self.random.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Close to a standard normal: a sum of twelve uniforms.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

impl Runner for World {
    type Failure = ();
    type Error = String;

    fn run(&mut self, turn: Turn) -> Result<Sample<()>, String> {
        let effect = if turn.arm == 0 { 1.0 } else { self.candidate };
        let drift = 1.0 + 0.02 * f64::from(turn.round);
        let mut value = 10.0 * effect * drift * (1.0 + self.noise * self.normal());
        if self.uniform() < self.disturbed {
            value *= 1.0 + 2.0 * self.uniform();
        }
        Ok(Sample::Value(value))
    }
}

/// The share of trials that the candidate wins.
fn win_rate(candidate: f64, noise: f64, disturbed: f64) -> f64 {
    let runs = 4_000;
    let wins = (0..runs).filter(|&seed| {
        let mut world = World {
            random: SplitMix(seed),
            candidate,
            noise,
            disturbed,
        };
        let trials = interleave(1, &RoundPolicy::default(), &mut world).unwrap();
        trials.arms[0].standing == Standing::Won
    });
    wins.count() as f64 / runs as f64
}

#[test]
fn no_gain_is_found_where_there_is_none() {
    for (noise, disturbed) in [(0.03, 0.0), (0.10, 0.0), (0.03, 0.2)] {
        let rate = win_rate(1.0, noise, disturbed);
        assert!(
            rate < 0.035,
            "{rate} with noise {noise}, disturbed {disturbed}"
        );
    }
}

#[test]
fn a_loss_is_never_taken_for_a_gain() {
    assert!(win_rate(1.02, 0.03, 0.0) < 0.01);
}

#[test]
fn a_gain_of_ten_percent_is_found_in_noise_of_three() {
    let rate = win_rate(0.90, 0.03, 0.0);
    assert!(rate > 0.97, "{rate}");
    let rate = win_rate(0.90, 0.03, 0.05);
    assert!(rate > 0.85, "{rate} with disturbances");
}

#[test]
fn a_gain_of_five_percent_is_found_more_often_than_not() {
    let rate = win_rate(0.95, 0.03, 0.0);
    assert!(rate > 0.6, "{rate}");
}

#[test]
fn a_fixed_number_of_pairs_covers_the_truth() {
    let mut random = SplitMix(7);
    let mut run = || 1.0 + 0.1 * (random.next() >> 11) as f64 / (1_u64 << 53) as f64;
    for (pairs, runs) in [(8, 1_000), (15, 1_000), (31, 200)] {
        let covered = (0..runs).filter(|_| {
            let baseline: Vec<f64> = (0..pairs).map(|_| run()).collect();
            let candidate: Vec<f64> = (0..pairs).map(|_| run()).collect();
            let [low, high] = judge(&baseline, &candidate).interval;
            low <= 1.0 && 1.0 <= high
        });
        let rate = covered.count() as f64 / f64::from(runs);
        assert!(rate > 0.9, "{rate} with {pairs} pairs");
    }
}
