//! The knee: the smallest limit that is as good as the best, within the tolerance, and the range in
//! which it lies when the rounds are drawn anew.

use pitcrew_core::measure::{Verdict, judge, median, range_95, resample};

use super::args::{Better, Plan};
use super::rounds::Rounds;

/// Rounds that a limit needs before anything is said of it.
const FEWEST_ROUNDS: usize = 3;

/// Where more concurrency stops to pay. All are places among the plan's values.
#[derive(Debug, Clone, PartialEq)]
pub struct Knee {
    pub at: usize,
    /// The middle 95 % of what the rounds, drawn anew, give.
    pub range: (usize, usize),
    pub best: usize,
    /// From here on it gets worse: the first limit beyond the best whose whole interval lies past the
    /// tolerance.
    pub worse_from: Option<usize>,
}

/// The knee; none where fewer than two limits have rounds enough.
pub fn find(plan: &Plan, rounds: &Rounds) -> Option<Knee> {
    let costs = costs(plan, rounds);
    let candidates: Vec<usize> = (0..costs.len())
        .filter(|&at| rounds.done(at) >= FEWEST_ROUNDS && rounds.failures[at].is_empty())
        .collect();
    if candidates.len() < 2 {
        return None;
    }
    let count = costs.iter().map(Vec::len).max().unwrap_or(0);
    let all: Vec<usize> = (0..count).collect();
    let best = best(&costs, &candidates, &all)?;
    let at = knee(&costs, &candidates, &all, plan.tolerance)?;
    let drawn = resample(count, |draw| {
        knee(&costs, &candidates, draw, plan.tolerance).unwrap_or(at)
    });
    let worse_from = candidates
        .iter()
        .copied()
        .find(|&other| other > best && against(&costs, other, best).interval[0] > plan.tolerance);
    Some(Knee {
        at,
        range: range_95(drawn).unwrap_or((at, at)),
        best,
        worse_from,
    })
}

/// A limit against another, round by round: over 1 is worse.
pub fn against_best(plan: &Plan, rounds: &Rounds, at: usize, best: usize) -> Verdict {
    against(&costs(plan, rounds), at, best)
}

fn against(costs: &[Vec<Option<f64>>], at: usize, best: usize) -> Verdict {
    let both = costs[best].iter().zip(&costs[at]);
    let (baseline, candidate): (Vec<f64>, Vec<f64>) =
        both.filter_map(|(a, b)| Some(((*a)?, (*b)?))).unzip();
    judge(&baseline, &candidate)
}

/// What each round cost: less is better, whatever the metric.
fn costs(plan: &Plan, rounds: &Rounds) -> Vec<Vec<Option<f64>>> {
    let higher = plan
        .metric
        .as_ref()
        .is_some_and(|metric| metric.better == Better::Higher);
    let cost = |score: f64| if higher { 1.0 / score } else { score };
    let of_value = |samples: &Vec<Option<super::rounds::Sample>>| {
        let cost = |sample: &Option<super::rounds::Sample>| sample.map(|s| cost(s.score));
        samples
            .iter()
            .map(cost)
            .map(|cost| cost.filter(|c| c.is_finite() && *c >= 0.0))
            .collect()
    };
    rounds.samples.iter().map(of_value).collect()
}

/// The median cost of a limit over the drawn rounds; none where it has none of them.
fn typical(costs: &[Option<f64>], draw: &[usize]) -> Option<f64> {
    let drawn: Vec<f64> = draw
        .iter()
        .filter_map(|&round| *costs.get(round)?)
        .collect();
    (!drawn.is_empty()).then(|| median(&drawn))
}

fn best(costs: &[Vec<Option<f64>>], candidates: &[usize], draw: &[usize]) -> Option<usize> {
    let typical = candidates
        .iter()
        .filter_map(|&at| Some((typical(&costs[at], draw)?, at)));
    let best = typical.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    best.map(|(_, at)| at)
}

fn knee(
    costs: &[Vec<Option<f64>>],
    candidates: &[usize],
    draw: &[usize],
    tolerance: f64,
) -> Option<usize> {
    let best = best(costs, candidates, draw)?;
    let least = typical(&costs[best], draw)?;
    candidates.iter().copied().find(|&at| {
        typical(&costs[at], draw).is_some_and(|cost| at == best || cost <= least * tolerance)
    })
}
