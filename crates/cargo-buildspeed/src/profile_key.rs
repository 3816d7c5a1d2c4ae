//! One key of one profile: what it is set to, where, and the change that sets it otherwise in the
//! file where the change takes effect.

use pitcrew_core::config::Origin;
use pitcrew_core::finding::{Evidence, Finding, Location};
use pitcrew_core::manifest::TomlChange;

use crate::facts::{Facts, Profile, Setting, SettingSource};
use crate::lever::{Lever, Proposal, SettingChange};
use crate::place;

/// A key such as `profile.dev.package."*".debug`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProfileKey<'a> {
    pub profile: &'a str,
    pub table: Table<'a>,
    pub key: &'a str,
}

/// The table below `profile.NAME` that holds a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table<'a> {
    Profile,
    BuildOverride,
    Package(&'a str),
}

/// What overrides every file that a change could be made in: a variable's name or `--config`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned(pub String);

/// How much debug information a `debug` value asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Debuginfo {
    None,
    LineDirectives,
    LineTables,
    Limited,
    Full,
}

impl Debuginfo {
    /// A `debug` value of a profile or of rustc; empty is none, which is rustc's default.
    pub fn parse(value: &str) -> Self {
        match value {
            "2" | "true" | "full" => Self::Full,
            "1" | "limited" => Self::Limited,
            "line-tables-only" => Self::LineTables,
            "line-directives-only" => Self::LineDirectives,
            _ => Self::None,
        }
    }
}

impl<'a> ProfileKey<'a> {
    pub fn dev(key: &'a str) -> Self {
        Self {
            profile: "dev",
            table: Table::Profile,
            key,
        }
    }

    pub fn release(key: &'a str) -> Self {
        Self {
            profile: "release",
            ..Self::dev(key)
        }
    }

    #[must_use]
    pub fn within(self, table: Table<'a>) -> Self {
        Self { table, ..self }
    }

    /// `profile.dev.package."*".debug`.
    pub fn name(&self) -> String {
        let Self { profile, key, .. } = self;
        match self.table {
            Table::Profile => format!("profile.{profile}.{key}"),
            Table::BuildOverride => format!("profile.{profile}.build-override.{key}"),
            Table::Package(spec) => format!("profile.{profile}.package.\"{spec}\".{key}"),
        }
    }

    pub fn setting<'f>(&self, facts: &'f Facts) -> Option<&'f Setting> {
        let profile: &Profile = facts.profile(self.profile)?;
        match self.table {
            Table::Profile => profile.settings.get(self.key),
            Table::BuildOverride => profile.build_override.get(self.key),
            Table::Package(spec) => profile.packages.get(spec)?.get(self.key),
        }
    }

    /// Its value, empty where there is none.
    pub fn value<'f>(&self, facts: &'f Facts) -> &'f str {
        self.setting(facts)
            .map_or("", |setting| setting.value.as_str())
    }

    /// Where the user set it; none where it is cargo's default.
    pub fn set_where(&self, facts: &Facts) -> Option<String> {
        match &self.setting(facts)?.source {
            SettingSource::Default => None,
            SettingSource::Manifest { line, .. } => Some(format!("at Cargo.toml:{line}")),
            SettingSource::Config(origin) => Some(place::words(&facts.workspace.root, origin)),
        }
    }

    pub fn location(&self, facts: &Facts) -> Option<Location> {
        match &self.setting(facts)?.source {
            SettingSource::Default => None,
            SettingSource::Manifest { line, column, .. } => Some(Location {
                path: "Cargo.toml".into(),
                line: *line,
                column: *column,
            }),
            SettingSource::Config(origin) => place::of_origin(&facts.workspace.root, origin),
        }
    }

    /// What the configuration says of it: `profile.dev.debug is 2, cargo's default`.
    pub fn fact(&self, facts: &Facts) -> String {
        let name = self.name();
        let value = self.value(facts);
        match self.set_where(facts) {
            Some(place) => format!("{name} is {value}, set {place}"),
            None if value.is_empty() => format!("{name} is not set"),
            None => format!("{name} is {value}, cargo's default"),
        }
    }

    pub fn evidence(&self, facts: &Facts) -> Evidence {
        Evidence::Configured {
            fact: self.fact(facts),
        }
    }

    /// Sets it to the TOML text `value` in the file that decides.
    pub fn set(&self, facts: &Facts, value: &str) -> Result<SettingChange, Pinned> {
        let change = TomlChange {
            key: self.path(),
            value: Some(value.to_owned()),
            append: false,
        };
        Ok(match self.config_origin(facts)? {
            Some(_) => SettingChange::cargo_config(change),
            None => SettingChange::root_manifest(change),
        })
    }

    /// Takes it out of the file that sets it; sets it to `default` where the file is not the
    /// project's own or the value is inherited.
    pub fn unset(&self, facts: &Facts, default: &str) -> Result<SettingChange, Pinned> {
        let change = TomlChange {
            key: self.path(),
            value: None,
            append: false,
        };
        let written_here = matches!(
            self.setting(facts).map(|setting| &setting.source),
            Some(SettingSource::Manifest { profile, .. }) if profile == self.profile
        );
        match self.config_origin(facts)? {
            None if written_here => Ok(SettingChange::root_manifest(change)),
            Some(origin) if place::is_in_project(&facts.workspace.root, origin) => {
                Ok(SettingChange::cargo_config(change))
            }
            _ => self.set(facts, default),
        }
    }

    fn config_origin<'f>(&self, facts: &'f Facts) -> Result<Option<&'f Origin>, Pinned> {
        match self.setting(facts).map(|setting| &setting.source) {
            Some(SettingSource::Config(Origin::Env { name })) => Err(Pinned(name.clone())),
            Some(SettingSource::Config(Origin::Cli)) => Err(Pinned("--config".to_owned())),
            Some(SettingSource::Config(origin)) => Ok(Some(origin)),
            _ => Ok(None),
        }
    }

    fn path(&self) -> Vec<String> {
        let mut path = vec!["profile".to_owned(), self.profile.to_owned()];
        match self.table {
            Table::Profile => {}
            Table::BuildOverride => path.push("build-override".to_owned()),
            Table::Package(spec) => path.extend(["package".to_owned(), spec.to_owned()]),
        }
        path.push(self.key.to_owned());
        path
    }
}

/// The lever where a file can make the change; advice that names what overrides the files where none
/// can.
pub fn propose(
    finding: Finding,
    change: Result<SettingChange, Pinned>,
    lever: impl FnOnce(Vec<SettingChange>) -> Lever,
) -> Proposal {
    match change {
        Ok(change) => Proposal::trial(finding, lever(vec![change])),
        Err(Pinned(by)) => {
            let help = format!("{by} overrides the profile: take it away to try another value");
            Proposal::advice(finding.help(help))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debuginfo_is_ordered_by_how_much_there_is() {
        let levels = ["0", "line-directives-only", "line-tables-only", "1", "true"];
        let parsed: Vec<_> = levels.map(Debuginfo::parse).to_vec();
        assert!(parsed.is_sorted());
        assert_eq!(Debuginfo::parse("none"), Debuginfo::None);
        assert_eq!(Debuginfo::parse("full"), Debuginfo::parse("2"));
    }

    #[test]
    fn keys_are_named_as_in_a_manifest() {
        let key = ProfileKey::dev("debug").within(Table::Package("*"));
        assert_eq!(key.name(), "profile.dev.package.\"*\".debug");
        assert_eq!(key.path(), ["profile", "dev", "package", "*", "debug"]);
    }
}
