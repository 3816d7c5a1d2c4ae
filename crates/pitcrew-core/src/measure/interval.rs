//! The interval of a median, for few and for many pairs.

use super::{LEAST_PAIRS, Pair};

/// What paired runs tell of a candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// Median of the pairs' ratios, candidate over baseline; NaN without pairs.
    pub ratio: f64,
    /// 95 % interval of that median; the whole range where there are too few pairs for 95 %.
    pub interval: [f64; 2],
    pub pairs: u32,
}

impl Verdict {
    /// The whole 95 % interval lies under 1.
    pub fn is_faster(&self) -> bool {
        !self.is_range() && self.interval[1] < 1.0
    }

    /// The whole 95 % interval lies over 1.
    pub fn is_slower(&self) -> bool {
        !self.is_range() && self.interval[0] > 1.0
    }

    /// So few pairs give no 95 %: the interval is their range, and tells no more than that.
    pub fn is_range(&self) -> bool {
        self.pairs < LEAST_PAIRS
    }
}

/// Judges runs that were paired by their position, without any look at them before. The interval's
/// ends are order statistics, so that it holds its 95 % whatever the noise looks like; a bootstrap of
/// so few runs is narrower than it claims.
pub fn judge(baseline: &[f64], candidate: &[f64]) -> Verdict {
    let pair = |(&baseline, &candidate): (&f64, &f64)| Pair {
        baseline,
        candidate,
    };
    judge_pairs(&baseline.iter().zip(candidate).map(pair).collect::<Vec<_>>())
}

/// As [`judge`].
pub fn judge_pairs(pairs: &[Pair]) -> Verdict {
    let ratios: Vec<f64> = pairs.iter().map(Pair::ratio).collect();
    Verdict {
        ratio: median(&ratios),
        interval: order_statistics(&ratios, exact_rank(ratios.len())),
        pairs: ratios.len() as u32,
    }
}

/// The middle value, or the mean of the two; NaN for none.
pub fn median(values: &[f64]) -> f64 {
    median_of_sorted(&sorted(values))
}

fn median_of_sorted(values: &[f64]) -> f64 {
    let middle = values.len() / 2;
    match values {
        [] => f64::NAN,
        _ if values.len() % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values
}

/// From the `rank`-th smallest to the `rank`-th largest value.
pub(super) fn order_statistics(values: &[f64], rank: usize) -> [f64; 2] {
    let values = sorted(values);
    let at = rank.clamp(1, values.len().div_ceil(2).max(1)) - 1;
    match values.len() {
        0 => [f64::NAN; 2],
        len => [values[at], values[len - 1 - at]],
    }
}

/// The greatest rank whose interval covers the median in at least 95 % of cases: each value lies
/// under the median like a coin falls, so the chance to miss is a binomial tail.
fn exact_rank(len: usize) -> usize {
    /// Past this many the tail is a normal one, and 0.5 to that power no number.
    const MANY: usize = 1_000;
    if len > MANY {
        let len = len as f64;
        return ((len - 1.96 * len.sqrt()) / 2.0) as usize;
    }
    let mut chance = 0.5_f64.powi(len as i32);
    let mut missed = chance;
    let mut rank = 1;
    while rank < len {
        chance *= (len - rank + 1) as f64 / rank as f64;
        missed += chance;
        if 2.0 * missed > 0.05 {
            break;
        }
        rank += 1;
    }
    rank
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ranks_are_those_of_the_sign_test_tables() {
        let ranks: Vec<usize> = [5, 6, 8, 9, 12, 15, 17, 20, 25, 100, 1_000]
            .into_iter()
            .map(exact_rank)
            .collect();
        assert_eq!(ranks, [1, 1, 1, 2, 3, 4, 5, 6, 8, 40, 469]);
        assert_eq!(exact_rank(1_001), 469);
    }

    #[test]
    fn one_wild_run_moves_neither_ratio_nor_verdict() {
        let baseline = [10.0; 9];
        let mut candidate = [9.0; 9];
        candidate[4] = 400.0;
        let verdict = judge(&baseline, &candidate);
        assert_eq!((verdict.ratio, verdict.interval), (0.9, [0.9, 0.9]));
        assert!(verdict.is_faster() && !verdict.is_slower());
    }

    #[test]
    fn no_pairs_and_one_pair() {
        assert!(judge(&[], &[]).ratio.is_nan());
        assert!(!judge(&[], &[]).is_faster());
        let one = judge(&[2.0], &[1.0]);
        assert_eq!((one.ratio, one.interval, one.pairs), (0.5, [0.5, 0.5], 1));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_ratio_lies_in_its_interval(
            runs in prop::collection::vec((0.1..100.0_f64, 0.1..100.0_f64), 1..36),
        ) {
            let (baseline, candidate): (Vec<f64>, Vec<f64>) = runs.into_iter().unzip();
            let verdict = judge(&baseline, &candidate);
            prop_assert!(verdict.interval[0] <= verdict.ratio);
            prop_assert!(verdict.ratio <= verdict.interval[1]);
            prop_assert_eq!(verdict, judge(&baseline, &candidate));
        }

        #[test]
        fn the_unit_of_time_does_not_matter(
            runs in prop::collection::vec((0.1..100.0_f64, 0.1..100.0_f64), 1..40),
        ) {
            let (baseline, candidate): (Vec<f64>, Vec<f64>) = runs.into_iter().unzip();
            let scale = |runs: &[f64]| runs.iter().map(|run| run * 1024.0).collect::<Vec<_>>();
            let scaled = judge(&scale(&baseline), &scale(&candidate));
            prop_assert_eq!(judge(&baseline, &candidate), scaled);
        }
    }
}
