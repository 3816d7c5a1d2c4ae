//! Sources that are no part of any target.

use pitcrew_core::finding::{Finding, Rule, RuleInfo, Severity};

use crate::facts::Facts;
use crate::remedy::Proposal;

pub struct UnlinkedFile;

static INFO: RuleInfo = RuleInfo {
    id: "unlinked-file",
    summary: "A source that no module tree reaches",
    severity: Severity::Warning,
    docs: r#"## What it does
Follows the modules of each target from its root and names the Rust sources below `src` that none of
them reaches. Files that a macro, a build script, the manifest or a test may read by their name or
their folder's are not named.

## Why it matters
Nobody compiles such a file. It is searched, read and edited for nothing, and what it says stops being
true without anyone noticing.

## Example
```text
src/lib.rs      mod parser;
src/parser.rs
src/lexer.rs    # no `mod lexer;` anywhere
```

## When it is wrong
Another program reads the file: a code generator outside of the package, say. Allow it then:

```toml
[package.metadata.pitcrew.depslim]
allow = [{ rule = "unlinked-file", subject = "src/table.rs", reason = "read by the generator" }]
```
"#,
};

impl Rule<Facts, Proposal> for UnlinkedFile {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let selected = facts.members.iter().filter(|member| member.selected);
        let files = selected.flat_map(|member| {
            let files = member.sources.unlinked.iter();
            files.map(|path| (path, member.name.as_str()))
        });
        let findings = files.map(|(path, member)| {
            let message = format!("no target of {member} reaches it, so that nobody compiles it");
            Finding::of_file(&INFO, path, message).help("delete it, or declare it with `mod`")
        });
        findings.map(Proposal::advice).collect()
    }
}
