//! How sure a share is: the more samples, the narrower.

use serde::Serialize;

/// A part of all samples, with its 95 % interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Share {
    pub share: f64,
    pub low: f64,
    pub high: f64,
}

impl Share {
    /// A part of the weight, seen in a profile of `samples` samples.
    pub fn of(weight: u64, total: u64, samples: u64) -> Self {
        if total == 0 || samples == 0 {
            return Self::default();
        }
        let share = weight as f64 / total as f64;
        let (low, high) = wilson(share, samples as f64);
        Self { share, low, high }
    }

    /// Whether both could be the same.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.low <= other.high && other.low <= self.high
    }
}

/// Wilson's score interval, which holds for few samples and for shares near 0 and 1 too.
fn wilson(share: f64, samples: f64) -> (f64, f64) {
    /// Of the normal distribution, for 95 %.
    const Z: f64 = 1.959_964;
    let z2 = Z * Z / samples;
    let middle = (share + z2 / 2.0) / (1.0 + z2);
    let half = Z / (1.0 + z2)
        * (share * (1.0 - share) / samples + z2 / (4.0 * samples))
            .max(0.0)
            .sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_intervals() {
        let share = Share::of(10, 100, 100);
        assert!((share.low - 0.0552).abs() < 0.0005, "{share:?}");
        assert!((share.high - 0.1744).abs() < 0.0005, "{share:?}");
        assert_eq!(Share::of(0, 0, 0), Share::default());
        assert!(Share::of(0, 50, 50).high > 0.05);
    }

    proptest::proptest! {
        #[test]
        fn the_interval_holds_the_share(total in 1..100_000_u64, part in 0.0..=1.0_f64) {
            let weight = (total as f64 * part) as u64;
            let share = Share::of(weight, total, total);
            proptest::prop_assert!(0.0 <= share.low && share.low <= share.share + 1e-9);
            proptest::prop_assert!(share.share <= share.high + 1e-9 && share.high <= 1.0);
        }
    }
}
