//! Libraries that are linked as C libraries though they export nothing.

use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Severity};
use pitcrew_core::manifest::TomlChange;

use crate::facts::{Facts, Member, TargetFacts};
use crate::goal::Goal;
use crate::lever::{Lever, Proposal, SettingChange};
use crate::place;

pub struct CrateType;

static INFO: RuleInfo = RuleInfo {
    id: "crate-type",
    summary: "a library is linked in a form that nobody can use",
    severity: Severity::Warning,
    docs: r#"## What it does
Finds libraries with `cdylib` or `staticlib` beside `lib` whose sources surely export no symbol: no
`#[no_mangle]`, no `#[export_name]`, no `pub extern fn`, no binding, and no attribute or macro that it
does not know, since that may make one. It tries the build without these forms.

## Why it matters
Each of these forms is linked with all dependencies in it on every build, and a library that is linked
cannot be pipelined: dependents wait for all of it. A C library without exported symbols is of no use
to anyone who loads it.

## Example
```toml
[lib]
crate-type = ["lib", "cdylib"]   # only "lib" is used
```

## When it is wrong
Symbols come from a C object that a build script links in, or from a dependency that is linked for the
symbols it exports.
"#,
};

impl Rule<Facts, Proposal> for CrateType {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        if !Goal::DEV.contains(&facts.goal) {
            return Vec::new();
        }
        let members = facts.workspace.members.iter();
        members.filter_map(judge).collect()
    }
}

fn judge(member: &Member) -> Option<Proposal> {
    let target = member.targets.iter().find(|target| is_useless(target))?;
    let keys = ["crate-type", "crate_type"];
    let key = keys
        .into_iter()
        .find(|key| place::is_written(&member.manifest, &["lib", key]))?;
    let (useless, kept): (Vec<&str>, Vec<&str>) = target
        .crate_types
        .iter()
        .map(String::as_str)
        .partition(|kind| is_c_library(kind));
    let useless = useless.join(" and ");
    let message = format!(
        "{} is also linked as {useless}, with all its dependencies, but exports no symbol that \
         anyone could load",
        member.name
    );
    let location = place::in_manifest(&member.manifest_path, &member.manifest, &["lib", key]);
    let finding = Finding::new(&INFO, member.name.clone(), message)
        .at(location)
        .evidence(Evidence::Configured {
            fact: format!("lib.crate-type is {:?}", target.crate_types),
        })
        .evidence(Evidence::Syntax);
    let id = format!("{}:{}", INFO.id, member.name);
    let change = match kept.as_slice() {
        // cargo's default.
        ["lib" | "rlib"] => TomlChange::remove(["lib", key]),
        kept => {
            let kept: toml_edit::Array = kept.iter().copied().collect();
            TomlChange::set(["lib", key], kept.to_string())
        }
    };
    let changes = vec![SettingChange::member_manifest(
        member.manifest_path.clone(),
        change,
    )];
    let title = format!("{} as a plain library", member.name);
    let lever = Lever::new(id.clone(), title, id, &Goal::DEV, changes)
        .cost(format!("no {useless} of {}", member.name))
        .maybe_incorrect();
    Some(Proposal::trial(finding, lever))
}

fn is_useless(target: &TargetFacts) -> bool {
    let plain = ["lib", "rlib"];
    target.crate_types.iter().any(|kind| is_c_library(kind))
        && target
            .crate_types
            .iter()
            .any(|kind| plain.contains(&kind.as_str()))
        && !target.exports_symbols
        && !target.kinds.iter().any(|kind| kind == "example")
}

/// A `dylib` is not one: it exports all that is public in Rust.
fn is_c_library(kind: &str) -> bool {
    matches!(kind, "cdylib" | "staticlib")
}
