//! Version 1 of the feature resolver in a workspace whose editions call for a newer one.

use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Severity};

use crate::facts::Facts;
use crate::lever::Proposal;
use crate::place;

pub struct OldResolver;

/// Resolver 3 is known since this release.
const THREE_SINCE: (u32, u32, u32) = (1, 84, 0);

static INFO: RuleInfo = RuleInfo {
    id: "old-resolver",
    summary: "the workspace resolves features by the rules of 2018",
    severity: Severity::Advice,
    docs: r#"## What it does
Finds workspaces that use resolver 1 though their members are of edition 2021 or newer: mostly virtual
workspaces without a `resolver` key, for which cargo falls back to 1.

## Why it matters
Resolver 1 merges the features that build scripts, proc-macros, tests and other platforms ask of a
dependency into the one that the program uses. More code is compiled, and a proc-macro's features can
force a second look of the whole graph between `cargo build` and `cargo test`.

## Example
```toml
[workspace]
members = ["crates/*"]
resolver = "3"
```

## When it is wrong
A member leans on a feature that only another build turns on. It then fails to compile under the newer
resolver, and needs the feature in its own manifest. That is why this is advice: compile once with it.
"#,
};

impl Rule<Facts, Proposal> for OldResolver {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        judge(facts).into_iter().collect()
    }
}

fn judge(facts: &Facts) -> Option<Proposal> {
    let workspace = &facts.workspace;
    if workspace.resolver != 1 {
        return None;
    }
    let newest = workspace
        .members
        .iter()
        .filter_map(|member| member.edition.parse::<u32>().ok())
        .max()?;
    if newest < 2021 {
        return None;
    }
    let oldest_is_2024 = workspace
        .members
        .iter()
        .all(|member| member.edition.as_str() >= "2024");
    let resolver = if oldest_is_2024 && facts.toolchain.release >= THREE_SINCE {
        "3"
    } else {
        "2"
    };
    let table = if workspace.is_virtual {
        "workspace"
    } else {
        "package"
    };
    let written = ["workspace", "package"]
        .into_iter()
        .find(|table| place::is_written(&workspace.root_manifest, &[table, "resolver"]));
    let path = [written.unwrap_or(table), "resolver"];
    let why = match &workspace.resolver_key {
        Some(key) => format!("resolver is {key}"),
        None if workspace.is_virtual => {
            "a virtual workspace without a resolver key gets resolver 1".to_owned()
        }
        None => "the root package's edition gets resolver 1".to_owned(),
    };
    let message = format!(
        "features are resolved by version 1, which compiles more features than are used, though \
         members are of edition {newest}"
    );
    let finding = Finding::new(&INFO, path.join("."), message)
        .at(place::in_manifest(
            "Cargo.toml".into(),
            &workspace.root_manifest,
            &path,
        ))
        .evidence(Evidence::Configured { fact: why })
        .help(format!(
            "in Cargo.toml: [{}] resolver = \"{resolver}\", then build all targets once",
            path[0]
        ))
        .next("cargo check --workspace --all-targets");
    Some(Proposal::advice(finding))
}
