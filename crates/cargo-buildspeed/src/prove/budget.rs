//! What trials cost, and so how many levers are tried at once, and when the rounds must end, that
//! what is begun can be finished in time.

/// What is known of the cost of a trial, in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Costs {
    pub clean_s: f64,
    /// One run of the scenario.
    pub run_s: f64,
    /// Rounds that an arm takes at least to win.
    pub rounds: u32,
    /// A clean build is needed to know whether an arm may be chosen.
    pub guarded: bool,
}

/// Who has won so far, and waits to be chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Winners {
    pub count: usize,
    /// One of them started from the baseline's artifacts, and has never been built as it would be
    /// written.
    pub unbuilt: bool,
}

impl Costs {
    /// So many arms, the baseline among them, until one can win.
    pub(super) fn rounds_s(self, arms: usize) -> f64 {
        arms as f64 * f64::from(self.rounds) * self.run_s
    }

    /// The least that the trial of the winners together takes, beside the baseline and the best one.
    pub(super) fn combination_s(self) -> f64 {
        let build_s = if self.guarded { self.clean_s } else { 0.0 };
        build_s + self.rounds_s(3)
    }

    /// What it is likely to take: to be better than the best takes more rounds than to be better than
    /// the baseline.
    fn usual_combination_s(self) -> f64 {
        self.combination_s() + 0.5 * self.rounds_s(3)
    }

    /// What is still to be run before winners can be chosen, as far as it fits into `remaining_s`:
    /// all of them together, or else the best one.
    pub(super) fn choice_s(self, winners: Winners, remaining_s: f64) -> f64 {
        let several = (winners.count > 1).then(|| self.usual_combination_s());
        let unbuilt = winners.unbuilt.then(|| self.clean_s + self.rounds_s(2));
        let mut choices = [several, unbuilt].into_iter().flatten();
        choices
            .find(|choice_s| *choice_s <= remaining_s)
            .unwrap_or(0.0)
    }

    fn batch_s(self, prepare_s: &[f64]) -> f64 {
        prepare_s.iter().sum::<f64>() + self.rounds_s(prepare_s.len() + 1)
    }

    /// How many of the arms, from the front, fit into `remaining_s` with time left for the
    /// combination, or at least into half of it; one where only one fits. Time that the winners need
    /// to be chosen is never taken. Each arm is given by the seconds to prepare it.
    pub(super) fn affordable(
        self,
        prepare_s: &[f64],
        remaining_s: Option<f64>,
        winners: Winners,
    ) -> usize {
        let Some(remaining_s) = remaining_s else {
            return prepare_s.len();
        };
        let most_s = remaining_s - self.choice_s(winners, remaining_s);
        let usual_s = (remaining_s - self.usual_combination_s()).max(remaining_s * 0.5);
        let fits = |count: usize, time_s: f64| self.batch_s(&prepare_s[..count]) <= time_s;
        let time_s = usual_s.min(most_s);
        let count = (1..=prepare_s.len())
            .rev()
            .find(|&count| fits(count, time_s))
            .unwrap_or(0);
        let one_fits = !prepare_s.is_empty() && fits(1, most_s);
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
        guarded: true,
    };
    const NONE: Winners = Winners {
        count: 0,
        unbuilt: false,
    };

    #[test]
    fn without_a_limit_everything_is_tried() {
        assert_eq!(COSTS.affordable(&[20.0; 9], None, NONE), 9);
    }

    #[test]
    fn time_is_kept_for_the_combination() {
        // 51.5 s for the combination leave 148.5: 5 × 20 + 6 × 7 = 142.
        assert_eq!(COSTS.affordable(&[20.0; 9], Some(200.0), NONE), 5);
        assert_eq!(COSTS.affordable(&[0.0, 0.0, 20.0], Some(75.0), NONE), 2);
    }

    #[test]
    fn one_is_tried_where_only_one_fits_and_none_where_none_does() {
        assert_eq!(COSTS.affordable(&[20.0; 9], Some(35.0), NONE), 1);
        assert_eq!(COSTS.affordable(&[20.0; 9], Some(30.0), NONE), 0);
        assert_eq!(COSTS.affordable(&[], Some(300.0), NONE), 0);
    }

    #[test]
    fn what_has_won_is_chosen_before_more_is_tried() {
        let one = Winners {
            count: 1,
            unbuilt: true,
        };
        // 34 s to build and run the winner as it would be written.
        assert_eq!(COSTS.affordable(&[20.0], Some(35.0), one), 0);
        assert_eq!(COSTS.choice_s(one, 35.0), 34.0);
        assert_eq!(COSTS.choice_s(one, 33.0), 0.0, "it is too late for it");
        assert_eq!(COSTS.affordable(&[20.0], Some(68.0), one), 1);
        let built = Winners {
            unbuilt: false,
            ..one
        };
        assert_eq!(COSTS.affordable(&[20.0], Some(35.0), built), 1);
        let three = Winners {
            count: 3,
            unbuilt: true,
        };
        assert_eq!(COSTS.choice_s(three, 60.0), 51.5);
        assert_eq!(COSTS.choice_s(three, 50.0), 34.0, "at least the best one");
    }
}
