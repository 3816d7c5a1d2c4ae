//! Huge dependencies of which little is used, on nightly.

use std::collections::BTreeMap;

use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Severity};
use pitcrew_core::manifest::TomlChange;
use pitcrew_core::recording::{Recording, UnitKind};

use crate::facts::Facts;
use crate::goal::Goal;
use crate::lever::{Lever, Proposal, SettingChange};
use crate::recorded::{WORTH_A_TRIAL, is_dependency, work_s};

pub struct HintMostlyUnused;

/// Bindings and generated clients: everyone uses a small part of them.
const HUGE: &[&str] = &[
    "ash",
    "aws-sdk-",
    "azure_",
    "google-cloud-",
    "k8s-openapi",
    "objc2-",
    "rustix",
    "web-sys",
    "windows",
];

static INFO: RuleInfo = RuleInfo {
    id: "hint-mostly-unused",
    summary: "a huge dependency is compiled whole though little of it is used",
    severity: Severity::Advice,
    docs: r#"## What it does
On a nightly toolchain, it tries `hint-mostly-unused` for those dependencies of the recorded build that
are bindings or generated clients, such as `windows`, `rustix` and `aws-sdk-*`, and take 2 % of the work.

## Why it matters
With the hint rustc puts off generating a function's code until someone uses it. `windows` compiled in
42 % less time, `aws-sdk-ec2` in half, `rustix` in 27 % less.

## Example
```toml
# .cargo/config.toml
[unstable]
profile-hint-mostly-unused = true
[profile.dev.package.windows]
hint-mostly-unused = true
```

## When it is wrong
Several crates use much of the dependency: then its code is generated once in each of them, and the
build gets slower.
"#,
};

impl Rule<Facts, Proposal> for HintMostlyUnused {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let fits = matches!(facts.goal, Goal::Clean | Goal::Ci) && facts.toolchain.is_nightly();
        let Some(recording) = facts.goal_recording().filter(|_| fits) else {
            return Vec::new();
        };
        let mut heavy = heavy(recording);
        heavy.retain(|name, _| !has_hint(facts, name));
        if heavy.is_empty() {
            return Vec::new();
        }
        vec![judge(&heavy)]
    }
}

fn judge(heavy: &BTreeMap<&str, f64>) -> Proposal {
    let names: Vec<&str> = heavy.keys().copied().collect();
    let shown: Vec<String> = heavy
        .iter()
        .map(|(name, seconds)| format!("{name} took {seconds:.1} s"))
        .collect();
    let names = names.join(", ");
    let message = format!("most of {names} is compiled for nothing where little of it is used");
    let finding = Finding::new(&INFO, names.clone(), message).evidence(Evidence::Recorded {
        fact: shown.join(", "),
    });
    let mut changes = vec![TomlChange::set(
        ["unstable", "profile-hint-mostly-unused"],
        "true",
    )];
    changes.extend(heavy.keys().map(|name| {
        TomlChange::set(
            ["profile", "dev", "package", name, "hint-mostly-unused"],
            "true",
        )
    }));
    let changes = changes.into_iter().map(SettingChange::cargo_config);
    let title = format!("hint-mostly-unused for {names}");
    let goals = [Goal::Clean, Goal::Ci];
    let lever = Lever::new(INFO.id, title, INFO.id, &goals, changes.collect())
        .cost("counts on nightly toolchains only");
    Proposal::trial(finding, lever)
}

/// The libraries of the kind that takes the hint well, with their seconds.
fn heavy(recording: &Recording) -> BTreeMap<&str, f64> {
    let all = work_s(recording, Goal::Clean, |_| true);
    let mut heavy = BTreeMap::new();
    for unit in &recording.units {
        let huge = HUGE.iter().any(|huge| {
            unit.package == *huge || (huge.ends_with(['-', '_']) && unit.package.starts_with(huge))
        });
        if huge && is_dependency(unit) && unit.kind == UnitKind::Lib && !unit.for_host {
            *heavy.entry(unit.package.as_str()).or_insert(0.0) += unit.duration_s();
        }
    }
    heavy.retain(|_, seconds| *seconds >= WORTH_A_TRIAL * all);
    heavy
}

fn has_hint(facts: &Facts, name: &str) -> bool {
    let key = format!("profile.dev.package.{name}.hint-mostly-unused");
    let in_profile = facts.profile("dev").and_then(|dev| dev.packages.get(name));
    facts.config.get(&key).is_some()
        || in_profile.is_some_and(|package| package.contains_key("hint-mostly-unused"))
}
