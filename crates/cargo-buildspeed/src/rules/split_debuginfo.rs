//! Where debug information is kept: in the program, where the linker must copy it, or beside it.

use pitcrew_core::finding::{Finding, Rule, RuleInfo, Severity};
use pitcrew_core::toolchain::Os;

use crate::facts::Facts;
use crate::goal::Goal;
use crate::lever::{Lever, Proposal};
use crate::profile_key::{Debuginfo, ProfileKey, propose};
use crate::recorded;

pub struct SplitDebuginfo;

static INFO: RuleInfo = RuleInfo {
    id: "split-debuginfo",
    summary: "the linker copies debug information that could stay in object files",
    severity: Severity::Advice,
    docs: r#"## What it does
Tries `split-debuginfo = "unpacked"` for the dev profile on Linux, and in the place of `"packed"` on
Linux and macOS. On macOS unpacked is the default already; Windows knows only one way.

## Why it matters
With `off`, Linux's default, each link copies and relocates all debug information. Unpacked leaves it
in files beside the objects, so that links have less to do. Packed gathers it in one file with a tool
that runs after each link, which is slower than either.

## Example
```toml
[profile.dev]
split-debuginfo = "unpacked"
```

## When it is wrong
Tools that read debug information must find the `.dwo` files: old versions of valgrind, perf and
coverage tools do not, nor does anyone to whom you hand the bare executable.
"#,
};

impl Rule<Facts, Proposal> for SplitDebuginfo {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let debug = ProfileKey::dev("debug").value(facts);
        let dev_goal = Goal::DEV.contains(&facts.goal);
        if !dev_goal || Debuginfo::parse(debug) == Debuginfo::None {
            return Vec::new();
        }
        let key = ProfileKey::dev("split-debuginfo");
        let packed = key.value(facts) == "packed";
        let unpacked = key.value(facts) == "unpacked";
        match facts.toolchain.host.os {
            Os::Linux if !unpacked => {}
            Os::MacOs if packed => {}
            _ => return Vec::new(),
        }
        let mut evidence = vec![key.evidence(facts)];
        let linking = recorded::linking(facts);
        if let Some(linking) = linking {
            if !linking.is_worth_a_trial() && !packed {
                return Vec::new();
            }
            evidence.push(linking.evidence("linking", facts.goal));
        }
        let message = if packed {
            "each link is followed by a tool that packs all debug information into one file"
        } else {
            "each link copies all debug information into the program"
        };
        let severity = if packed {
            Severity::Warning
        } else {
            INFO.severity
        };
        let mut finding = Finding::new(&INFO, key.name(), message)
            .severity(severity)
            .at(key.location(facts));
        finding.evidence = evidence;
        vec![propose(
            finding,
            key.set(facts, "\"unpacked\""),
            |changes| {
                let title = "split-debuginfo = \"unpacked\"";
                Lever::new(INFO.id, title, INFO.id, &Goal::DEV, changes)
                    .cost("debug information stays beside the objects: a copied program has none")
            },
        )]
    }
}
