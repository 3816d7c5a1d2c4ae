//! Full debug information in dev builds.

use pitcrew_core::finding::{Finding, Rule, RuleInfo, Severity};

use crate::facts::Facts;
use crate::goal::Goal;
use crate::lever::{Lever, Proposal};
use crate::profile_key::{Debuginfo, ProfileKey, propose};

pub struct DevDebuginfo;

static INFO: RuleInfo = RuleInfo {
    id: "dev-debuginfo",
    summary: "dev builds write more debug information than most people use",
    severity: Severity::Advice,
    docs: r#"## What it does
Looks at `debug` of the dev profile and tries `"line-tables-only"`, and `false` where you allow it.

## Why it matters
cargo's default is full debug information: types, variables and inlining for a debugger. The compiler
makes it, the linker copies it, the disk holds it, on every build. Backtraces need only line tables.
On a two-core machine line tables took the clean dev build of a small server from 21.6 s to 17.1 s.

## Example
```toml
[profile.dev]
debug = "line-tables-only"
```

## When it is wrong
You step through code in a debugger and want to see local variables. Keep full information, or add a
profile for it: `[profile.debugging] inherits = "dev"`, `debug = true`.
"#,
};

impl Rule<Facts, Proposal> for DevDebuginfo {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        if !Goal::DEV.contains(&facts.goal) {
            return Vec::new();
        }
        let key = ProfileKey::dev("debug");
        let level = Debuginfo::parse(key.value(facts));
        let set = key
            .set_where(facts)
            .map_or(String::new(), |place| format!(" (set {place})"));
        let mut proposals = Vec::new();
        if level > Debuginfo::LineTables {
            let message = format!(
                "dev builds write debug information for debuggers{set}, and every compile, link \
                 and disk pays for it; backtraces need line tables only"
            );
            proposals.push(propose(
                finding(facts, key, message),
                key.set(facts, "\"line-tables-only\""),
                |changes| {
                    lever("line-tables-only", "debug = \"line-tables-only\"", changes)
                        .cost("no local variables in a debugger")
                },
            ));
        }
        let may_go = level > Debuginfo::None && key.set(facts, "false").is_ok();
        if may_go {
            let message = format!(
                "dev builds write debug information{set}; without any, they compile and link less, \
                 and backtraces lose their line numbers"
            );
            proposals.push(propose(
                finding(facts, key, message),
                key.set(facts, "false"),
                |changes| {
                    lever("none", "debug = false", changes)
                        .cost("no debugger, no line numbers in backtraces")
                        .maybe_incorrect()
                },
            ));
        }
        proposals
    }
}

fn finding(facts: &Facts, key: ProfileKey<'_>, message: String) -> Finding {
    Finding::new(&INFO, key.name(), message)
        .at(key.location(facts))
        .evidence(key.evidence(facts))
}

fn lever(name: &str, title: &str, changes: Vec<crate::lever::SettingChange>) -> Lever {
    Lever::new(
        format!("{}:{name}", INFO.id),
        title,
        INFO.id,
        &Goal::DEV,
        changes,
    )
}
