//! Several rules may see the same time. Each sample is promised once: the most exact advice takes it, and
//! what is left of the others must still be hot. One finding per cause and line remains.

use std::collections::HashMap;

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
    let mut taken: HashMap<usize, Rank> = HashMap::new();
    let mut kept = Vec::new();
    for mut one in advice {
        let before = facts.works.weight_of(&one.works);
        one.works.retain(|at| !taken.contains_key(at));
        let left = facts.works.weight_of(&one.works);
        // Where most of it is another's, that one is the cause.
        if left * 2 < before || !facts.is_hot(&one.works) {
            continue;
        }
        taken.extend(one.works.iter().map(|at| (*at, one.rank)));
        kept.push(one);
    }
    let samples = facts.works.count;
    let found = kept.into_iter().map(|one| {
        let share = facts.share(&one.works);
        let gain = one.promise.gain(facts, (one.rank, &one.works), &taken);
        (one.rank == Rank::Loop, one.finding(share, samples, gain))
    });
    let mut found: Vec<(bool, Finding)> = found.collect();
    // What need not be done stands before what could be done by more cores.
    found.sort_by(|(a_shares, a), (b_shares, b)| {
        let middle = |finding| {
            let [least, most] = promised(finding);
            least.midpoint(most)
        };
        let by_gain = middle(b).total_cmp(&middle(a));
        a_shares.cmp(b_shares).then(by_gain)
    });
    found.into_iter().map(|(_, finding)| finding).collect()
}

/// The part of the time that a finding can gain, at least and at most.
pub fn promised(finding: &Finding) -> [f64; 2] {
    let gain = finding.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Bounded { gain, .. } => Some(*gain),
        _ => None,
    });
    gain.unwrap_or_default()
}
