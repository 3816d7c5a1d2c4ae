//! Step functions of time: how many units ran, how much memory they held, how much CPU they got.

use serde::Serialize;

/// A function that keeps its value until the next point, and is 0 before the first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Steps {
    points: Vec<Step>,
    /// The integral up to each point.
    sums: Vec<f64>,
}

/// The value from `at_s` on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Step {
    pub at_s: f64,
    pub value: f64,
}

impl Steps {
    /// The sum of `value` over all `(from, to, value)` that are under way.
    pub fn sum(intervals: impl IntoIterator<Item = (f64, f64, f64)>) -> Self {
        let mut changes: Vec<(f64, f64)> = Vec::new();
        for (from, to, value) in intervals {
            if from < to && value != 0.0 {
                changes.push((from, value));
                changes.push((to, -value));
            }
        }
        // At one instant what ends goes before what starts: neighbours do not overlap.
        changes.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut points: Vec<Step> = Vec::new();
        let mut value = 0.0;
        let mut open = 0_i64;
        for (at_s, change) in changes {
            open += if change > 0.0 { 1 } else { -1 };
            // Rounding must not leave a rest where nothing runs.
            value = if open == 0 { 0.0 } else { value + change };
            match points.last_mut() {
                Some(last) if last.at_s == at_s => last.value = value,
                _ => points.push(Step { at_s, value }),
            }
        }
        Self::from_points(points)
    }

    fn from_points(mut points: Vec<Step>) -> Self {
        points.dedup_by(|next, previous| next.value == previous.value);
        let mut sums = Vec::with_capacity(points.len());
        let mut sum = 0.0;
        for (index, point) in points.iter().enumerate() {
            if let Some(before) = index.checked_sub(1).map(|i| points[i]) {
                sum += before.value * (point.at_s - before.at_s);
            }
            sums.push(sum);
        }
        Self { points, sums }
    }

    pub fn points(&self) -> &[Step] {
        &self.points
    }

    #[must_use]
    pub fn map(&self, f: impl Fn(f64) -> f64) -> Self {
        self.zip(&Self::default(), |value, _| f(value))
    }

    /// `f` of both values, at each point of either. Before the first point both are 0 and so is
    /// the result.
    #[must_use]
    pub fn zip(&self, other: &Self, f: impl Fn(f64, f64) -> f64) -> Self {
        let mut times: Vec<f64> = self.points.iter().map(|point| point.at_s).collect();
        times.extend(other.points.iter().map(|point| point.at_s));
        times.sort_by(f64::total_cmp);
        times.dedup();
        let point = |at_s| Step {
            at_s,
            value: f(self.at(at_s), other.at(at_s)),
        };
        Self::from_points(times.into_iter().map(point).collect())
    }

    /// The value at an instant, after whatever changes there.
    pub fn at(&self, time_s: f64) -> f64 {
        self.index(time_s).map_or(0.0, |i| self.points[i].value)
    }

    pub fn integral(&self, from_s: f64, to_s: f64) -> f64 {
        self.sum_until(to_s) - self.sum_until(from_s)
    }

    /// The mean over an interval; the value at its start where it is empty.
    pub fn mean(&self, from_s: f64, to_s: f64) -> f64 {
        if to_s > from_s {
            self.integral(from_s, to_s) / (to_s - from_s)
        } else {
            self.at(from_s)
        }
    }

    pub fn max(&self) -> Option<Step> {
        let highest = |best: Option<Step>, point: &Step| match best {
            Some(best) if best.value >= point.value => Some(best),
            _ => Some(*point),
        };
        self.points.iter().fold(None, highest)
    }

    /// How long the value satisfies `wanted`, from the first point to `end_s`.
    pub fn time_where(&self, end_s: f64, wanted: impl Fn(f64) -> bool) -> f64 {
        let ends = self.points.iter().skip(1).map(|point| point.at_s);
        self.points
            .iter()
            .zip(ends.chain([end_s]))
            .filter(|(point, _)| wanted(point.value))
            .map(|(point, end)| (end - point.at_s).max(0.0))
            .sum()
    }

    fn index(&self, time_s: f64) -> Option<usize> {
        self.points
            .partition_point(|point| point.at_s <= time_s)
            .checked_sub(1)
    }

    fn sum_until(&self, time_s: f64) -> f64 {
        self.index(time_s).map_or(0.0, |i| {
            self.sums[i] + self.points[i].value * (time_s - self.points[i].at_s)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_add_up_and_neighbours_do_not_overlap() {
        let steps = Steps::sum([(0.0, 2.0, 1.0), (1.0, 3.0, 2.0), (3.0, 4.0, 2.0)]);
        let points: Vec<(f64, f64)> = steps.points().iter().map(|p| (p.at_s, p.value)).collect();
        assert_eq!(points, [(0.0, 1.0), (1.0, 3.0), (2.0, 2.0), (4.0, 0.0)]);
        assert_eq!(steps.integral(0.5, 3.5), 0.5 + 3.0 + 3.0);
        assert_eq!(steps.mean(0.0, 4.0), 2.0);
        assert_eq!(steps.at(-1.0), 0.0);
        assert_eq!(steps.max().map(|p| p.at_s), Some(1.0));
        assert_eq!(steps.time_where(5.0, |v| v < 2.0), 1.0 + 1.0);
    }

    #[test]
    fn two_functions_combine_at_the_points_of_either() {
        let a = Steps::sum([(0.0, 2.0, 1.0)]);
        let b = Steps::sum([(1.0, 3.0, 1.0)]);
        let both = a.zip(&b, f64::min);
        assert_eq!(both.integral(0.0, 3.0), 1.0);
        assert_eq!(a.map(|v| v * 3.0).integral(0.0, 9.0), 6.0);
    }
}
