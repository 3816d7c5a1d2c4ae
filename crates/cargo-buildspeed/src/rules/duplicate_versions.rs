//! Packages that are compiled in more than one version.

use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Severity};
use pitcrew_core::recording::Recording;

use crate::facts::{Duplicate, Facts};
use crate::goal::Goal;
use crate::lever::Proposal;
use crate::recorded::{Part, work_s};

pub struct DuplicateVersions;

static INFO: RuleInfo = RuleInfo {
    id: "duplicate-versions",
    summary: "a package is compiled in more than one version",
    severity: Severity::Advice,
    docs: r#"## What it does
Names the packages that the recorded build compiled in several versions, where all but the costliest
version together are 2 % of the work or more. Without a recording it names none.

## Why it matters
Each version is downloaded, compiled and linked, with the dependencies that only it has. Most often one
direct dependency lags behind, and an update of it takes the older version out.

## Example
`syn 1.0.109` and `syn 2.0.100`: the older is there because of one derive macro.

## When it is wrong
The dependency that needs the old version has no newer release. `cargo depslim` tells who needs what.
"#,
};

impl Rule<Facts, Proposal> for DuplicateVersions {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let Some(recording) = &facts.recording else {
            return Vec::new();
        };
        let duplicates = facts.workspace.duplicates.iter();
        duplicates
            .filter_map(|duplicate| judge(duplicate, recording))
            .collect()
    }
}

fn judge(duplicate: &Duplicate, recording: &Recording) -> Option<Proposal> {
    let name = &duplicate.name;
    let mut costs: Vec<(f64, &str)> = duplicate
        .versions
        .iter()
        .map(|version| {
            let seconds = work_s(recording, Goal::Clean, |unit| {
                unit.package == *name && unit.version == *version
            });
            (seconds, version.as_str())
        })
        .filter(|(seconds, _)| *seconds > 0.0)
        .collect();
    costs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let extra: f64 = costs.iter().skip(1).map(|(seconds, _)| seconds).sum();
    let part = Part {
        seconds: extra,
        of_seconds: work_s(recording, Goal::Clean, |_| true),
        of_rebuild: false,
    };
    if costs.len() < 2 || !part.is_worth_a_trial() {
        return None;
    }
    let shown: Vec<String> = costs
        .iter()
        .map(|(seconds, version)| format!("{version} took {seconds:.1} s"))
        .collect();
    let message = format!("{name} is compiled in {} versions", costs.len());
    let mut finding = Finding::new(&INFO, name.clone(), message)
        .evidence(Evidence::Recorded {
            fact: shown.join(", "),
        })
        .help("cargo depslim tells which dependency keeps the older version in")
        .next(format!(
            "cargo tree --invert {name}@{}",
            duplicate.versions[0]
        ))
        .next("cargo depslim");
    let extra: Vec<&str> = costs.iter().skip(1).map(|(_, version)| *version).collect();
    let units = recording.units.iter();
    let extra = units.filter(|unit| unit.package == *name && extra.contains(&&*unit.version));
    // Nothing is said of a sum that misses a part.
    finding.saves.cpu_s = extra.map(|unit| unit.cpu_s).sum();
    Some(Proposal::advice(finding))
}
