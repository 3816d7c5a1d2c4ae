//! The flags that cargo hands to rustc, and the changes that add to them or take from them without
//! pushing other flags aside: of the environment, `target.*` and `build`, only one source is read.

use pitcrew_core::config::{
    ConfigValue, FlagSource, Rustflags, TargetCfg, configured_rustflags, key, rustflags_from_env,
    target_values,
};
use pitcrew_core::manifest::TomlChange;
use serde_json::Value;

use crate::facts::Facts;
use crate::lever::{Scope, SettingChange};
use crate::place;

/// What rustc is given on this host.
pub fn in_force(facts: &Facts) -> Rustflags {
    from_env(facts).unwrap_or_else(|| configured(facts))
}

/// What the configuration alone would give.
pub fn configured(facts: &Facts) -> Rustflags {
    configured_rustflags(&facts.config, target(facts))
}

/// The flags of the environment, if it sets any; set to nothing they count too.
pub fn from_env(facts: &Facts) -> Option<Rustflags> {
    rustflags_from_env(&facts.env)
}

/// The triple that a plain `cargo build` compiles for; none where that is not this host, or several.
pub fn host_target(facts: &Facts) -> Option<&str> {
    let host = facts.toolchain.host.triple.as_str();
    let is_host = |target: &Value| target == host || target == "host-tuple";
    let for_host = match facts.config.get("build.target").map(|value| &value.value) {
        None => true,
        Some(Value::Array(targets)) => !targets.is_empty() && targets.iter().all(is_host),
        Some(target) => is_host(target),
    };
    for_host.then_some(host)
}

/// The value of `target.<this host>.KEY`, else of a matching `target.'cfg(..)'.KEY`.
pub fn target_value<'f>(facts: &'f Facts, key: &str) -> Option<&'f ConfigValue> {
    let values = target_values(&facts.config, target(facts)?, key);
    values.into_iter().next()
}

fn target(facts: &Facts) -> Option<TargetCfg<'_>> {
    Some(TargetCfg {
        triple: host_target(facts)?,
        cfg: &facts.toolchain.cfg,
    })
}

/// Adds `flags` to those in force, in a file of this scope; none where the environment overrides
/// the configuration, or where cargo would not join what is added with what is there.
pub fn add(facts: &Facts, flags: &[&str], scope: Scope) -> Option<SettingChange> {
    let path = match in_force(facts).source {
        FlagSource::Env(_) => return None,
        FlagSource::Build(_) => vec!["build", "rustflags"],
        FlagSource::Nothing | FlagSource::Target(_) => {
            vec!["target", host_target(facts)?, "rustflags"]
        }
    };
    let existing = facts.config.get(&key(&path));
    let mut all: Vec<String> = Vec::new();
    let one_string = existing.filter(|existing| existing.one_string);
    if let Some(existing) = one_string {
        // An array in one file and a string in another are an error of cargo's.
        if scope != Scope::Project || !is_all_in_project(facts, existing) {
            return None;
        }
        all = words(&existing.value);
    }
    all.extend(flags.iter().map(|flag| (*flag).to_owned()));
    Some(SettingChange::cargo_config(TomlChange {
        key: owned(&path),
        value: Some(toml_array(&all)),
        append: one_string.is_none(),
    }))
}

/// Whether what is [added](add) stands behind all other flags, so that it decides: those of
/// `target.'cfg(..)'` tables follow the triple's own.
pub fn added_come_last(facts: &Facts) -> bool {
    let FlagSource::Target(_) = in_force(facts).source else {
        return true;
    };
    let Some(target) = target(facts) else {
        return true;
    };
    let own = key(&["target", target.triple, "rustflags"]);
    let tables = target_values(&facts.config, target, "rustflags").len();
    tables == usize::from(facts.config.get(&own).is_some())
}

/// Takes the flags that `unwanted` names out of the project's own configuration; none where they
/// stand elsewhere.
pub fn remove(facts: &Facts, unwanted: impl Fn(&str) -> bool) -> Option<SettingChange> {
    let path = match in_force(facts).source {
        FlagSource::Build(_) => vec!["build", "rustflags"],
        FlagSource::Target(_) => vec!["target", host_target(facts)?, "rustflags"],
        FlagSource::Env(_) | FlagSource::Nothing => return None,
    };
    let value = facts.config.get(&key(&path))?;
    if !is_all_in_project(facts, value) {
        return None;
    }
    let flags = words(&value.value);
    let kept = without(&flags, unwanted);
    if kept.len() == flags.len() {
        return None;
    }
    Some(SettingChange::cargo_config(TomlChange {
        key: owned(&path),
        value: (!kept.is_empty()).then(|| toml_array(&kept)),
        append: false,
    }))
}

/// Whether a value that files may share stands in the project's own file and nowhere else.
pub fn is_all_in_project(facts: &Facts, value: &ConfigValue) -> bool {
    facts.config.files.len() == 1 && place::is_in_project(&facts.workspace.root, &value.origin)
}

/// The flags without the unwanted ones, and without the `-C` that stood before one.
pub fn without(flags: &[String], unwanted: impl Fn(&str) -> bool) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(flags.len());
    for flag in flags {
        let bare = flag.strip_prefix("-C").unwrap_or(flag);
        if unwanted(bare.trim_start()) {
            if kept.last().is_some_and(|last| is_dash_c(last)) {
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
        let glued = ["-C", "--codegen="]
            .into_iter()
            .find_map(|dash| flag.strip_prefix(dash))
            .filter(|rest| !rest.is_empty());
        if is_dash_c(previous) {
            options.push(flag.as_str());
        } else if let Some(option) = glued {
            options.push(option);
        }
        previous = flag;
    }
    options
}

fn is_dash_c(flag: &str) -> bool {
    matches!(flag, "-C" | "--codegen")
}

fn words(value: &Value) -> Vec<String> {
    let parts = value.as_array().into_iter().flatten();
    parts.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|part| (*part).to_owned()).collect()
}

fn toml_array(flags: &[String]) -> String {
    let array: toml_edit::Array = flags.iter().map(String::as_str).collect();
    array.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_codegen_options_in_every_spelling() {
        let flags = [
            "-C",
            "link-arg=-fuse-ld=mold",
            "-Ctarget-cpu=native",
            "--codegen=linker=clang",
            "-Zx",
        ];
        assert_eq!(
            codegen_options(&owned(&flags)),
            [
                "link-arg=-fuse-ld=mold",
                "target-cpu=native",
                "linker=clang"
            ]
        );
    }

    #[test]
    fn removes_a_flag_with_its_dash_c() {
        let flags = owned(&["-C", "link-arg=-fuse-ld=mold", "-Ctarget-cpu=native"]);
        let kept = without(&flags, |flag| flag.contains("-fuse-ld="));
        assert_eq!(kept, ["-Ctarget-cpu=native"]);
    }
}
