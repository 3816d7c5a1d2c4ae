//! Link-time optimisation of release builds.

use pitcrew_core::finding::{Finding, Rule, RuleInfo, Severity};

use crate::facts::Facts;
use crate::goal::Goal;
use crate::lever::{Lever, Proposal};
use crate::profile_key::{ProfileKey, propose};

pub struct ReleaseLto;

static INFO: RuleInfo = RuleInfo {
    id: "release-lto",
    summary: "release programs are not optimised across crates",
    severity: Severity::Advice,
    docs: r#"## What it does
For the goals `runtime` and `size` it tries `lto = "thin"` and `lto = "fat"` in the release profile,
or only the stronger where thin is set.

## Why it matters
Without LTO a function of another crate is inlined only if it is generic or small. LTO optimises the
whole program at once: it is often some percent faster, and 10 to 20 % smaller. Thin works in parallel
and gets most of it; fat takes one core and the most memory.

## Example
```toml
[profile.release]
lto = "thin"
```

## When it is wrong
Release builds are what you wait for: with fat LTO they can take several times as long.
"#,
};

impl Rule<Facts, Proposal> for ReleaseLto {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        if !Goal::RELEASE.contains(&facts.goal) {
            return Vec::new();
        }
        let key = ProfileKey::release("lto");
        let stronger: &[&str] = match key.value(facts) {
            "fat" | "true" => &[],
            "thin" => &["fat"],
            _ => &["thin", "fat"],
        };
        stronger.iter().map(|lto| judge(facts, key, lto)).collect()
    }
}

fn judge(facts: &Facts, key: ProfileKey<'_>, lto: &str) -> Proposal {
    let message = match (key.value(facts), lto) {
        ("thin", _) => "release programs use thin LTO; fat LTO sees the whole program at once",
        (_, "thin") => {
            "release programs are not optimised across crates; thin LTO does it in parallel"
        }
        _ => "release programs are not optimised across crates; fat LTO does it most thoroughly",
    };
    let finding = Finding::new(&INFO, key.name(), message)
        .at(key.location(facts))
        .evidence(key.evidence(facts));
    let value = format!("\"{lto}\"");
    propose(finding, key.set(facts, &value), |changes| {
        let id = format!("{}:{lto}", INFO.id);
        let title = format!("lto = {value}");
        let cost = match lto {
            "thin" => "longer release builds",
            _ => "much longer release builds, on one core, with more memory",
        };
        Lever::new(id, title, INFO.id, &Goal::RELEASE, changes).cost(cost)
    })
}
