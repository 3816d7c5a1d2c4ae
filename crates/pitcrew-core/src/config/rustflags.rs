//! The flags that cargo hands to rustc. Their sources exclude each other, so that one variable in a
//! shell silently switches off what a file says.

use std::collections::BTreeMap;

use cargo_metadata::cargo_platform::{Cfg, CfgExpr};
use serde_json::Value;

use super::{ConfigValue, EffectiveConfig, Origin, key};

/// The flags, and the source that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rustflags {
    pub source: FlagSource,
    pub flags: Vec<String>,
}

/// cargo takes the first of these that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlagSource {
    /// `CARGO_ENCODED_RUSTFLAGS`, else `RUSTFLAGS`: set to nothing, they still push the rest aside.
    Env(&'static str),
    /// `target.<triple>` together with every `target.'cfg(..)'` that applies; the origin of the
    /// first.
    Target(Origin),
    /// `build.rustflags`.
    Build(Origin),
    Nothing,
}

/// What cargo compiles for: a triple, and the lines of `rustc --print cfg` for it.
#[derive(Debug, Clone, Copy)]
pub struct TargetCfg<'a> {
    pub triple: &'a str,
    pub cfg: &'a [String],
}

/// The flags in force for `target`.
pub fn effective_rustflags(
    config: &EffectiveConfig,
    target: TargetCfg<'_>,
    env: &BTreeMap<String, String>,
) -> Rustflags {
    rustflags_from_env(env).unwrap_or_else(|| configured_rustflags(config, Some(target)))
}

/// The flags that the environment sets.
pub fn rustflags_from_env(env: &BTreeMap<String, String>) -> Option<Rustflags> {
    let found = |name, flags| {
        let source = FlagSource::Env(name);
        Some(Rustflags { source, flags })
    };
    if let Some(text) = env.get("CARGO_ENCODED_RUSTFLAGS") {
        let flags = text.split_terminator('\u{1f}').map(str::to_owned);
        return found("CARGO_ENCODED_RUSTFLAGS", flags.collect());
    }
    let flags = env.get("RUSTFLAGS")?.split_whitespace();
    found("RUSTFLAGS", flags.map(str::to_owned).collect())
}

/// The flags that the configuration alone gives; without a target none of its `target` tables count.
pub fn configured_rustflags(config: &EffectiveConfig, target: Option<TargetCfg<'_>>) -> Rustflags {
    let of_target = target.map_or(Vec::new(), |target| {
        target_values(config, target, "rustflags")
    });
    let joined: Vec<String> = of_target.iter().flat_map(|value| flags(value)).collect();
    if let Some(first) = of_target.first().filter(|_| !joined.is_empty()) {
        return Rustflags {
            source: FlagSource::Target(first.origin.clone()),
            flags: joined,
        };
    }
    match config.get("build.rustflags") {
        Some(value) => Rustflags {
            source: FlagSource::Build(value.origin.clone()),
            flags: flags(value),
        },
        None => Rustflags {
            source: FlagSource::Nothing,
            flags: Vec::new(),
        },
    }
}

/// The values of `target.<triple>.SETTING` and of each matching `target.'cfg(..)'.SETTING`, in
/// cargo's order: its own first.
pub fn target_values<'c>(
    config: &'c EffectiveConfig,
    target: TargetCfg<'_>,
    setting: &str,
) -> Vec<&'c ConfigValue> {
    let cfg: Vec<Cfg> = target
        .cfg
        .iter()
        .filter_map(|line| line.parse().ok())
        .collect();
    let exact = config.get(&key(&["target", target.triple, setting]));
    // cargo sorts by the key as written, without quotes.
    let by_cfg: BTreeMap<String, &ConfigValue> = config
        .below(&["target"])
        .filter(|(rest, _)| rest.len() == 2 && rest[1] == setting)
        .map(|(mut rest, value)| (rest.swap_remove(0), value))
        .filter(|(name, _)| name.starts_with("cfg(") && CfgExpr::matches_key(name, &cfg))
        .collect();
    exact.into_iter().chain(by_cfg.into_values()).collect()
}

fn flags(value: &ConfigValue) -> Vec<String> {
    let items = value.value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}
