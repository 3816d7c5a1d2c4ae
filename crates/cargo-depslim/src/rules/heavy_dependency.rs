//! Dependencies that cost far more than their use.

use std::collections::BTreeSet;

use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Saves, Severity};
use pitcrew_core::model::dominators::DirectDependency;

use crate::costs::{self, Costs};
use crate::facts::Facts;
use crate::features::Outcome;
use crate::remedy::Proposal;

pub struct HeavyDependency;

static INFO: RuleInfo = RuleInfo {
    id: "heavy-dependency",
    summary: "A dependency costs far more than what is used of it",
    severity: Severity::Advice,
    docs: r#"## What it does
Holds what a direct dependency alone brings (CPU time of the recorded build, packages, bytes of the
linked programs) against how many of its items the workspace names. It speaks where a dependency takes
8 % of the build's CPU time or more and at least a second, with what only it brings, and at most three
items of it are named. Path dependencies without a version are one's own code and left out, as are
dependencies of which macros, attributes or derives are used, or a whole module by `*`: what those
stand for cannot be counted.

## Why it matters
The few functions may be had from std, from a smaller crate or from twenty lines of one's own, and the
build would be shorter for everyone.

## Example
`regex`, 9 % of the build, for `Regex::new` and one `is_match` against a fixed word.

## When it is wrong
The items are few and the work behind them is much: a compression, a protocol, a database. It is advice
to look, nothing more.
"#,
};

/// The share of the build's CPU time from which on it is heavy.
const HEAVY: f64 = 0.08;
/// Less is nothing to think about.
const WORTH_A_LOOK_S: f64 = 1.0;
/// Items up to which its use is small.
const FEW: usize = 3;

impl Rule<Facts, Proposal> for HeavyDependency {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let (Some(costs), Some(outcome)) = (&facts.costs, &facts.features) else {
            return Vec::new();
        };
        let judged = costs
            .direct
            .iter()
            .filter_map(|direct| judge(direct, costs, outcome, facts));
        judged.map(Proposal::advice).collect()
    }
}

fn judge(
    direct: &DirectDependency,
    costs: &Costs,
    outcome: &Outcome,
    facts: &Facts,
) -> Option<Finding> {
    let mut entries = facts.members.iter().flat_map(|member| &member.dependencies);
    let entry = entries.find(|entry| entry.package == direct.name)?;
    entry.requirement.as_ref()?;
    let total = costs.total_s();
    let share = if total > 0.0 {
        direct.cpu_s / total
    } else {
        0.0
    };
    let used: Vec<_> = outcome
        .used
        .iter()
        .filter(|used| used.package == direct.name)
        .collect();
    if share < HEAVY
        || direct.cpu_s < WORTH_A_LOOK_S
        || used.is_empty()
        || used.iter().any(|used| used.uncountable)
    {
        return None;
    }
    let items: BTreeSet<&str> = used
        .iter()
        .flat_map(|used| &used.items)
        .map(String::as_str)
        .collect();
    if items.is_empty() || items.len() > FEW {
        return None;
    }
    let names: Vec<&str> = items.iter().copied().collect();
    let message = format!(
        "{:.0} % of the build's CPU time for {}",
        share * 100.0,
        names.join(", ")
    );
    let bytes = costs::linked_bytes(direct, &outcome.bytes);
    let weighs = match bytes {
        0 => String::new(),
        bytes => format!(", {} kB of the programs' code", bytes / 1000),
    };
    let fact = format!(
        "{:.2} s of {total:.2} s of CPU {}, {} packages that only it brings{weighs}; {}",
        direct.cpu_s,
        costs.where_found(),
        direct.packages.len(),
        costs.makeup_of(direct).in_words(),
    );
    let mut finding = Finding::new(&INFO, &entry.key, message)
        .at(entry.location.clone())
        .evidence(Evidence::Recorded { fact });
    finding.saves = Saves {
        cpu_s: Some(direct.cpu_s),
        bytes: Some(bytes).filter(|bytes| *bytes > 0),
        ..Saves::default()
    };
    Some(finding)
}
