//! The cranelift backend for dev builds, on nightly.

use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Severity};
use pitcrew_core::manifest::TomlChange;

use crate::facts::Facts;
use crate::goal::Goal;
use crate::lever::{Lever, Proposal, SettingChange};
use crate::profile_key::ProfileKey;

pub struct Cranelift;

static INFO: RuleInfo = RuleInfo {
    id: "cranelift",
    summary: "dev builds generate code with LLVM, which cranelift does faster",
    severity: Severity::Advice,
    docs: r#"## What it does
On a nightly toolchain with the component `rustc-codegen-cranelift-preview`, it tries cranelift as the
backend of the dev profile. Without the component it says how to get it.

## Why it matters
Most of the time of a dev build is LLVM generating code that is not even optimised. Cranelift is a
backend made for compiling quickly.

## Example
```toml
# .cargo/config.toml
[unstable]
codegen-backend = true
[profile.dev]
codegen-backend = "cranelift"
```

## When it is wrong
A dependency uses SIMD intrinsics or inline assembly that cranelift does not know, or you debug: its
debug information is poorer. Everyone who builds the project needs a nightly toolchain with the
component: a stable cargo refuses to build with the setting.
"#,
};

impl Rule<Facts, Proposal> for Cranelift {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let key = ProfileKey::dev("codegen-backend");
        let configured = facts.config.get("profile.dev.codegen-backend").is_some();
        let already = configured || !key.value(facts).is_empty();
        if !Goal::DEV.contains(&facts.goal) || !facts.toolchain.is_nightly() || already {
            return Vec::new();
        }
        let installed = facts.toolchain.tool("rustc_codegen_cranelift").is_some();
        let message = "dev builds generate code with LLVM; cranelift compiles faster";
        let fact = format!(
            "{}, {} the cranelift backend",
            facts.toolchain.rustc,
            if installed { "with" } else { "without" }
        );
        let finding =
            Finding::new(&INFO, key.name(), message).evidence(Evidence::Configured { fact });
        vec![if installed {
            Proposal::trial(finding, lever())
        } else {
            let command =
                "rustup component add rustc-codegen-cranelift-preview --toolchain nightly";
            let help = "install the component; the next run can try it";
            Proposal::advice(finding.severity(Severity::Note).help(help).next(command))
        }]
    }
}

fn lever() -> Lever {
    let changes = [
        TomlChange::set(["unstable", "codegen-backend"], "true"),
        TomlChange::set(["profile", "dev", "codegen-backend"], "\"cranelift\""),
    ]
    .map(SettingChange::cargo_config)
    .to_vec();
    let title = "codegen-backend = \"cranelift\"";
    Lever::new(INFO.id, title, INFO.id, &Goal::DEV, changes)
        // Not for the user's own configuration: there it would end every build by a stable cargo.
        .cost("everyone needs nightly and the component; poorer debug information, less SIMD")
        .maybe_incorrect()
}
