//! Features of the workspace's own packages that do nothing.

use pitcrew_core::finding::{Evidence, Finding, Location, Rule, RuleInfo, Severity};
use pitcrew_core::manifest;

use crate::facts::{Facts, Member};
use crate::remedy::{Action, Proposal};

pub struct UnusedFeature;

static INFO: RuleInfo = RuleInfo {
    id: "unused-feature",
    summary: "A feature that gates nothing and that nobody names",
    severity: Severity::Warning,
    docs: r#"## What it does
Finds features of the workspace's packages whose list is empty, that no `cfg` of the sources and no
build script asks for, and that no other feature, member, target, metadata table or script of the
workspace names. `default` is never one of them.

## Why it matters
It offers a choice that there is not, and each combination of features that is tested takes its time.

## Example
```toml
[features]
experimental = [] # no `feature = "experimental"` anywhere
```

## When it is wrong
The package is published, and others name the feature: taking it out would break their builds. It is
therefore taken out by itself only from packages that say `publish = false`. Features that another
tool reads out of the manifest are to be allowed with a reason.
"#,
};

impl Rule<Facts, Proposal> for UnusedFeature {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let mut out = Vec::new();
        for (index, member) in facts.members.iter().enumerate() {
            if !member.selected || !member.sources.unreadable.is_empty() {
                continue;
            }
            let unused = member
                .features
                .keys()
                .filter(|name| is_unused(member, name));
            out.extend(unused.map(|name| proposal(index, member, name)));
        }
        out
    }
}

fn is_unused(member: &Member, name: &str) -> bool {
    let mut lists = member.features.values().flatten();
    name != "default"
        && member.features.get(name).is_some_and(Vec::is_empty)
        && !member.named_features.contains(name)
        && !lists.any(|item| item == name)
}

fn proposal(index: usize, member: &Member, name: &str) -> Proposal {
    let message = format!(
        "the feature of {} gates nothing, and nobody names it",
        member.name
    );
    let place = manifest::locate(&member.manifest, &["features", name]);
    let location = place.map(|(line, column)| Location {
        path: member.manifest_path.clone(),
        line,
        column,
    });
    let finding = Finding::new(&INFO, name, message)
        .at(location)
        .evidence(Evidence::Syntax);
    Proposal {
        finding,
        action: Some(Action::DropFeature(index, name.to_owned())),
    }
}
