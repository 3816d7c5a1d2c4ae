//! Cargo's effective configuration with the origin of each value: every `.cargo/config.toml` from the
//! current directory upwards and in cargo's home, their `include`s, the environment, `--config`.
//!
//! cargo's own `cargo config get` is unstable and does not tell lines, so this follows cargo's rules
//! by itself; a differential test holds it to what cargo answers.

use std::collections::BTreeMap;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

mod cli;
mod env;
mod files;
mod rustflags;
mod tree;

pub use rustflags::{
    FlagSource, Rustflags, TargetCfg, configured_rustflags, effective_rustflags,
    rustflags_from_env, target_values,
};

/// The merged configuration. Keys are joined with dots, as cargo prints them; a component that is
/// not a bare TOML key is quoted: `profile.dev.package."*".debug`, see [`key`].
///
/// Tokens and secret keys of registries are left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EffectiveConfig {
    /// What wins, by key, leaves only: `build.rustc-wrapper`, `profile.dev.debug`.
    pub values: BTreeMap<String, ConfigValue>,
    /// The files that were read, strongest first.
    pub files: Vec<Utf8PathBuf>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ConfigValue {
    /// Scalars, or arrays already joined as cargo joins them. Flags that may be written as one
    /// string (`build.rustflags`) are always an array.
    pub value: Value,
    pub origin: Origin,
    /// Flags that stand as one string: cargo joins them with no array of another file, and refuses
    /// to load both.
    pub one_string: bool,
}

/// Where a value was set; for a joined array, its strongest part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A configuration file, named by `--config` or found; the place is the key's.
    File {
        path: Utf8PathBuf,
        line: u32,
        column: u32,
    },
    Env {
        name: String,
    },
    /// `--config KEY=VALUE`.
    Cli,
}

/// Reads the configuration that cargo would use when it is run in `start_dir` with the environment
/// `env` and these `--config` arguments. Where `cargo_home` is none, `env` tells it.
///
/// The strongest first: `--config`, the environment, the files from `start_dir` upwards, cargo's
/// home. The few variables that cargo reads before any configuration (`CARGO_TARGET_DIR`, `RUSTC`,
/// `RUSTC_WRAPPER`, `RUSTC_WORKSPACE_WRAPPER`, `RUSTDOC`, `CARGO_INCREMENTAL`) beat even `--config`.
pub fn load(
    start_dir: &Utf8Path,
    cargo_home: Option<&Utf8Path>,
    env: &BTreeMap<String, String>,
    cli: &[String],
) -> Result<EffectiveConfig> {
    let cargo_home = cargo_home
        .map(Utf8Path::to_owned)
        .or_else(|| env::cargo_home(start_dir, env));
    let (mut root, mut files) = files::load(start_dir, cargo_home.as_deref())?;
    let from_cli = cli::load(start_dir, cli)?;
    root.merge(from_cli.root, tree::Equals::Replace)?;
    files.splice(0..0, from_cli.files);
    env::apply(&mut root, env);
    Ok(EffectiveConfig {
        values: root.into_leaves(),
        files,
    })
}

impl EffectiveConfig {
    pub fn get(&self, key: &str) -> Option<&ConfigValue> {
        self.values.get(key)
    }

    /// The value of `key` where it is a string.
    pub fn str(&self, key: &str) -> Option<&str> {
        self.get(key)?.value.as_str()
    }

    /// The value of `key` where it is true or false.
    pub fn bool(&self, key: &str) -> Option<bool> {
        self.get(key)?.value.as_bool()
    }

    /// The path that `key` holds, as cargo reads it: relative to the directory above `.cargo`, or
    /// to `cwd` where the environment or the command line says it.
    pub fn path(&self, key: &str, cwd: &Utf8Path) -> Option<Utf8PathBuf> {
        let value = self.get(key)?;
        let base = value.origin.base(cwd);
        Some(base.join(value.value.as_str()?))
    }

    /// The program that `key` holds: a bare name is looked for on PATH, anything with a separator
    /// is a [path](Self::path). An empty value, with which users switch a wrapper off, is none.
    pub fn program(&self, key: &str, cwd: &Utf8Path) -> Option<Utf8PathBuf> {
        let text = self.str(key).filter(|text| !text.is_empty())?;
        if text.contains(['/', '\\']) {
            self.path(key, cwd)
        } else {
            Some(text.into())
        }
    }

    /// The values below `prefix`, each with the rest of its key split into components.
    pub fn below(&self, prefix: &[&str]) -> impl Iterator<Item = (Vec<String>, &ConfigValue)> {
        self.values.iter().filter_map(move |(key, value)| {
            let mut parts = split_key(key);
            let inside =
                parts.len() > prefix.len() && parts.iter().zip(prefix).all(|(a, b)| a == b);
            inside.then(|| (parts.split_off(prefix.len()), value))
        })
    }
}

impl Origin {
    fn base<'a>(&'a self, cwd: &'a Utf8Path) -> &'a Utf8Path {
        match self {
            Self::File { path, .. } => path.parent().and_then(Utf8Path::parent).unwrap_or(cwd),
            Self::Env { .. } | Self::Cli => cwd,
        }
    }
}

/// Joins components to a key of [`EffectiveConfig::values`], quoting where TOML must.
pub fn key(parts: &[impl AsRef<str>]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| {
            toml_edit::Key::new(part.as_ref())
                .display_repr()
                .into_owned()
        })
        .collect();
    parts.join(".")
}

/// The components of a key of [`EffectiveConfig::values`].
pub fn split_key(key: &str) -> Vec<String> {
    match toml_edit::Key::parse(key) {
        Ok(parts) => parts.iter().map(|part| part.get().to_owned()).collect(),
        Err(_) => vec![key.to_owned()],
    }
}

#[cfg(test)]
mod against_cargo;
#[cfg(test)]
mod tests;
