//! Two profiles compared, function by function.

use std::collections::HashMap;

use anyhow::{Result, ensure};

use super::{Share, View, totals};

/// What changed between two profiles.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    pub base_weight: u64,
    pub new_weight: u64,
    pub unit: crate::profile::Unit,
    /// The most changed first.
    pub rows: Vec<Change>,
}

/// One function's own time in both.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub name: String,
    pub base: u64,
    pub new: u64,
    pub base_share: Share,
    pub new_share: Share,
    /// Whether the intervals of both times lie apart.
    pub significant: bool,
}

impl Change {
    /// It takes more time than before, and not by chance.
    pub fn is_regression(&self) -> bool {
        self.significant && self.new > self.base
    }
}

/// Compares the own time of each function. Both must count the same thing.
pub fn between(base: &View<'_>, new: &View<'_>) -> Result<Changes> {
    let (base_unit, unit) = (base.profile.about.unit, new.profile.about.unit);
    ensure!(
        base_unit == unit,
        "the profiles count different things: record both in the same way"
    );
    let mut times: HashMap<&str, (u64, u64)> = HashMap::new();
    for row in totals::by_function(base) {
        times
            .entry(&base.groups[row.key as usize].name)
            .or_default()
            .0 += row.own;
    }
    for row in totals::by_function(new) {
        times
            .entry(&new.groups[row.key as usize].name)
            .or_default()
            .1 += row.own;
    }
    let (base_weight, new_weight) = (base.weight(), new.weight());
    let rows = times.into_iter().map(|(name, (before, after))| {
        let base_share = Share::of(before, base_weight, base.count());
        let new_share = Share::of(after, new_weight, new.count());
        Change {
            name: name.to_owned(),
            base: before,
            new: after,
            significant: !in_time(&base_share, base_weight)
                .overlaps(&in_time(&new_share, new_weight)),
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
        base_weight,
        new_weight,
        unit,
        rows,
    })
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
