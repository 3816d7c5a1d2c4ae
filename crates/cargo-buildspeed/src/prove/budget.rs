//! How many levers are tried at once, so that what is begun can be finished in time.

/// What is known of the cost of a trial, in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Costs {
    pub clean_s: f64,
    /// One run of the scenario.
    pub run_s: f64,
    /// Rounds that an arm takes at least to win.
    pub rounds: u32,
}

impl Costs {
    /// The trial of the winners together: one clean build, beside the baseline and the best one.
    fn combination_s(self) -> f64 {
        self.clean_s + 3.0 * f64::from(self.rounds) * self.run_s
    }

    fn batch_s(self, prepare_s: &[f64]) -> f64 {
        let runs = (prepare_s.len() + 1) as f64 * f64::from(self.rounds);
        prepare_s.iter().sum::<f64>() + runs * self.run_s
    }

    /// How many of the arms, from the front, fit into `remaining_s` with time left for the
    /// combination, or at least into half of it. Each is given by the seconds to prepare it.
    pub(super) fn affordable(self, prepare_s: &[f64], remaining_s: Option<f64>) -> usize {
        let Some(remaining_s) = remaining_s else {
            return prepare_s.len();
        };
        let available_s = (remaining_s - self.combination_s()).max(remaining_s * 0.5);
        let fits = |count: &usize| self.batch_s(&prepare_s[..*count]) <= available_s;
        let count = (1..=prepare_s.len()).rev().find(fits).unwrap_or(0);
        let one_fits = !prepare_s.is_empty() && self.batch_s(&prepare_s[..1]) <= remaining_s;
        count.max(usize::from(one_fits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COSTS: Costs = Costs {
        clean_s: 20.0,
        run_s: 1.0,
        rounds: 7,
    };

    #[test]
    fn without_a_limit_everything_is_tried() {
        assert_eq!(COSTS.affordable(&[20.0; 9], None), 9);
    }

    #[test]
    fn time_is_kept_for_the_combination() {
        // 41 s for the combination leave 159: 5 × 20 + 6 × 7 = 142.
        assert_eq!(COSTS.affordable(&[20.0; 9], Some(200.0)), 5);
        assert_eq!(COSTS.affordable(&[0.0, 0.0, 20.0], Some(75.0)), 2);
    }

    #[test]
    fn one_is_tried_where_only_one_fits_and_none_where_none_does() {
        assert_eq!(COSTS.affordable(&[20.0; 9], Some(35.0)), 1);
        assert_eq!(COSTS.affordable(&[20.0; 9], Some(30.0)), 0);
        assert_eq!(COSTS.affordable(&[], Some(300.0)), 0);
    }
}
