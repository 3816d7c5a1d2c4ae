//! The optimisation level of release builds.

use pitcrew_core::finding::{Finding, Rule, RuleInfo, Severity};

use crate::facts::Facts;
use crate::goal::Goal;
use crate::lever::{Lever, Proposal};
use crate::profile_key::{ProfileKey, propose};

pub struct ReleaseOptLevel;

static INFO: RuleInfo = RuleInfo {
    id: "release-opt-level",
    summary: "the release profile's opt-level does not fit the goal",
    severity: Severity::Advice,
    docs: r#"## What it does
For the goal `runtime` it tries `opt-level = 3` where another level is set. For the goal `size` it tries
`"s"` and `"z"`.

## Why it matters
Level 3 is the fastest for most programs, `s` and `z` are the smallest. Which of the two is smaller
differs between programs, and so does how much slower they are.

## Example
```toml
[profile.release]
opt-level = "s"
```

## When it is wrong
Size and speed are at odds: a program that computes can get several times slower with `z`. Run your own
benchmark before you keep it.
"#,
};

impl Rule<Facts, Proposal> for ReleaseOptLevel {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let key = ProfileKey::release("opt-level");
        let level = key.value(facts);
        match facts.goal {
            Goal::Runtime if !matches!(level, "3" | "") => vec![fastest(facts, key, level)],
            Goal::Size => ["s", "z"]
                .into_iter()
                .filter(|smaller| *smaller != level)
                .map(|smaller| smaller_code(facts, key, smaller))
                .collect(),
            _ => Vec::new(),
        }
    }
}

fn fastest(facts: &Facts, key: ProfileKey<'_>, level: &str) -> Proposal {
    let message = format!("release programs are optimised at level {level}, not for most speed");
    let severity = if level == "0" {
        Severity::Warning
    } else {
        INFO.severity
    };
    let finding = Finding::new(&INFO, key.name(), message)
        .severity(severity)
        .at(key.location(facts))
        .evidence(key.evidence(facts));
    propose(finding, key.set(facts, "3"), |changes| {
        let id = format!("{}:3", INFO.id);
        Lever::new(id, "opt-level = 3", INFO.id, &[Goal::Runtime], changes)
            .cost("bigger executables, longer release builds")
    })
}

fn smaller_code(facts: &Facts, key: ProfileKey<'_>, level: &str) -> Proposal {
    let message = match (key.value(facts), level) {
        ("z", _) => {
            "release programs are optimised for size at any cost; level s is at times smaller"
        }
        (_, "z") => "release programs keep loops vectorised, which makes more code than level z",
        _ => "release programs are optimised for speed, which makes more code",
    };
    let finding = Finding::new(&INFO, key.name(), message)
        .at(key.location(facts))
        .evidence(key.evidence(facts));
    let value = format!("\"{level}\"");
    propose(finding, key.set(facts, &value), |changes| {
        let id = format!("{}:{level}", INFO.id);
        let title = format!("opt-level = {value}");
        Lever::new(id, title, INFO.id, &[Goal::Size], changes)
            .cost("the program may run much slower")
            .maybe_incorrect()
    })
}
