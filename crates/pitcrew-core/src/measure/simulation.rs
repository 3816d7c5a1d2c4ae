//! What the rules of the trials are worth, by simulating many of them: how often they find a gain
//! where there is none, how often they miss one, and how often the interval holds the truth.

use super::noise::Noise;
use super::*;

/// Runs of arms with known factors, one after another on one machine.
struct World<'a> {
    random: Random,
    factors: &'a [f64],
    noise: Noise,
    clock_s: f64,
}

impl Runner for World<'_> {
    type Failure = ();
    type Error = String;

    fn run(&mut self, turn: Turn) -> Result<Sample<()>, String> {
        let factor = self.noise.factor(&mut self.random, self.clock_s);
        let took_s = self.factors[turn.arm] * factor;
        self.clock_s += took_s;
        Ok(Sample::Value(took_s))
    }
}

fn trials(factors: &[f64], noise: Noise, seed: u64) -> Trials<()> {
    let mut random = Random::new(seed);
    let clock_s = 240.0 * random.unit();
    let mut world = World {
        random,
        factors,
        noise,
        clock_s,
    };
    interleave(factors.len() - 1, &RoundPolicy::default(), &mut world).unwrap()
}

const SEEDS: u64 = 8_000;

fn share(wins: usize, of: usize) -> f64 {
    wins as f64 / of as f64
}

/// The share of trials that a candidate of this factor wins.
fn win_rate(factor: f64, noise: Noise) -> f64 {
    let won =
        |&seed: &u64| trials(&[1.0, factor], noise, seed).contests[0].standing == Standing::Won;
    share((0..SEEDS).filter(won).count(), SEEDS as usize)
}

const NOISES: [Noise; 5] = [
    Noise::REALISTIC,
    Noise {
        scatter: 0.10,
        ..Noise::REALISTIC
    },
    Noise {
        outliers: 0.2,
        ..Noise::REALISTIC
    },
    Noise {
        scatter: 0.01,
        drift: 0.5,
        outliers: 0.0,
    },
    Noise {
        scatter: 0.01,
        drift: -0.3,
        outliers: 0.0,
    },
];

#[test]
fn no_gain_is_found_where_there_is_none() {
    for noise in NOISES {
        let rate = win_rate(1.0, noise);
        println!("false wins: {:.2} % with {noise:?}", rate * 100.0);
        // 2.4 % by the binomial distribution, and three standard deviations of 8,000 seeds.
        assert!(rate < 0.024 + 0.005, "{rate} with {noise:?}");
    }
}

/// Of many arms some are always run far from the baseline; the machine's drift must favour none.
#[test]
fn a_place_among_many_arms_is_no_advantage() {
    let seeds = 1_500;
    for noise in NOISES {
        let mut won = [0; 8];
        for seed in 0..seeds {
            let trials = trials(&[1.0; 9], noise, seed);
            for (at, trial) in trials.contests.iter().enumerate() {
                won[at] += usize::from(trial.standing == Standing::Won);
            }
        }
        let rates = won.map(|won| share(won, seeds as usize));
        let worst = rates.into_iter().fold(0.0, f64::max);
        println!(
            "false wins of the luckiest of 8: {:.2} % with {noise:?}",
            worst * 100.0
        );
        assert!(worst < 0.024 + 0.016, "{rates:?} with {noise:?}");
    }
}

#[test]
fn a_loss_is_never_taken_for_a_gain() {
    assert!(win_rate(1.02, Noise::REALISTIC) < 0.005);
    assert!(win_rate(1.05, Noise::REALISTIC) < 0.000_5);
}

#[test]
fn a_gain_is_found_if_it_is_worth_it() {
    for (factor, least) in [(0.97, 0.25), (0.95, 0.65), (0.92, 0.93), (0.90, 0.97)] {
        let rate = win_rate(factor, Noise::REALISTIC);
        println!(
            "found: {:.1} % of gains of {:.0} %",
            rate * 100.0,
            (1.0 - factor) * 100.0
        );
        assert!(rate > least, "{rate} of factor {factor}");
    }
}

/// What is reported is the interval at whatever pair the trial ended with. Of too few pairs that is
/// their range, which claims nothing.
#[test]
fn no_more_than_one_trial_in_twenty_reports_an_interval_without_the_truth() {
    let runs = 4_000;
    for noise in NOISES {
        for factor in [0.8, 0.9, 0.95, 1.0, 1.05] {
            let policy = RoundPolicy::default();
            let missed = (0..runs).filter(|&seed| {
                let trials = trials(&[1.0, factor], noise, seed);
                let verdict = policy.judge(&trials.contests[0].pairs);
                let [low, high] = verdict.interval;
                !verdict.is_range() && !(low..=high).contains(&factor)
            });
            let rate = share(missed.count(), runs as usize);
            println!(
                "missed: {:.1} % at factor {factor} with {noise:?}",
                rate * 100.0
            );
            assert!(rate < 0.05, "{rate} at factor {factor} with {noise:?}");
        }
    }
}

#[test]
fn a_fixed_number_of_pairs_covers_the_truth() {
    let mut random = Random::new(7);
    let mut run = || (0.05 * random.normal()).exp();
    for pairs in [6, 8, 15, 31, 60] {
        let runs = 4_000;
        let covered = (0..runs).filter(|_| {
            let baseline: Vec<f64> = (0..pairs).map(|_| run()).collect();
            let candidate: Vec<f64> = (0..pairs).map(|_| run()).collect();
            let [low, high] = judge(&baseline, &candidate).interval;
            low <= 1.0 && 1.0 <= high
        });
        let rate = share(covered.count(), runs);
        println!("covered: {:.1} % with {pairs} pairs", rate * 100.0);
        let chance = 3.0 * (0.05 * 0.95 / runs as f64).sqrt();
        assert!(rate > 0.95 - chance, "{rate} with {pairs} pairs");
    }
}
