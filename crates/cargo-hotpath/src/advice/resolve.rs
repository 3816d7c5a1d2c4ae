//! Several rules may see the same time. Each sample is promised once: the most exact advice takes it, and
//! what is left of the others must still be hot. One finding per cause and line remains.

use std::collections::HashSet;

use pitcrew_core::finding::{Evidence, Finding};

use super::{Advice, Rank};
use crate::facts::Facts;

/// The findings of all advice, what can gain most first.
pub fn resolve(facts: &Facts<'_>, mut advice: Vec<Advice>) -> Vec<Finding> {
    for one in &mut advice {
        one.works.sort_unstable();
        one.works.dedup();
    }
    advice.sort_by_key(|one| {
        let weight = facts.works.weight_of(&one.works);
        (
            std::cmp::Reverse((one.rank, one.confirmed, weight)),
            one.line,
            one.info.id,
        )
    });
    let mut taken: HashSet<usize> = HashSet::new();
    let mut found = Vec::new();
    for mut one in advice {
        let before = facts.works.weight_of(&one.works);
        one.works.retain(|at| !taken.contains(at));
        let left = facts.works.weight_of(&one.works);
        // Where most of it is another's, that one is the cause.
        if left * 2 < before || !facts.is_hot(&one.works) {
            continue;
        }
        taken.extend(&one.works);
        let share = facts.share(&one.works);
        let samples = facts.works.count;
        found.push((one.rank == Rank::Loop, one.finding(share, samples)));
    }
    // What need not be done stands before what could be done by more cores.
    found.sort_by(|(a_shares, a), (b_shares, b)| {
        let by_gain = most(b).total_cmp(&most(a));
        a_shares.cmp(b_shares).then(by_gain)
    });
    found.into_iter().map(|(_, finding)| finding).collect()
}

/// The part of the time that a finding can gain at most.
pub fn most(finding: &Finding) -> f64 {
    let ratios = finding
        .evidence
        .iter()
        .filter_map(|evidence| match evidence {
            Evidence::Predicted { ratio, .. } => Some(1.0 - ratio),
            _ => None,
        });
    ratios.fold(0.0, f64::max)
}

/// The same with its 95 % interval.
pub fn promised(finding: &Finding) -> (f64, [f64; 2]) {
    let most = most(finding);
    let error = finding.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Predicted { error, .. } => *error,
        _ => None,
    });
    let error = error.unwrap_or(0.0);
    (most, [(most - error).max(0.0), (most + error).min(1.0)])
}
