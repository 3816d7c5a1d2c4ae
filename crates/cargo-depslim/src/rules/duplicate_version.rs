//! Packages in more than one version.

use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Saves, Severity};

use crate::costs::Costs;
use crate::duplicates::{Duplicate, Merge, Version};
use crate::facts::Facts;
use crate::remedy::Proposal;

pub struct DuplicateVersion;

static INFO: RuleInfo = RuleInfo {
    id: "duplicate-version",
    summary: "A package is there in more than one version",
    severity: Severity::Advice,
    docs: r#"## What it does
Names each package that the lockfile holds, and the build at hand compiled, in several versions; for
each version the shortest chain of dependencies that brings it and what it costs; and what would merge
them. That is tried in a scratch copy: first updates within what the manifests allow, then a newer
version of a direct dependency. Where neither helps, a package on the way has to move first.

## Why it matters
Each version is downloaded, compiled and linked, with the dependencies that only it has. Types of two
versions do not fit each other, which is a source of confusing errors.

## Example
```text
syn 1.0.109  app > old-derive 0.3.1 > syn
syn 2.0.100  app > serde_derive 1.0.219 > syn
```

## When it is wrong
It is advice: the newer version may ask for a newer Rust, or behave otherwise. Without a
build (`--proof scan`) a version may be named that only a feature which is off would build; what only
other platforms build is told apart by the tables of the manifests on the way.
"#,
};

impl Rule<Facts, Proposal> for DuplicateVersion {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let duplicates = facts.duplicates.iter();
        let judged = duplicates.filter_map(|duplicate| judge(duplicate, facts.costs.as_ref()));
        judged.map(Proposal::advice).collect()
    }
}

fn judge(duplicate: &Duplicate, costs: Option<&Costs>) -> Option<Finding> {
    let name = &duplicate.name;
    let cost = |version: &Version| costs.and_then(|costs| costs.of(name, &version.version));
    let versions: Vec<&Version> = duplicate.here(costs).collect();
    if versions.len() < 2 {
        return None;
    }
    let numbers: Vec<&str> = versions.iter().map(|version| &*version.version).collect();
    let message = format!("{} versions: {}", versions.len(), numbers.join(", "));
    let evidence = match costs {
        Some(costs) => Evidence::Recorded {
            fact: recorded(name, &versions, costs),
        },
        None => Evidence::Configured {
            fact: "Cargo.lock holds them".to_owned(),
        },
    };
    let mut finding = Finding::new(&INFO, name, message).evidence(evidence);
    let all_but_newest = versions.iter().rev().skip(1);
    let extra: f64 = all_but_newest.filter_map(|version| cost(version)).sum();
    if extra > 0.0 {
        finding.saves = Saves {
            cpu_s: Some(extra),
            ..Saves::default()
        };
    }
    for version in &versions {
        // By the lockfile alone it may not even be built: one chain will do.
        let most = if costs.is_some() { usize::MAX } else { 1 };
        for chain in version.chains.iter().take(most) {
            finding = finding.help(chain.join(" > "));
        }
    }
    for version in &versions {
        finding = merged(finding, name, version);
    }
    Some(finding)
}

fn recorded(name: &str, versions: &[&Version], costs: &Costs) -> String {
    let each = versions.iter().filter_map(|version| {
        let seconds = costs.of(name, &version.version)?;
        Some(format!("{} took {seconds:.2} s of CPU", version.version))
    });
    let each: Vec<String> = each.collect();
    format!("{}, {}", costs.where_found(), each.join(", "))
}

fn merged(finding: Finding, name: &str, version: &Version) -> Finding {
    let number = &version.version;
    match &version.merge {
        Some(Merge::Update { commands, verified }) => {
            let how = match verified {
                Some(_) => "goes with an update",
                None => "goes with an update; that the project builds with it was not shown",
            };
            let mut finding = finding.help(format!("{name} {number} {how}"));
            if let Some(command) = verified {
                let command = format!("{} && {command}", commands.join(" && "));
                finding = finding.evidence(Evidence::Verified { command });
            }
            commands.iter().fold(finding, Finding::next)
        }
        Some(Merge::Bump { key, from, to }) => finding.help(format!(
            "{name} {number} goes with {key} {to} in place of {from}, which was resolved and not \
             built: read its changes first"
        )),
        Some(Merge::Upstream) => finding.help(format!(
            "{name} {number} stays until a package on its way is released without it"
        )),
        None => finding,
    }
}
