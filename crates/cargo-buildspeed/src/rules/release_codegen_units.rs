//! The number of codegen units in release builds.

use pitcrew_core::finding::{Finding, Rule, RuleInfo, Severity};

use crate::facts::Facts;
use crate::goal::Goal;
use crate::lever::{Lever, Proposal};
use crate::profile_key::{ProfileKey, propose};

pub struct ReleaseCodegenUnits;

static INFO: RuleInfo = RuleInfo {
    id: "release-codegen-units",
    summary: "release crates are optimised in several pieces",
    severity: Severity::Advice,
    docs: r#"## What it does
For the goals `runtime` and `size` it tries `codegen-units = 1` in the release profile.

## Why it matters
A crate is split into up to 16 units that are optimised side by side, and what one could learn from
another is lost. One unit gives faster and smaller code.

## Example
```toml
[profile.release]
codegen-units = 1
```

## When it is wrong
Release builds are what you wait for: the code of each crate is then generated on one core. With fat
LTO the whole program is optimised as one anyway, and little is left to gain.
"#,
};

impl Rule<Facts, Proposal> for ReleaseCodegenUnits {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let key = ProfileKey::release("codegen-units");
        if !Goal::RELEASE.contains(&facts.goal) || key.value(facts) == "1" {
            return Vec::new();
        }
        let message = "each release crate is optimised in several pieces, side by side, and less \
                       well than in one";
        let finding = Finding::new(&INFO, key.name(), message)
            .at(key.location(facts))
            .evidence(key.evidence(facts));
        vec![propose(finding, key.set(facts, "1"), |changes| {
            let title = "codegen-units = 1";
            Lever::new(INFO.id, title, INFO.id, &Goal::RELEASE, changes)
                .cost("longer release builds")
        })]
    }
}
