//! Interleaved paired trials, and what they tell. A machine drifts: it heats up, other work comes and
//! goes. So a candidate is compared only with the baseline run beside it in the same round, by the
//! median of those ratios, which one disturbed run cannot move far.
//!
//! Looking at the figures while they come in and stopping as soon as they please finds a difference
//! where there is none. So an arm may win at a few fixed looks only, each with an interval wide
//! enough that all looks together hold the 95 %.

mod interval;
mod resample;
#[cfg(test)]
mod simulation;

pub use interval::{Verdict, judge, median};
pub use resample::{range_95, resample};

use interval::order_statistics;

/// A place at which an arm may win: after `pairs` pairs, by the interval from the `rank`-th smallest
/// to the `rank`-th largest ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub pairs: u32,
    pub rank: u32,
}

/// How long trials go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundPolicy {
    /// Rounds that are run first and not counted.
    pub warm_up: u32,
    /// Ascending, at least one; the last one's pairs are the most that are run.
    pub looks: Vec<Look>,
}

impl Default for RoundPolicy {
    /// The ends of these intervals are order statistics, so that their levels are exact whatever the
    /// noise looks like: 96.9 % for 6 pairs, 97.9 % for 10, 99.3 % for 15, and 95.1 % for all three.
    /// Five pairs cannot carry 95 %: even their whole range covers 93.8 %.
    fn default() -> Self {
        let look = |pairs, rank| Look { pairs, rank };
        Self {
            warm_up: 1,
            looks: vec![look(6, 1), look(10, 2), look(15, 3)],
        }
    }
}

impl RoundPolicy {
    /// The default without a warm-up, for runs that are all alike from the first.
    pub fn without_warm_up() -> Self {
        Self {
            warm_up: 0,
            ..Self::default()
        }
    }

    fn max_pairs(&self) -> u32 {
        self.looks.last().map_or(0, |look| look.pairs)
    }

    /// How many pairs may fail to beat the baseline before no look can be won any more.
    fn losses_allowed(&self) -> usize {
        let ranks = self.looks.iter().map(|look| look.rank.saturating_sub(1));
        ranks.max().unwrap_or(0) as usize
    }

    /// The verdict on `pairs`, as the last look that they reached would judge it.
    pub fn judge(&self, pairs: &[Pair]) -> Verdict {
        let reached = |look: &&Look| look.pairs as usize <= pairs.len();
        let rank = self.looks.iter().rev().find(reached).map_or(1, |l| l.rank);
        let ratios: Vec<f64> = pairs.iter().map(Pair::ratio).collect();
        Verdict {
            ratio: median(&ratios),
            interval: order_statistics(&ratios, rank as usize),
            pairs: pairs.len() as u32,
        }
    }

    /// Where an arm with these pairs stands; none while it has to go on.
    fn settle<F>(&self, pairs: &[Pair]) -> Option<Standing<F>> {
        let at_look = |look: &Look| look.pairs as usize == pairs.len();
        if self.looks.iter().any(at_look) && self.judge(pairs).is_faster() {
            return Some(Standing::Won);
        }
        let losses = pairs.iter().filter(|pair| pair.ratio() >= 1.0).count();
        let over = pairs.len() >= self.max_pairs() as usize;
        (over || losses > self.losses_allowed()).then_some(Standing::Lost)
    }
}

/// A candidate's run and the baseline's of the same round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    pub baseline: f64,
    pub candidate: f64,
}

impl Pair {
    pub fn ratio(&self) -> f64 {
        if self.candidate == self.baseline {
            1.0
        } else {
            self.candidate / self.baseline
        }
    }
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// 0 is the baseline, candidate `i` of the result is `i + 1`.
    pub arm: usize,
    /// From 0, warm-up rounds included.
    pub round: u32,
    pub warm_up: bool,
}

