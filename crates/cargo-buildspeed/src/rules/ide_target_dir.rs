//! An IDE that builds in the same target directory with other flags.

use pitcrew_core::finding::{Evidence, Finding, Location, Rule, RuleInfo, Severity};

use crate::facts::{Facts, IdeSetting};
use crate::lever::Proposal;

pub struct IdeTargetDir;

static INFO: RuleInfo = RuleInfo {
    id: "ide-target-dir",
    summary: "an IDE builds in the same target directory with other flags",
    severity: Severity::Warning,
    docs: r#"## What it does
Reads the IDE settings in the tree and finds those that give cargo other flags or another environment
than your shell while they share its target directory.

## Why it matters
The IDE's check and your build wait for each other's lock. Where their flags or variables differ, build
scripts run again and dependents are compiled again each time the two take turns.

## Example
```json
{ "rust-analyzer.cargo.targetDir": true }
```

## When it is wrong
Disk is scarce: a target directory for the IDE holds a second copy of the dependencies' metadata. Then
make the flags the same instead.
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
            .map(judge)
            .collect()
    }
}

fn judge(setting: &IdeSetting) -> Proposal {
    let ide = &setting.ide;
    let differing = setting.differing.join(", ");
    let message = format!(
        "{ide} builds in your target directory with {differing}: it and your shell make each other \
         wait and compile again"
    );
    let finding = Finding::new(&INFO, ide.clone(), message)
        .at(Some(Location {
            path: setting.path.clone(),
            line: 1,
            column: 1,
        }))
        .evidence(Evidence::Configured {
            fact: format!("{} sets {differing} and no target directory", setting.path),
        });
    Proposal::advice(if ide == "rust-analyzer" {
        finding.help(format!(
            "in {}: \"rust-analyzer.cargo.targetDir\": true",
            setting.path
        ))
    } else {
        finding.help(format!("give {ide} a target directory of its own"))
    })
}
