//! Unwinding in release programs.

use pitcrew_core::finding::{Finding, Rule, RuleInfo, Severity};

use crate::facts::Facts;
use crate::goal::Goal;
use crate::lever::{Lever, Proposal};
use crate::profile_key::{ProfileKey, propose};

pub struct ReleasePanic;

static INFO: RuleInfo = RuleInfo {
    id: "release-panic",
    summary: "release programs carry the code that unwinds after a panic",
    severity: Severity::Note,
    docs: r#"## What it does
For the goals `runtime` and `size`, and only when asked for changes of behaviour, it tries
`panic = "abort"` in the release profile.

## Why it matters
Unwinding needs a landing pad at each call that may panic, and tables to find it: 5 to 15 % of the
executable, and calls that are harder to optimise.

## Example
```toml
[profile.release]
panic = "abort"
```

## When it is wrong
The program relies on unwinding: `catch_unwind`, a panic in one thread or task that the others survive
(tokio, rayon and web servers do), `Drop` that must run. It is then a different program.
"#,
};

impl Rule<Facts, Proposal> for ReleasePanic {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let key = ProfileKey::release("panic");
        let unwinds = matches!(key.value(facts), "unwind" | "");
        if !Goal::RELEASE.contains(&facts.goal) || !unwinds {
            return Vec::new();
        }
        let message = "release programs carry tables and code for unwinding after a panic";
        let finding = Finding::new(&INFO, key.name(), message)
            .at(key.location(facts))
            .evidence(key.evidence(facts));
        vec![propose(finding, key.set(facts, "\"abort\""), |changes| {
            let title = "panic = \"abort\"";
            Lever::new(INFO.id, title, INFO.id, &Goal::RELEASE, changes)
                .cost("a panic ends the program: no catch_unwind, no Drop")
                .maybe_incorrect()
        })]
    }
}
