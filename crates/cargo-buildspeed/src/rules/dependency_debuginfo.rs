//! Debug information of dependencies, which nobody steps through.

use pitcrew_core::finding::{Finding, Rule, RuleInfo, Severity};

use crate::facts::Facts;
use crate::goal::Goal;
use crate::lever::{Lever, Proposal};
use crate::profile_key::{Debuginfo, ProfileKey, Table, propose};
use crate::recorded::{Part, is_dependency};

pub struct DependencyDebuginfo;

static INFO: RuleInfo = RuleInfo {
    id: "dependency-debuginfo",
    summary: "dependencies are compiled with debug information in dev builds",
    severity: Severity::Advice,
    docs: r#"## What it does
Tries `debug = false` for all dependencies of the dev profile, and leaves the workspace's own crates
as they are.

## Why it matters
You debug your own code. The debug information of dependencies is most of what a linker reads and most
of what fills the target directory, and it is linked again into each binary and each test.

## Example
```toml
[profile.dev.package."*"]
debug = false
```

## When it is wrong
You step into dependencies, or want the lines of their frames in backtraces. Then
`debug = "line-tables-only"` for the whole profile is the middle way.
"#,
};

impl Rule<Facts, Proposal> for DependencyDebuginfo {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        if !Goal::DEV.contains(&facts.goal) || !facts.workspace.has_dependencies {
            return Vec::new();
        }
        let whole = ProfileKey::dev("debug");
        let key = whole.within(Table::Package("*"));
        let in_force = if key.setting(facts).is_some() {
            key
        } else {
            whole
        };
        if Debuginfo::parse(in_force.value(facts)) == Debuginfo::None {
            return Vec::new();
        }
        let mut evidence = vec![in_force.evidence(facts)];
        if let Some(recording) = facts.goal_recording() {
            let part = Part::of(recording, Goal::Clean, |unit| {
                is_dependency(unit) && Debuginfo::parse(&unit.profile.debuginfo) > Debuginfo::None
            });
            if !part.is_worth_a_trial() {
                return Vec::new();
            }
            evidence.push(part.evidence("dependencies with debug information", Goal::Clean));
        }
        let message = "dependencies carry debug information into every link and into the target \
                       directory, though few people step through them";
        let mut finding = Finding::new(&INFO, key.name(), message).at(in_force.location(facts));
        finding.evidence = evidence;
        vec![propose(finding, key.set(facts, "false"), |changes| {
            let title = "[profile.dev.package.\"*\"] debug = false";
            Lever::new(INFO.id, title, INFO.id, &Goal::DEV, changes)
                .cost("no line numbers of dependencies in backtraces")
        })]
    }
}
