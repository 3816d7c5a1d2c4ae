//! Interleaved paired trials, and what they tell. A machine drifts: it heats up, other work comes and
//! goes. So a candidate is compared only with the baseline run beside it in the same round, by the
//! median of those ratios, which one disturbed run cannot move far.
//!
//! Looking at the figures while they come in and stopping as soon as they please finds a difference
//! where there is none. So an arm may win at a few fixed looks only, each with an interval wide
//! enough that all looks together hold the 95 %.

mod course;
mod interval;
#[cfg(any(test, feature = "synthetic"))]
pub mod noise;
mod random;
mod resample;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

pub use course::{ArmTrial, Contest, Runner, Sample, Standing, Trials, Turn, contend, interleave};
pub use interval::{Verdict, judge, judge_pairs, median};
pub use random::Random;
pub use resample::{range_95, resample};

use interval::order_statistics;

/// Fewer pairs cannot carry 95 %: even the whole range of five covers their median in 93.8 % of cases.
pub const LEAST_PAIRS: u32 = 6;

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
    /// noise looks like: 96.9 % for 6 pairs, 99.4 % for 12, 97.9 % for 16, and 95.2 % for all three
    /// together.
    fn default() -> Self {
        let look = |pairs, rank| Look { pairs, rank };
        Self {
            warm_up: 1,
            looks: vec![look(LEAST_PAIRS, 1), look(12, 2), look(16, 4)],
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

    /// For what is the same each time: one pair is all there is to see.
    pub fn exact() -> Self {
        Self {
            warm_up: 0,
            looks: vec![Look { pairs: 1, rank: 1 }],
        }
    }

    /// The most pairs that are run.
    pub fn most_pairs(&self) -> u32 {
        self.looks.last().map_or(0, |look| look.pairs)
    }

    /// How many of so many pairs may fail to beat the baseline. More than the last look forgives
    /// cannot win any more; early on, fewer are forgiven, as the rounds are better spent on others.
    /// To give up early makes a false win rarer, never more frequent.
    fn losses_allowed(&self, pairs: usize) -> usize {
        let forgiven = self.looks.iter().map(|look| look.rank.saturating_sub(1));
        let forgiven = forgiven.max().unwrap_or(0) as usize;
        forgiven.min(1 + pairs / 4)
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
        if self.looks.iter().any(at_look) && self.judge(pairs).interval[1] < 1.0 {
            return Some(Standing::Won);
        }
        let losses = pairs.iter().filter(|pair| pair.ratio() >= 1.0).count();
        let over = pairs.len() >= self.most_pairs() as usize;
        (over || losses > self.losses_allowed(pairs.len())).then_some(Standing::Lost)
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
