//! A low number of codegen units in dev builds.

use pitcrew_core::finding::{Finding, Rule, RuleInfo, Severity};

use crate::facts::Facts;
use crate::goal::Goal;
use crate::lever::{Lever, Proposal, Reuse};
use crate::profile_key::{ProfileKey, propose};

pub struct CodegenUnits;

/// rustc's number without incremental compilation: fewer than that takes parallelism away.
const RUSTC_DEFAULT: u32 = 16;

static INFO: RuleInfo = RuleInfo {
    id: "codegen-units",
    summary: "dev builds are compiled in few codegen units",
    severity: Severity::Warning,
    docs: r#"## What it does
Looks for `codegen-units` below 16 in the dev profile and tries the build without it.

## Why it matters
A codegen unit is what LLVM works on at a time, and what incremental compilation can reuse. With one
unit a crate's code is generated on one core, and one changed function generates all of it again.
Fewer units make faster programs, which is a matter for the release profile.

## Example
```toml
[profile.dev]
codegen-units = 1   # take this out: 256 with incremental compilation, 16 without
```

## When it is wrong
The machine has one core and the crates are small: fewer units are less work altogether. The trial
tells.
"#,
};

impl Rule<Facts, Proposal> for CodegenUnits {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        if !Goal::DEV.contains(&facts.goal) {
            return Vec::new();
        }
        let key = ProfileKey::dev("codegen-units");
        let Some(place) = key.set_where(facts) else {
            return Vec::new();
        };
        let Ok(units) = key.value(facts).parse::<u32>() else {
            return Vec::new();
        };
        if units >= RUSTC_DEFAULT {
            return Vec::new();
        }
        let message = format!(
            "dev builds are compiled in {units} codegen unit{}, set {place}: less runs side by \
             side, and less is reused after an edit",
            if units == 1 { "" } else { "s" }
        );
        let finding = Finding::new(&INFO, key.name(), message)
            .at(key.location(facts))
            .evidence(key.evidence(facts));
        let reuse = match facts.goal {
            Goal::Edit => Reuse::RustcArgs(vec!["-Ccodegen-units=256".to_owned()]),
            _ => Reuse::Nothing,
        };
        vec![propose(finding, key.unset(facts, "256"), |changes| {
            let title = "default codegen-units";
            Lever::new(INFO.id, title, INFO.id, &Goal::DEV, changes).reuse(reuse)
        })]
    }
}
