//! The uncertainty of anything that is computed from whole rounds: computed again from rounds that are
//! drawn with replacement, by the same draws on every machine.

use super::Random;

const RESAMPLES: usize = 2_000;

/// What `compute` gives for many draws of `rounds` rounds, each a list of their numbers.
pub fn resample<T>(rounds: usize, mut compute: impl FnMut(&[usize]) -> T) -> Vec<T> {
    if rounds == 0 {
        return Vec::new();
    }
    let mut random = Random::new(0x5eed);
    let mut draw = vec![0; rounds];
    let mut once = |_| {
        draw.fill_with(|| random.below(rounds));
        compute(&draw)
    };
    (0..RESAMPLES).map(&mut once).collect()
}

/// The ends of the middle 95 % of what was computed; none of nothing.
pub fn range_95<T: Ord + Copy>(mut computed: Vec<T>) -> Option<(T, T)> {
    computed.sort_unstable();
    let cut = computed.len() / 40;
    let last = computed.len().checked_sub(1)?;
    Some((computed[cut], computed[last - cut]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_round_has_no_uncertainty_and_none_has_no_value() {
        assert_eq!(range_95(resample(1, |draw| draw[0])), Some((0, 0)));
        assert_eq!(range_95(resample(0, <[usize]>::len)), None);
    }

    #[test]
    fn draws_are_spread_over_all_rounds_and_always_the_same() {
        let sums = || resample(5, |draw| draw.iter().sum::<usize>());
        assert_eq!(sums(), sums());
        let (low, high) = range_95(sums()).unwrap();
        assert!(low < 10 && high > 10, "{low} {high}");
    }
}
