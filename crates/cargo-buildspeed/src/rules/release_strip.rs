//! Symbols in release executables.

use pitcrew_core::finding::{Finding, Rule, RuleInfo, Severity};

use crate::facts::Facts;
use crate::goal::Goal;
use crate::lever::{Lever, Proposal, Reuse};
use crate::profile_key::{ProfileKey, propose};

pub struct ReleaseStrip;

static INFO: RuleInfo = RuleInfo {
    id: "release-strip",
    summary: "release executables carry a symbol table",
    severity: Severity::Advice,
    docs: r#"## What it does
For the goal `size` it tries `strip = "symbols"` in the release profile. Not on Windows with MSVC, where
symbols are kept in a PDB file and never in the program.

## Why it matters
cargo strips debug information from release programs that ask for none, but leaves the symbol table:
the names of all functions, often 10 to 20 % of the file.

## Example
```toml
[profile.release]
strip = "symbols"
```

## When it is wrong
You read backtraces, profiles or crash dumps of released programs: without symbols they are addresses.
"#,
};

impl Rule<Facts, Proposal> for ReleaseStrip {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let key = ProfileKey::release("strip");
        let stripped = matches!(key.value(facts), "symbols" | "true");
        // There symbols are in a file of their own, the PDB, in any case.
        let apart = facts.toolchain.host.triple.ends_with("-windows-msvc");
        if facts.goal != Goal::Size || stripped || apart {
            return Vec::new();
        }
        let message = "release executables carry the names of all their functions";
        let finding = Finding::new(&INFO, key.name(), message)
            .at(key.location(facts))
            .evidence(key.evidence(facts));
        vec![propose(finding, key.set(facts, "\"symbols\""), |changes| {
            let title = "strip = \"symbols\"";
            Lever::new(INFO.id, title, INFO.id, &[Goal::Size], changes)
                .cost("no function names in backtraces, profiles and crash dumps")
                .reuse(Reuse::LinkArgs(vec!["-Cstrip=symbols".to_owned()]))
        })]
    }
}
