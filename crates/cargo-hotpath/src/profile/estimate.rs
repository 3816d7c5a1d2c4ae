//! What a benchmark's own harness measured, beside the profile of it.

use serde::{Deserialize, Serialize};

/// The time of one call, as criterion estimates it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// `group/function/value`
    pub id: String,
    pub now: Nanoseconds,
    /// The saved baseline that it is compared with.
    pub baseline: Option<(String, Nanoseconds)>,
}

/// A time with its confidence interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Nanoseconds {
    pub point: f64,
    pub low: f64,
    pub high: f64,
}

impl Estimate {
    /// The part by which it is slower than the baseline, and whether the intervals leave no doubt.
    pub fn change(&self) -> Option<(f64, bool)> {
        let (_, before) = self.baseline.as_ref()?;
        let apart = self.now.low > before.high || self.now.high < before.low;
        Some((self.now.point / before.point - 1.0, apart))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_sure_where_the_intervals_are_apart() {
        let around = |point: f64| Nanoseconds {
            point,
            low: point - 1.0,
            high: point + 1.0,
        };
        let change = |now, before| {
            let baseline = Some(("base".to_owned(), around(before)));
            Estimate {
                id: String::new(),
                now: around(now),
                baseline,
            }
            .change()
        };
        assert_eq!(change(110.0, 100.0).map(|(_, sure)| sure), Some(true));
        assert_eq!(change(101.0, 100.0).map(|(_, sure)| sure), Some(false));
        assert_eq!(Estimate::default().change(), None);
    }
}
