//! An IDE that builds in the same target directory with another environment.

use pitcrew_core::finding::{Evidence, Finding, Location, Rule, RuleInfo, Severity};

use crate::facts::{Facts, IdeSetting, Variable};
use crate::lever::Proposal;

pub struct IdeTargetDir;

/// Variables that cargo keeps apart the artifacts of, whatever they are set to.
const KEPT_APART: [&str; 4] = [
    "CARGO_INCREMENTAL",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTUP_TOOLCHAIN",
];

static INFO: RuleInfo = RuleInfo {
    id: "ide-target-dir",
    summary: "an IDE builds in the same target directory with another environment",
    severity: Severity::Advice,
    docs: r#"## What it does
Reads the IDE settings in the tree and finds those that give cargo other environment variables than
your shell has, while they share its target directory.

## Why it matters
A build script or a macro that reads a variable runs again when its value changes, and all that
depends on it is compiled again: each time the IDE and the shell take turns. Before Rust 1.85 other
`RUSTFLAGS` made everything be compiled again; since then they make cargo keep a second copy of
everything, which each of the two compiles for itself.

## Example
```json
{ "rust-analyzer.cargo.targetDir": true }
```

## When it is wrong
Nothing in the build reads the variable. Or disk is scarce: a target directory for the IDE holds a
second copy of the dependencies' metadata. Then make the environment the same instead. Features, targets
and profiles of an IDE's own are no reason: cargo keeps what they make apart, and none is compiled again.
"#,
};

impl Rule<Facts, Proposal> for IdeTargetDir {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        facts
            .workspace
            .ide
            .iter()
            .filter(|setting| !setting.own_target_dir && !setting.differing.is_empty())
            .map(|setting| judge(facts, setting))
            .collect()
    }
}

fn judge(facts: &Facts, setting: &IdeSetting) -> Proposal {
    let ide = &setting.ide;
    let flags_apart = facts.toolchain.keeps_rustflags_apart();
    let (apart, shared): (Vec<&Variable>, Vec<&Variable>) = setting
        .differing
        .iter()
        .partition(|variable| is_kept_apart(&variable.name, flags_apart));
    let all = listed(&setting.differing.iter().collect::<Vec<_>>());
    let mut finding = if shared.is_empty() {
        let message = format!(
            "{ide} builds with {}: it and your shell each compile everything for themselves",
            listed(&apart)
        );
        Finding::new(&INFO, ide.clone(), message)
            .help("set it where every cargo reads it, in .cargo/config.toml, or nowhere")
    } else {
        let rebuilds = shared.iter().any(|variable| is_flags(&variable.name));
        let what = if rebuilds {
            "everything is compiled again"
        } else {
            "what reads it runs and is compiled again"
        };
        let message = format!(
            "{ide} builds in your target directory with {}: {what} each time it and your shell take \
             turns",
            listed(&shared)
        );
        let severity = if rebuilds {
            Severity::Warning
        } else {
            INFO.severity
        };
        let help = if ide == "rust-analyzer" {
            format!(
                "in {}: \"rust-analyzer.cargo.targetDir\": true",
                setting.path
            )
        } else {
            format!("give {ide} a target directory of its own")
        };
        Finding::new(&INFO, ide.clone(), message)
            .severity(severity)
            .help(help)
    };
    finding = finding
        .at(Some(Location {
            path: setting.path.clone(),
            line: 1,
            column: 1,
        }))
        .evidence(Evidence::Configured {
            fact: format!("{} sets {all} and no target directory", setting.path),
        });
    Proposal::advice(finding)
}

fn is_kept_apart(name: &str, flags_apart: bool) -> bool {
    KEPT_APART.contains(&name)
        || name.starts_with("CARGO_PROFILE_")
        || (flags_apart && is_flags(name))
}

fn is_flags(name: &str) -> bool {
    matches!(name, "RUSTFLAGS" | "CARGO_ENCODED_RUSTFLAGS")
        || (name.starts_with("CARGO_") && name.ends_with("_RUSTFLAGS"))
}

fn listed(variables: &[&Variable]) -> String {
    let shown: Vec<String> = variables.iter().map(ToString::to_string).collect();
    shown.join(", ")
}
