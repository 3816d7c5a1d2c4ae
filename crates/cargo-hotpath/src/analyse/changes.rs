//! Two profiles compared, function by function; or several recordings of two programs.

use std::collections::HashMap;

use anyhow::{Result, ensure};

use super::{Share, View, totals};

/// What changed between two profiles.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// Of one recording, on average.
    pub base_weight: u64,
    pub new_weight: u64,
    pub unit: crate::profile::Unit,
    /// Recordings of each side.
    pub rounds: usize,
    /// The most changed first.
    pub rows: Vec<Change>,
}

/// One function's own time in both.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub name: String,
    /// Of one recording, on average.
    pub base: u64,
    pub new: u64,
    pub base_share: Share,
    pub new_share: Share,
    /// Whether the intervals of both times lie apart, and all pairs of recordings say the same.
    pub significant: bool,
}

impl Change {
    /// It takes more time than before, and not by chance.
    pub fn is_regression(&self) -> bool {
        self.significant && self.new > self.base
    }
}

/// Own times of a function, one for each recording.
type Times = (Vec<u64>, Vec<u64>);

/// Compares the own time of each function. All must count the same thing.
pub fn between(base: &[View<'_>], new: &[View<'_>]) -> Result<Changes> {
    let units = |views: &[View<'_>]| {
        views
            .iter()
            .map(|v| v.profile.about.unit)
            .collect::<Vec<_>>()
    };
    let all = [units(base), units(new)].concat();
    let unit = all.first().copied().unwrap_or_default();
    ensure!(
        all.iter().all(|other| *other == unit),
        "the profiles count different things: record both in the same way"
    );
    let mut times: HashMap<&str, Times> = HashMap::new();
    let empty = || (vec![0; base.len()], vec![0; new.len()]);
    for (round, view) in base.iter().enumerate() {
        for row in totals::by_function(view) {
            let name = &view.groups[row.key as usize].name;
            times.entry(name).or_insert_with(empty).0[round] += row.own;
        }
    }
    for (round, view) in new.iter().enumerate() {
        for row in totals::by_function(view) {
            let name = &view.groups[row.key as usize].name;
            times.entry(name).or_insert_with(empty).1[round] += row.own;
        }
    }
    let (before, after) = (Side::of(base), Side::of(new));
    let rows = times.into_iter().map(|(name, (base, new))| {
        let (base_share, new_share) = (before.share(&base), after.share(&new));
        let apart =
            !in_time(&base_share, before.mean()).overlaps(&in_time(&new_share, after.mean()));
        Change {
            name: name.to_owned(),
            significant: apart && all_agree(&base, &new),
            base: mean(&base),
            new: mean(&new),
            base_share,
            new_share,
        }
    });
    let mut rows: Vec<Change> = rows.filter(|row| row.base + row.new > 0).collect();
    rows.sort_by(|a, b| {
        let moved = |row: &Change| (row.significant, row.base.abs_diff(row.new));
        (moved(b), &a.name).cmp(&(moved(a), &b.name))
    });
    Ok(Changes {
        base_weight: before.mean(),
        new_weight: after.mean(),
        unit,
        rounds: base.len().max(new.len()),
        rows,
    })
}

/// All recordings of one program.
struct Side {
    weights: Vec<u64>,
    samples: u64,
}

impl Side {
    fn of(views: &[View<'_>]) -> Self {
        Self {
            weights: views.iter().map(View::weight).collect(),
            samples: views.iter().map(View::count).sum(),
        }
    }

    fn share(&self, times: &[u64]) -> Share {
        Share::of(times.iter().sum(), self.weights.iter().sum(), self.samples)
    }

    fn mean(&self) -> u64 {
        mean(&self.weights)
    }
}

fn mean(values: &[u64]) -> u64 {
    values.iter().sum::<u64>() / (values.len() as u64).max(1)
}

/// Whether no pair of recordings moves the other way: what differs from run to run is no change of
/// the program. Of six pairs one in 32 agrees by chance.
fn all_agree(base: &[u64], new: &[u64]) -> bool {
    let mut pairs = base.iter().zip(new);
    let grows = pairs.clone().all(|(base, new)| base < new);
    grows || pairs.all(|(base, new)| base > new)
}

/// The interval of a time: a share's, of the whole. That the whole varies too is not in it.
fn in_time(share: &Share, weight: u64) -> Share {
    let weight = weight as f64;
    Share {
        share: share.share * weight,
        low: share.low * weight,
        high: share.high * weight,
    }
}
