//! The flags that cargo hands to rustc. Their sources exclude each other, so that one variable in a
//! shell silently switches off what a file says.

use std::collections::BTreeMap;

use cargo_metadata::cargo_platform::{Cfg, CfgExpr};
use serde_json::Value;

use super::{ConfigValue, EffectiveConfig, Origin, key};

/// The flags for the host where no `--target` is given, and where they come from (the first source
/// where there are several). `cfg` holds the lines of `rustc --print cfg`.
///
/// cargo takes the first that is set: `CARGO_ENCODED_RUSTFLAGS`, `RUSTFLAGS`, `target.<host>`
/// together with every `target.'cfg(..)'` that applies, `build.rustflags`.
pub fn effective_rustflags(
    config: &EffectiveConfig,
    host_triple: &str,
    cfg: &[String],
    env: &BTreeMap<String, String>,
) -> (Vec<String>, Option<Origin>) {
    from_env(env)
        .or_else(|| from_target(config, host_triple, cfg))
        .or_else(|| {
            let value = config.get("build.rustflags")?;
            Some((flags(value), value.origin.clone()))
        })
        .map_or((Vec::new(), None), |(flags, origin)| (flags, Some(origin)))
}

fn from_env(env: &BTreeMap<String, String>) -> Option<(Vec<String>, Origin)> {
    let found = |name: &str, flags: Vec<String>| {
        let name = name.to_owned();
        Some((flags, Origin::Env { name }))
    };
    if let Some(text) = env.get("CARGO_ENCODED_RUSTFLAGS") {
        let flags = text.split_terminator('\u{1f}').map(str::to_owned);
        return found("CARGO_ENCODED_RUSTFLAGS", flags.collect());
    }
    let text = env.get("RUSTFLAGS")?;
    let flags = text.split_whitespace().map(str::to_owned);
    found("RUSTFLAGS", flags.collect())
}

fn from_target(
    config: &EffectiveConfig,
    host_triple: &str,
    cfg: &[String],
) -> Option<(Vec<String>, Origin)> {
    let cfg: Vec<Cfg> = cfg.iter().filter_map(|line| line.parse().ok()).collect();
    let exact = config.get(&key(&["target", host_triple, "rustflags"]));
    // cargo sorts by the key as written, without quotes.
    let by_cfg: BTreeMap<String, &ConfigValue> = config
        .below(&["target"])
        .filter(|(rest, _)| rest.len() == 2 && rest[1] == "rustflags")
        .map(|(mut rest, value)| (rest.swap_remove(0), value))
        .filter(|(name, _)| name.starts_with("cfg(") && CfgExpr::matches_key(name, &cfg))
        .collect();
    let sources: Vec<&ConfigValue> = exact.into_iter().chain(by_cfg.into_values()).collect();
    let flags: Vec<String> = sources.iter().flat_map(|value| flags(value)).collect();
    let origin = sources.first()?.origin.clone();
    (!flags.is_empty()).then_some((flags, origin))
}

fn flags(value: &ConfigValue) -> Vec<String> {
    let items = value.value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}
