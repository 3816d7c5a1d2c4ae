//! Dependencies that the standard library replaces.

use std::collections::BTreeSet;

use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Severity};

use crate::evidence;
use crate::facts::{Dependency, Facts, Member};
use crate::remedy::{EntryId, Proposal};
use crate::superseded;

pub struct SupersededDependency;

static INFO: RuleInfo = RuleInfo {
    id: "superseded-dependency",
    summary: "The standard library has what the dependency is used for",
    severity: Severity::Advice,
    docs: r#"## What it does
Finds dependencies whose job std has taken over (`lazy_static`, `once_cell`, `num_cpus`, `atty`,
`is-terminal`, `matches`, `maplit` and others of a table), where the package's `rust-version` allows
the item of std, and where no file that uses the crate names a part of it that std has not. It says
what stands in for it, since which Rust, and where the crate is used.

## Why it matters
A dependency less to download, compile, audit and update, for code that anyone who knows std can read.

## Example
```rust
static NAMES: once_cell::sync::Lazy<Vec<String>> = once_cell::sync::Lazy::new(load);
// becomes
static NAMES: std::sync::LazyLock<Vec<String>> = std::sync::LazyLock::new(load);
```

## When it is wrong
The package is to build with an older Rust but does not say so: set `rust-version`. Or a library's
users see the crate's types in its interface. It is advice: the change is yours to make.
"#,
};

/// Places named in the report.
const MOST: usize = 5;

impl Rule<Facts, Proposal> for SupersededDependency {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let mut out = Vec::new();
        for (index, member) in facts.members.iter().enumerate() {
            let entries = member.dependencies.iter().enumerate();
            for (number, dependency) in entries.filter(|_| member.selected) {
                let id = EntryId {
                    member: index,
                    dependency: number,
                };
                // What nothing uses goes as such.
                let used = evidence::usage(facts, id).is_some_and(|usage| !usage.is_unused());
                if used && dependency.kept.is_none() {
                    out.extend(judge(member, dependency));
                }
            }
        }
        out
    }
}

fn judge(member: &Member, dependency: &Dependency) -> Option<Proposal> {
    let known = superseded::find(&dependency.package)?;
    let (major, minor) = known.since;
    let old = member
        .rust_version
        .is_some_and(|version| version < known.since);
    if old || !dependency.beyond_std.is_empty() {
        return None;
    }
    let since = match member.rust_version {
        Some(_) => format!("since Rust {major}.{minor}"),
        None => format!(
            "since Rust {major}.{minor}, and {} sets no rust-version",
            member.name
        ),
    };
    let message = format!("std has it: {}, {since}", known.by);
    let mut finding = Finding::new(&INFO, &dependency.key, message)
        .at(dependency.location.clone())
        .evidence(Evidence::Syntax);
    let places: BTreeSet<String> = dependency
        .served()
        .map(|found| format!("{}:{}", found.path, found.line))
        .collect();
    if !places.is_empty() {
        let shown: Vec<&str> = places.iter().take(MOST).map(String::as_str).collect();
        let more = match places.len().saturating_sub(MOST) {
            0 => String::new(),
            more => format!(" and {more} more places"),
        };
        finding = finding.help(format!("it is used in {}{more}", shown.join(", ")));
    }
    Some(Proposal::advice(finding))
}
