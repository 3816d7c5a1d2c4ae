//! Sources that hold nothing.

use pitcrew_core::finding::{Finding, Rule, RuleInfo, Severity};

use crate::facts::{Facts, Member, TargetKind};
use crate::remedy::Proposal;

pub struct EmptyFile;

static INFO: RuleInfo = RuleInfo {
    id: "empty-file",
    summary: "A source that holds nothing but white space and comments",
    severity: Severity::Advice,
    docs: r#"## What it does
Names modules, tests, benches and examples whose file holds no code and no documentation. The root of a
library may be empty.

## Why it matters
An empty test or bench is compiled and linked into a program of its own, which has nothing to run. An
empty module is a place where readers look in vain.

## Example
```text
tests/later.rs  # nothing but `// to be written`
```

## When it is wrong
The file is a place for what will be written soon.
"#,
};

impl Rule<Facts, Proposal> for EmptyFile {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let selected = facts.members.iter().filter(|member| member.selected);
        let files = selected.flat_map(|member| {
            let files = member.sources.empty.iter();
            files.map(move |path| (path, message(member, path.as_str())))
        });
        let findings = files.map(|(path, message)| Finding::of_file(&INFO, path, message));
        findings.map(Proposal::advice).collect()
    }
}

fn message(member: &Member, path: &str) -> String {
    let root = member.targets.iter().find(|target| target.src_path == path);
    match root.map(|target| target.kind) {
        Some(TargetKind::Test | TargetKind::Bench) => {
            "it is compiled and linked into a program that has nothing to run".to_owned()
        }
        _ => "it holds no code and no documentation".to_owned(),
    }
}
