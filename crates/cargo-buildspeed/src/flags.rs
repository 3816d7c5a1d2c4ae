//! The flags that cargo hands to rustc, by cargo's own precedence, and the change that adds to them
//! without pushing other flags aside: of the environment, `target.*` and `build`, only one source
//! is read.

use pitcrew_core::config::{ConfigValue, Origin};
use pitcrew_core::manifest::TomlChange;
use pitcrew_core::toolchain::Os;
use serde_json::Value;

use crate::facts::Facts;
use crate::lever::SettingChange;
use crate::place;

/// The source that decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Rustflags {
    pub source: Source,
    pub flags: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    Nothing,
    /// `RUSTFLAGS` or `CARGO_ENCODED_RUSTFLAGS`, which overrides all configuration.
    Env(&'static str),
    /// `target.<triple>.rustflags` and `target.'cfg(..)'.rustflags`, joined; the origin of the
    /// strongest.
    Target(Origin),
    /// `build.rustflags`.
    Build(Origin),
}

/// What rustc is given on this host.
pub fn in_force(facts: &Facts) -> Rustflags {
    if let Some((name, flags)) = from_env(facts) {
        return Rustflags {
            source: Source::Env(name),
            flags,
        };
    }
    configured(facts)
}

/// What the configuration alone would give.
pub fn configured(facts: &Facts) -> Rustflags {
    let mut target: Option<Rustflags> = None;
    for value in target_values(facts, "rustflags") {
        let joined = target.get_or_insert_with(|| Rustflags {
            source: Source::Target(value.origin.clone()),
            flags: Vec::new(),
        });
        joined.flags.extend(words(&value.value));
    }
    if let Some(flags) = target {
        return flags;
    }
    match facts.config.get("build.rustflags") {
        Some(value) => Rustflags {
            source: Source::Build(value.origin.clone()),
            flags: words(&value.value),
        },
        None => Rustflags {
            source: Source::Nothing,
            flags: Vec::new(),
        },
    }
}

/// The flags of the environment, if it has any.
pub fn from_env(facts: &Facts) -> Option<(&'static str, Vec<String>)> {
    let encoded = facts.env.get("CARGO_ENCODED_RUSTFLAGS");
    if let Some(encoded) = encoded.filter(|encoded| !encoded.is_empty()) {
        let flags = encoded.split('\x1f').map(str::to_owned).collect();
        return Some(("CARGO_ENCODED_RUSTFLAGS", flags));
    }
    let plain = facts.env.get("RUSTFLAGS")?;
    let flags: Vec<String> = plain.split_whitespace().map(str::to_owned).collect();
    (!flags.is_empty()).then_some(("RUSTFLAGS", flags))
}

/// The triple that a plain `cargo build` compiles for; none where that is not this host, or several.
pub fn host_target(facts: &Facts) -> Option<&str> {
    let host = facts.toolchain.host.triple.as_str();
    match facts.config.get("build.target").map(|value| &value.value) {
        None => Some(host),
        Some(Value::String(target)) if target == host => Some(host),
        Some(_) => None,
    }
}

/// The value of `target.<this host>.KEY` or of a matching `target.'cfg(..)'.KEY`, strongest first.
pub fn target_value<'f>(facts: &'f Facts, key: &str) -> Option<&'f ConfigValue> {
    target_values(facts, key).into_iter().next()
}

/// Adds `flags` to those in force; none where the environment overrides the configuration or the
/// flags are written as one string in a file that is not the project's.
pub fn add(facts: &Facts, flags: &[&str]) -> Option<SettingChange> {
    let triple = host_target(facts)?;
    let triple_flags = format!("target.{triple}.rustflags");
    let (key, existing): ([&str; 3], _) = match in_force(facts).source {
        Source::Env(_) => return None,
        Source::Build(_) => (
            ["build", "rustflags", ""],
            facts.config.get("build.rustflags"),
        ),
        Source::Nothing | Source::Target(_) => (
            ["target", triple, "rustflags"],
            facts.config.get(&triple_flags),
        ),
    };
    let key: Vec<String> = key
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    let (value, append) = match existing {
        Some(existing) if existing.value.is_string() => {
            if !place::is_in_project(&facts.workspace.root, &existing.origin) {
                return None;
            }
            let mut all = words(&existing.value);
            all.extend(flags.iter().map(|flag| (*flag).to_owned()));
            (all, false)
        }
        _ => (flags.iter().map(|flag| (*flag).to_owned()).collect(), true),
    };
    Some(SettingChange::cargo_config(TomlChange {
        key,
        value: Some(toml_array(&value)),
        append,
    }))
}

