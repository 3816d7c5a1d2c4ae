//! What carrying out a finding saves, from what the compile step and the linked programs told.

use pitcrew_core::finding::{Evidence, Finding, Saves};
use pitcrew_core::linked::Difference;
use pitcrew_core::render::count;

use crate::costs::{self, Costs};
use crate::facts::Facts;
use crate::remedy::{self, Action, Proposal};

/// Says in a finding what the workspace would no longer compile. Where another member goes on using
/// the package, that is nothing.
pub fn add(
    finding: &mut Finding,
    facts: &Facts,
    proposals: &[Proposal],
    action: &Action,
    costs: &Costs,
) {
    if let Action::Slim(index) = action {
        slimmed(finding, facts, *index, costs);
    }
    let Action::Remove(id) = action else { return };
    let Some((_, dependency)) = remedy::entry(facts, *id) else {
        return;
    };
    if stays(facts, proposals, &dependency.package) {
        return;
    }
    let mut direct = costs.direct.iter();
    let Some(cost) = direct.find(|cost| cost.name == dependency.package) else {
        return;
    };
    let fact = match cost.packages.len() {
        0 => "other packages need it too, so that it is compiled all the same".to_owned(),
        1 => format!("{:.2} s of CPU {}", cost.cpu_s, costs.where_found()),
        crates => format!(
            "{:.2} s of CPU {}, with {} that only it brings",
            cost.cpu_s,
            costs.where_found(),
            count(crates as u64 - 1, "crate", "crates")
        ),
    };
    let makeup = costs.makeup_of(cost);
    let fact = match cost.packages.len() {
        0 => fact,
        _ => format!("{fact}; {}", makeup.in_words()),
    };
    finding.evidence.push(Evidence::Recorded { fact });
    if !cost.packages.is_empty() {
        finding.saves = Saves {
            cpu_s: Some(cost.cpu_s),
            bytes: facts
                .features
                .as_ref()
                .map(|outcome| costs::linked_bytes(cost, &outcome.bytes))
                .filter(|bytes| *bytes > 0),
            ..Saves::default()
        };
    }
}

/// What fewer features save: packages that are not built any more, and code of the programs.
fn slimmed(finding: &mut Finding, facts: &Facts, index: usize, costs: &Costs) {
    let Some(slimmed) = remedy::slimmed(facts, index) else {
        return;
    };
    let seconds = slimmed.packages_gone.iter().filter_map(|package| {
        let (name, version) = package.split_once(' ')?;
        costs.of(name, version)
    });
    let seconds: f64 = seconds.sum();
    let bytes = slimmed
        .difference
        .as_ref()
        .map_or(0, Difference::saved_bytes);
    let bytes = u64::try_from(bytes).ok().filter(|bytes| *bytes > 0);
    finding.saves = Saves {
        cpu_s: Some(seconds).filter(|seconds| *seconds > 0.0),
        bytes,
        ..Saves::default()
    };
    if !slimmed.packages_gone.is_empty() {
        let gone = slimmed.packages_gone.join(", ");
        let fact = format!("with all such changes these are not built any more: {gone}");
        finding.evidence.push(Evidence::Recorded { fact });
    }
}

/// Whether an entry for the package is left once all proposals are carried out.
fn stays(facts: &Facts, proposals: &[Proposal], package: &str) -> bool {
    let members = facts.members.iter().enumerate();
    let mut entries = members.flat_map(|(member, found)| {
        let dependencies = found.dependencies.iter().enumerate();
        dependencies.map(move |(dependency, found)| (remedy::EntryId { member, dependency }, found))
    });
    entries.any(|(id, found)| {
        let goes = || {
            proposals
                .iter()
                .any(|p| p.action == Some(Action::Remove(id)))
        };
        found.package == package && !goes()
    })
}
