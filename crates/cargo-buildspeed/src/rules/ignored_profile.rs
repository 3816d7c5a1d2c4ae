//! Profiles in a member's manifest, which cargo ignores with a warning.

use pitcrew_core::config::split_key;
use pitcrew_core::finding::{Evidence, Finding, Location, Rule, RuleInfo, Severity};
use pitcrew_core::manifest::TomlChange;

use crate::facts::{
    Facts, IgnoredProfile as IgnoredProfileTable, IgnoredSetting, Setting, SettingSource,
};
use crate::lever::{Proposal, SettingChange};

pub struct IgnoredProfile;

/// Settings that change what programs do, not only how fast: nobody but the user may switch them on.
const CHANGES_BEHAVIOUR: [&str; 3] = ["panic", "overflow-checks", "debug-assertions"];

static INFO: RuleInfo = RuleInfo {
    id: "ignored-profile",
    summary: "a profile stands in a member's manifest, where cargo ignores it",
    severity: Severity::Error,
    docs: r#"## What it does
Finds `[profile.*]` tables in manifests of members. A table that says only what is in force already is
taken out. Any other it offers to move to the root manifest, where the root does not set the same keys
otherwise and no other member disagrees; since it would then count for every member, it does so only
with `--allow-maybe-incorrect`.

## Why it matters
cargo reads profiles of the workspace's root only, and warns about the others on each build. What the
table says does not happen: neither the faster dev build nor the smaller release program.

## Example
```toml
# crates/server/Cargo.toml: ignored
[profile.release]
lto = "thin"
```

## When it is wrong
The member is also built on its own, outside the workspace, where its profile counts. Then keep it, and
write the same in the root if you want it here.
"#,
};

impl Rule<Facts, Proposal> for IgnoredProfile {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let ignored = facts.profiles.ignored.iter();
        ignored.map(|table| judge(facts, table)).collect()
    }
}

fn judge(facts: &Facts, table: &IgnoredProfileTable) -> Proposal {
    let profile = &table.profile;
    let message = format!(
        "cargo ignores profile.{profile} of {}: profiles count in the root manifest only",
        table.manifest_path
    );
    let finding = Finding::new(&INFO, format!("profile.{profile}"), message)
        .at(Some(Location {
            path: table.manifest_path.clone(),
            line: table.line,
            column: table.column,
        }))
        .evidence(Evidence::Configured {
            fact: format!("{} is not the workspace's root", table.manifest_path),
        });
    let away = SettingChange::member_manifest(
        table.manifest_path.clone(),
        TomlChange::remove(["profile", profile]),
    );
    let missing: Vec<&IgnoredSetting> = table
        .settings
        .iter()
        .filter(|setting| in_force(facts, profile, &setting.key) != Some(&setting.value))
        .collect();
    if missing.is_empty() {
        let help = "it says only what is in force already, and can go";
        return Proposal::settled(finding.help(help), vec![away]);
    }
    if let Some(reason) = obstacle(facts, table, &missing) {
        let finding = finding
            .help(reason)
            .help("move what you mean to the root manifest, and take the table out here");
        return Proposal::advice(finding);
    }
    let mut changes = Vec::with_capacity(missing.len() + 1);
    for setting in missing {
        let mut path = vec!["profile".to_owned(), profile.clone()];
        path.extend(split_key(&setting.key));
        changes.push(SettingChange::root_manifest(TomlChange {
            key: path,
            value: Some(setting.toml.clone()),
            append: false,
        }));
    }
    changes.push(away);
    let finding = finding
        .help("in the root manifest it counts for every member: take it out, or move it if you mean that")
        .next("cargo buildspeed --apply --allow-maybe-incorrect  # moves it");
    Proposal::offered(finding, changes)
}

/// Why the settings cannot just move to the root.
fn obstacle(
    facts: &Facts,
    table: &IgnoredProfileTable,
    missing: &[&IgnoredSetting],
) -> Option<String> {
    let profile = &table.profile;
    for IgnoredSetting { key, toml, value } in missing {
        let leaf = split_key(key).pop().unwrap_or_default();
        if CHANGES_BEHAVIOUR.contains(&leaf.as_str()) {
            return Some(format!("{key} = {toml} would change what programs do"));
        }
        if is_set_in_root(facts, profile, key) {
            return Some(format!(
                "the root sets {key} of profile.{profile} otherwise"
            ));
        }
        let other = facts.profiles.ignored.iter().find(|other| {
            other.profile == *profile
                && other.manifest_path != table.manifest_path
                && other
                    .settings
                    .iter()
                    .any(|theirs| theirs.key == *key && theirs.value != *value)
        });
        if let Some(other) = other {
            return Some(format!("{} sets {key} otherwise", other.manifest_path));
        }
    }
    None
}

/// The value that the root's profile has for a dotted key, where it has one.
fn in_force<'f>(facts: &'f Facts, profile: &str, key: &str) -> Option<&'f String> {
    if key == "inherits" {
        return facts.profile(profile)?.inherits.as_ref();
    }
    setting(facts, profile, key).map(|setting| &setting.value)
}

fn is_set_in_root(facts: &Facts, profile: &str, key: &str) -> bool {
    if key == "inherits" {
        return in_force(facts, profile, key).is_some();
    }
    setting(facts, profile, key).is_some_and(|setting| setting.source != SettingSource::Default)
}

fn setting<'f>(facts: &'f Facts, profile: &str, key: &str) -> Option<&'f Setting> {
    let profile = facts.profile(profile)?;
    let parts = split_key(key);
    match parts.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [key] => profile.settings.get(key),
        ["build-override", key] => profile.build_override.get(key),
        ["package", spec, key] => profile.packages.get(spec)?.get(key),
        _ => None,
    }
}
