//! Cargo's effective configuration with the origin of each value: every `.cargo/config.toml` from the
//! current directory upwards and in cargo's home, their `include`s, the environment, `--config`.

use std::collections::BTreeMap;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

/// The merged configuration. Keys are joined with dots, as cargo prints them; a component that
/// itself holds a dot is quoted, as in TOML.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EffectiveConfig {
    /// What wins, by key, leaves only: `build.rustc-wrapper`, `profile.dev.debug`.
    pub values: BTreeMap<String, ConfigValue>,
    /// The files that were read, strongest first.
    pub files: Vec<Utf8PathBuf>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ConfigValue {
    /// Scalars, or arrays already joined as cargo joins them.
    pub value: Value,
    pub origin: Origin,
}

/// Where a value was set; for a joined array, its strongest part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    File {
        path: Utf8PathBuf,
        line: u32,
        column: u32,
    },
    Env {
        name: String,
    },
    Cli,
}

/// Reads the configuration that cargo would use when it is run in `start_dir` with the environment
/// `env` and these `--config` arguments. Where `cargo_home` is none, `env` tells it.
pub fn load(
    start_dir: &Utf8Path,
    cargo_home: Option<&Utf8Path>,
    env: &BTreeMap<String, String>,
    cli: &[String],
) -> Result<EffectiveConfig> {
    let _ = (start_dir, cargo_home, env, cli);
    Ok(EffectiveConfig::default())
}

/// The flags that cargo passes to rustc for `host_triple` where no `--target` is given, and where
/// they come from. `cfg` holds the lines of `rustc --print cfg`.
pub fn effective_rustflags(
    config: &EffectiveConfig,
    host_triple: &str,
    cfg: &[String],
    env: &BTreeMap<String, String>,
) -> (Vec<String>, Option<Origin>) {
    let _ = (config, host_triple, cfg, env);
    (Vec::new(), None)
}

impl EffectiveConfig {
    pub fn get(&self, key: &str) -> Option<&ConfigValue> {
        self.values.get(key)
    }

    /// The value of `key` where it is a string.
    pub fn str(&self, key: &str) -> Option<&str> {
        self.get(key)?.value.as_str()
    }
}
