//! What following a piece of advice gains, at least and at most. The samples say how much time the cause
//! explains; a rule says which part of it goes whatever takes its place, and what else hangs on the same
//! cause without standing below the same call.

use std::collections::{HashMap, HashSet};

use super::Rank;
use super::work::Below;
use crate::facts::Facts;

/// The ends of what is promised.
#[derive(Debug, Clone)]
pub struct Promise {
    /// What the ends stand for, in a few words.
    between: &'static str,
    /// The part of what is sure to be touched that goes: what takes its place costs no more than the rest.
    least: f64,
    /// Which of the explained time is sure to be touched; all, where there is none.
    sure: Option<fn(&Below) -> bool>,
    /// More time that may go with it: indices of [`super::work::Works::all`].
    also: Vec<usize>,
    /// The part of all that time that can go.
    most: f64,
}

impl Promise {
    /// At least this part of the explained time goes, at most all of it.
    pub fn of(least: f64, between: &'static str) -> Self {
        Self {
            between,
            least,
            sure: None,
            also: Vec::new(),
            most: 1.0,
        }
    }

    /// The least is of these works only: what takes the place of the rest may cost as much.
    #[must_use]
    pub fn where_sure(mut self, sure: fn(&Below) -> bool) -> Self {
        self.sure = Some(sure);
        self
    }

    /// Time elsewhere that has the same cause.
    #[must_use]
    pub fn also(mut self, works: impl IntoIterator<Item = usize>) -> Self {
        self.also.extend(works);
        self
    }

    #[must_use]
    pub fn at_most(mut self, most: f64) -> Self {
        self.most = most;
        self
    }

    pub fn between(&self) -> &'static str {
        self.between
    }

    /// The least and the most that can be gained, as parts of all time, each at the outer end of its 95 %
    /// interval. `works` is what advice of this rank explains, `taken` what any advice does: a symptom that
    /// is told of too may go with its cause.
    pub fn gain(
        &self,
        facts: &Facts<'_>,
        (rank, works): (Rank, &[usize]),
        taken: &HashMap<usize, Rank>,
    ) -> [f64; 2] {
        let is_sure = |at: &usize| {
            let below = &facts.works.all[*at].below;
            self.sure.is_none_or(|sure| sure(below))
        };
        let sure: Vec<usize> = works.iter().copied().filter(is_sure).collect();
        let also: HashSet<usize> = (self.also.iter().copied())
            .filter(|at| taken.get(at).is_none_or(|by| *by < rank))
            .collect();
        let all: Vec<usize> = works.iter().copied().chain(also).collect();
        let least = facts.share(&sure).low * self.least;
        let most = facts.share(&all).high * self.most;
        [least.min(most), most]
    }
}