/// What a run gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Sample<F> {
    /// Seconds, bytes: less is better.
    Value(f64),
    /// The candidate cannot be run; it leaves the trials. For the baseline, return an error instead.
    Failed(F),
    /// No time is left, or the user has had enough: the trials end with what they have.
    Stop,
}

/// Runs the arms of a trial.
pub trait Runner {
    /// Why a candidate could not be run.
    type Failure;
    /// Why the trials cannot go on at all.
    type Error;

    fn run(&mut self, turn: Turn) -> Result<Sample<Self::Failure>, Self::Error>;

    /// Candidate `arm` (from 1) will not be run again.
    fn settled(&mut self, _arm: usize, _trial: &ArmTrial<Self::Failure>) {}
}

/// How a candidate ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing<F> {
    /// The trials ended before it was settled.
    Open,
    /// Faster, at one of the looks.
    Won,
    /// Not shown to be faster.
    Lost,
    Failed(F),
}

/// What the trials of one candidate gave.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmTrial<F> {
    pub pairs: Vec<Pair>,
    pub standing: Standing<F>,
}

impl<F> ArmTrial<F> {
    pub fn baseline_median(&self) -> f64 {
        median(&self.pairs.iter().map(|p| p.baseline).collect::<Vec<_>>())
    }

    pub fn candidate_median(&self) -> f64 {
        median(&self.pairs.iter().map(|p| p.candidate).collect::<Vec<_>>())
    }

    fn is_open(&self) -> bool {
        matches!(self.standing, Standing::Open)
    }
}

/// What all candidates gave, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Trials<F> {
    pub arms: Vec<ArmTrial<F>>,
    /// A run asked to stop.
    pub stopped: bool,
}

/// Runs the baseline and every candidate that is not settled once a round, until all are. The order
/// turns from round to round, so that none always runs after the same neighbour.
pub fn interleave<R: Runner>(
    candidates: usize,
    policy: &RoundPolicy,
    runner: &mut R,
) -> Result<Trials<R::Failure>, R::Error> {
    let fresh = || ArmTrial {
        pairs: Vec::new(),
        standing: Standing::Open,
    };
    let mut trials = Trials {
        arms: (0..candidates).map(|_| fresh()).collect(),
        stopped: false,
    };
    for round in 0..policy.warm_up + policy.max_pairs() {
        let mut order = vec![0];
        order.extend((1..=candidates).filter(|arm| trials.arms[arm - 1].is_open()));
        if order.len() == 1 {
            break;
        }
        let len = order.len();
        order.rotate_left(round as usize % len);
        play_round(&order, round, policy, runner, &mut trials)?;
        if trials.stopped {
            break;
        }
    }
    Ok(trials)
}

fn play_round<R: Runner>(
    order: &[usize],
    round: u32,
    policy: &RoundPolicy,
    runner: &mut R,
    trials: &mut Trials<R::Failure>,
) -> Result<(), R::Error> {
    let warm_up = round < policy.warm_up;
    let mut values = vec![None; trials.arms.len() + 1];
    for &arm in order {
        match runner.run(Turn {
            arm,
            round,
            warm_up,
        })? {
            Sample::Value(value) => values[arm] = Some(value),
            Sample::Failed(failure) if arm > 0 => {
                trials.arms[arm - 1].standing = Standing::Failed(failure);
                runner.settled(arm, &trials.arms[arm - 1]);
            }
            // Without a baseline there is nothing to compare with.
            Sample::Failed(_) | Sample::Stop => {
                trials.stopped = true;
                break;
            }
        }
    }
    let (Some(baseline), false) = (values[0], warm_up) else {
        return Ok(());
    };
    for (at, trial) in trials.arms.iter_mut().enumerate() {
        let Some(candidate) = values[at + 1] else {
            continue;
        };
        trial.pairs.push(Pair {
            baseline,
            candidate,
        });
        if let Some(standing) = policy.settle(&trial.pairs) {
            trial.standing = standing;
            runner.settled(at + 1, trial);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