/// Takes the flags that `unwanted` names out of the project's own configuration; none where they
/// stand elsewhere.
pub fn remove(facts: &Facts, unwanted: impl Fn(&str) -> bool) -> Option<SettingChange> {
    let triple = host_target(facts)?;
    let key: Vec<&str> = match in_force(facts).source {
        Source::Build(_) => vec!["build", "rustflags"],
        Source::Target(_) => vec!["target", triple, "rustflags"],
        Source::Env(_) | Source::Nothing => return None,
    };
    let value = facts.config.get(&key.join("."))?;
    let one_file = facts.config.files.len() == 1;
    if !one_file || !place::is_in_project(&facts.workspace.root, &value.origin) {
        return None;
    }
    let flags = words(&value.value);
    let kept = without(&flags, unwanted);
    if kept.len() == flags.len() {
        return None;
    }
    Some(SettingChange::cargo_config(TomlChange {
        key: key.into_iter().map(str::to_owned).collect(),
        value: (!kept.is_empty()).then(|| toml_array(&kept)),
        append: false,
    }))
}

/// The flags without the unwanted ones, and without the `-C` or `-Z` that stood before one.
pub fn without(flags: &[String], unwanted: impl Fn(&str) -> bool) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(flags.len());
    for flag in flags {
        let bare = flag.strip_prefix("-C").unwrap_or(flag);
        if unwanted(bare.trim_start()) {
            if kept.last().is_some_and(|last| last == "-C") {
                kept.pop();
            }
        } else {
            kept.push(flag.clone());
        }
    }
    kept
}

/// A flag list's codegen options with `-C` and its value in one: `link-arg=-fuse-ld=mold`.
pub fn codegen_options(flags: &[String]) -> Vec<&str> {
    let mut options = Vec::new();
    let mut previous = "";
    for flag in flags {
        if previous == "-C" || previous == "--codegen" {
            options.push(flag.as_str());
        } else if let Some(option) = flag.strip_prefix("-C").filter(|rest| !rest.is_empty()) {
            options.push(option);
        }
        previous = flag;
    }
    options
}

fn target_values<'f>(facts: &'f Facts, key: &str) -> Vec<&'f ConfigValue> {
    let Some(triple) = host_target(facts) else {
        return Vec::new();
    };
    let suffix = format!(".{key}");
    let named = facts.config.get(&format!("target.{triple}.{key}"));
    let by_cfg = facts.config.values.iter().filter_map(|(name, value)| {
        let target = name.strip_prefix("target.")?.strip_suffix(&suffix)?;
        let cfg = target.trim_matches(['\'', '"']).strip_prefix("cfg(")?;
        cfg_holds(cfg, facts.toolchain.host.os).then_some(value)
    });
    named.into_iter().chain(by_cfg).collect()
}

/// Whether a `cfg(..)` that cargo accepts for a target table holds on this system, as far as its text
/// tells: negations and other conditions count as not.
fn cfg_holds(cfg: &str, os: Os) -> bool {
    if cfg.contains("not(") {
        return false;
    }
    let (name, family) = match os {
        Os::Linux => ("\"linux\"", "unix"),
        Os::MacOs => ("\"macos\"", "unix"),
        Os::Windows => ("\"windows\"", "windows"),
        Os::Other => ("", "unix"),
    };
    let named_os = cfg.contains("target_os");
    if named_os {
        return !name.is_empty() && cfg.contains(name);
    }
    cfg.starts_with("all()") || cfg.contains(family)
}

fn words(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => text.split_whitespace().map(str::to_owned).collect(),
        Value::Array(parts) => parts
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

fn toml_array(flags: &[String]) -> String {
    let array: toml_edit::Array = flags.iter().map(String::as_str).collect();
    array.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(flags: &[&str]) -> Vec<String> {
        flags.iter().map(|flag| (*flag).to_owned()).collect()
    }

    #[test]
    fn reads_codegen_options_in_both_spellings() {
        let flags = owned(&["-C", "link-arg=-fuse-ld=mold", "-Ctarget-cpu=native", "-Zx"]);
        assert_eq!(
            codegen_options(&flags),
            ["link-arg=-fuse-ld=mold", "target-cpu=native"]
        );
    }

    #[test]
    fn removes_a_flag_with_its_dash_c() {
        let flags = owned(&["-C", "link-arg=-fuse-ld=mold", "-Ctarget-cpu=native"]);
        let kept = without(&flags, |flag| flag.contains("-fuse-ld="));
        assert_eq!(kept, ["-Ctarget-cpu=native"]);
    }

    #[test]
    fn cfg_tables_are_judged_by_their_text() {
        assert!(cfg_holds("target_os = \"linux\")", Os::Linux));
        assert!(!cfg_holds("target_os = \"linux\")", Os::MacOs));
        assert!(cfg_holds("unix)", Os::MacOs));
        assert!(!cfg_holds("not(windows))", Os::Linux));
    }
}
