//! Profiles in a member's manifest, which cargo ignores with a warning.

use pitcrew_core::finding::{Evidence, Finding, Location, Rule, RuleInfo, Severity};
use pitcrew_core::manifest::TomlChange;

use crate::facts::{self, Facts};
use crate::lever::{Proposal, SettingChange};

pub struct IgnoredProfile;

/// Settings that change what programs do, not only how fast: nobody but the user may switch them on.
const CHANGES_BEHAVIOUR: [&str; 3] = ["panic", "overflow-checks", "debug-assertions"];

static INFO: RuleInfo = RuleInfo {
    id: "ignored-profile",
    summary: "a profile stands in a member's manifest, where cargo ignores it",
    severity: Severity::Error,
    docs: r#"## What it does
Finds `[profile.*]` tables in manifests of members. It moves them to the root manifest where the root
does not set the same keys otherwise and no other member disagrees; a table that says only what is in
force already is taken out.

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

fn judge(facts: &Facts, table: &facts::IgnoredProfile) -> Proposal {
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
    let missing: Vec<&(String, String)> = table
        .settings
        .iter()
        .filter(|(key, value)| in_force(facts, profile, key).as_deref() != Some(&plain(value)))
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
    for (key, value) in missing {
        let mut path = vec!["profile".to_owned(), profile.clone()];
        path.extend(split(key));
        changes.push(SettingChange::root_manifest(TomlChange {
            key: path,
            value: Some(value.clone()),
            append: false,
        }));
    }
    changes.push(away);
    let help = "it moves to the root manifest, and counts for every member from then on";
    Proposal::settled(finding.help(help), changes)
}

/// Why the settings cannot just move to the root.
fn obstacle(
    facts: &Facts,
    table: &facts::IgnoredProfile,
    missing: &[&(String, String)],
) -> Option<String> {
    let profile = &table.profile;
    for (key, value) in missing {
        let leaf = split(key).pop().unwrap_or_default();
        if CHANGES_BEHAVIOUR.contains(&leaf.as_str()) {
            return Some(format!("{key} = {value} would change what programs do"));
        }
        if is_set_in_root(facts, profile, key) {
            return Some(format!(
                "the root sets {key} of profile.{profile} otherwise"
            ));
        }
        let other = facts.profiles.ignored.iter().find(|other| {
            other.profile == *profile
                && other.manifest_path != table.manifest_path
                && other.settings.iter().any(|(k, v)| k == key && v != value)
        });
        if let Some(other) = other {
            return Some(format!("{} sets {key} otherwise", other.manifest_path));
        }
    }
    None
}

/// The value that the root's profile has for a dotted key, where it has one.
fn in_force(facts: &Facts, profile: &str, key: &str) -> Option<String> {
    setting(facts, profile, key).map(|setting| setting.value.clone())
}

fn is_set_in_root(facts: &Facts, profile: &str, key: &str) -> bool {
    setting(facts, profile, key)
        .is_some_and(|setting| setting.source != facts::SettingSource::Default)
}

fn setting<'f>(facts: &'f Facts, profile: &str, key: &str) -> Option<&'f facts::Setting> {
    let profile = facts.profile(profile)?;
    let parts = split(key);
    match parts.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [key] => profile.settings.get(key),
        ["build-override", key] => profile.build_override.get(key),
        ["package", spec, key] => profile.packages.get(spec)?.get(key),
        _ => None,
    }
}

/// The parts of a dotted TOML key, without quotes.
fn split(key: &str) -> Vec<String> {
    toml_edit::Key::parse(key).map_or_else(
        |_| vec![key.to_owned()],
        |parts| parts.iter().map(|part| part.get().to_owned()).collect(),
    )
}

/// A TOML value in the one spelling that facts use.
fn plain(value: &str) -> String {
    let bare = value.trim().trim_matches(['"', '\'']);
    bare.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_split_at_dots_outside_quotes() {
        assert_eq!(split("package.\"a.b\".debug"), ["package", "a.b", "debug"]);
        assert_eq!(split("opt-level"), ["opt-level"]);
        assert_eq!(split(""), [""]);
    }
}
