//! Libraries without documentation tests, for which rustdoc starts all the same.

use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Severity};
use pitcrew_core::manifest::TomlChange;

use crate::facts::{Facts, Member};
use crate::lever::{Proposal, SettingChange};
use crate::place;

pub struct Doctests;

static INFO: RuleInfo = RuleInfo {
    id: "doctests",
    summary: "rustdoc runs for a library that has no documentation tests",
    severity: Severity::Warning,
    docs: r#"## What it does
Finds libraries whose documentation holds no code block that rustdoc would compile, and sets
`doctest = false`.

## Why it matters
`cargo test` starts rustdoc once for each library: it parses and expands the whole crate to find that
there is nothing to run, on each `cargo test`, and the more members the more often.

## Example
```toml
[lib]
doctest = false
```

## When it is wrong
You are about to write the first documentation test: with this setting cargo would not run it, and
would not say so. Take the line out then.
"#,
};

impl Rule<Facts, Proposal> for Doctests {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let members = facts.workspace.members.iter();
        members.filter_map(judge).collect()
    }
}

fn judge(member: &Member) -> Option<Proposal> {
    let target = member
        .targets
        .iter()
        .find(|target| target.doctest && target.doctest_blocks == Some(0))?;
    // Written out, `doctest = true` is the user's word that there will be some.
    if place::is_written(&member.manifest, &["lib", "doctest"]) {
        return None;
    }
    let message = format!(
        "each cargo test starts rustdoc for {}, which has no documentation test",
        target.name
    );
    let finding = Finding::new(&INFO, member.name.clone(), message)
        .at(place::in_manifest(
            &member.manifest_path,
            &member.manifest,
            if place::is_written(&member.manifest, &["lib"]) {
                &["lib"]
            } else {
                &["package"]
            },
        ))
        .evidence(Evidence::Syntax)
        .help("take `doctest = false` out again before you write the first one");
    let change = SettingChange::member_manifest(
        member.manifest_path.clone(),
        TomlChange::set(["lib", "doctest"], "false"),
    );
    Some(Proposal::settled(finding, vec![change]))
}
