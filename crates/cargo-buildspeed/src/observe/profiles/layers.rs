//! Profiles as they are written, in the manifest and in the configuration, before cargo's defaults
//! and inheritance are applied.

use std::collections::BTreeMap;

use pitcrew_core::config::EffectiveConfig;
use serde_json::Value as Json;
use toml_edit::{Document, Item, Key, TableLike};

use super::Settings;
use super::defaults::{self, Root};
use super::spelling::canonical;
use crate::facts::{IgnoredSetting, Setting, SettingSource};

/// One `[profile.X]` table.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub inherits: Option<String>,
    pub settings: Settings,
    pub build_override: Settings,
    pub packages: BTreeMap<String, Settings>,
}

impl Layer {
    /// Sets the leaf at `path` below the profile; a path that is no setting is skipped.
    fn set(&mut self, path: &[String], value: &str, source: SettingSource) {
        let (settings, key) = match path {
            [key] if key == "inherits" => {
                self.inherits = Some(value.to_owned());
                return;
            }
            [key] => (&mut self.settings, key),
            [table, key] if table == "build-override" => (&mut self.build_override, key),
            [table, spec, key] if table == "package" => {
                (self.packages.entry(spec.clone()).or_default(), key)
            }
            _ => return,
        };
        let value = canonical(key, value);
        settings.insert(key.clone(), Setting { value, source });
    }
}

#[derive(Debug, Default)]
pub(super) struct Layers {
    pub by_profile: BTreeMap<String, Layer>,
}

/// A profile's ancestors and itself, the oldest first.
pub(super) struct Chain<'a> {
    pub root: Root,
    pub layers: Vec<&'a Layer>,
}

impl Layers {
    pub fn add_manifest<S: AsRef<str>>(&mut self, manifest: &Document<S>) {
        for table in tables(manifest) {
            let layer = self.by_profile.entry(table.name.clone()).or_default();
            for leaf in table.leaves {
                let (line, column) = leaf.position;
                let source = SettingSource::Manifest {
                    profile: table.name.clone(),
                    line,
                    column,
                };
                layer.set(&leaf.path, &leaf.value, source);
            }
        }
    }

    /// The configuration wins over the manifest, key by key.
    pub fn add_config(&mut self, config: &EffectiveConfig) {
        // The range of keys that start with `profile.`: `/` follows `.`.
        let keys = "profile.".to_owned().."profile/".to_owned();
        for (key, value) in config.values.range(keys) {
            let Ok(keys) = Key::parse(key) else { continue };
            let Some(text) = json_text(&value.value) else {
                continue;
            };
            let path: Vec<String> = keys[1..].iter().map(|k| k.get().to_owned()).collect();
            if let Some((profile, path)) = path.split_first() {
                self.by_profile.entry(profile.clone()).or_default().set(
                    path,
                    &text,
                    SettingSource::Config(value.origin.clone()),
                );
            }
        }
    }

    /// What `name` inherits from, as written or as cargo has it.
    pub fn parent(&self, name: &str) -> Option<String> {
        if matches!(name, "dev" | "release") {
            return None;
        }
        let written = self.by_profile.get(name).and_then(|l| l.inherits.clone());
        defaults::parent(name).map(str::to_owned).or(written)
    }

    /// Follows `inherits` up to `dev` or `release`. A profile without a parent, with an unknown one
    /// or with itself among its ancestors counts as a `dev` profile: cargo refuses it.
    pub fn chain(&self, name: &str) -> Chain<'_> {
        let mut layers = Vec::new();
        let mut seen = vec![name.to_owned()];
        let mut current = name.to_owned();
        let root = loop {
            layers.extend(self.by_profile.get(&current));
            match current.as_str() {
                "dev" => break Root::Dev,
                "release" => break Root::Release,
                _ => {}
            }
            match self.parent(&current) {
                Some(parent) if !seen.contains(&parent) => {
                    seen.push(parent.clone());
                    current = parent;
                }
                _ => break Root::Dev,
            }
        };
        layers.reverse();
        Chain { root, layers }
    }
}

/// A `[profile.X]` table in a manifest, its leaves in order.
pub(super) struct ProfileTable {
    pub name: String,
    pub position: (u32, u32),
    pub leaves: Vec<Leaf>,
}

pub(super) struct Leaf {
    /// The keys below the profile.
    pub path: Vec<String>,
    pub value: String,
    /// The value as TOML text.
    pub toml: String,
    pub position: (u32, u32),
}

impl Leaf {
    /// As a setting that cargo does not read.
    pub fn ignored(&self) -> IgnoredSetting {
        let keys: Vec<String> = self
            .path
            .iter()
            .map(|key| Key::new(key.as_str()).to_string())
            .collect();
        let leaf = self.path.last().map_or("", String::as_str);
        IgnoredSetting {
            key: keys.join("."),
            toml: self.toml.clone(),
            value: canonical(leaf, &self.value),
        }
    }
}

/// The profiles of a manifest, in the manifest's order.
pub(super) fn tables<S: AsRef<str>>(manifest: &Document<S>) -> Vec<ProfileTable> {
    let text = manifest.raw();
    let Some(profiles) = manifest.get("profile").and_then(Item::as_table_like) else {
        return Vec::new();
    };
    profiles
        .iter()
        .filter_map(|(name, item)| {
            let table = item.as_table_like()?;
            let mut leaves = Vec::new();
            collect(table, text, &mut Vec::new(), &mut leaves);
            let span = item
                .span()
                .or_else(|| profiles.key(name).and_then(Key::span));
            // A table that is only the parent of others has no place of its own.
            let first = leaves.first().map(|leaf| leaf.position);
            Some(ProfileTable {
                name: name.to_owned(),
                position: span
                    .map(|span| position(text, span.start))
                    .or(first)
                    .unwrap_or((1, 1)),
                leaves,
            })
        })
        .collect()
}

fn collect(table: &dyn TableLike, text: &str, path: &mut Vec<String>, leaves: &mut Vec<Leaf>) {
    for (key, item) in table.iter() {
        path.push(key.to_owned());
        if let Some(table) = item.as_table_like() {
            collect(table, text, path, leaves);
        } else if let Some(value) = item.as_value() {
            let span = table.key(key).and_then(Key::span).or_else(|| item.span());
            leaves.push(Leaf {
                path: path.clone(),
                value: plain(value),
                toml: value.clone().decorated("", "").to_string(),
                position: span.map_or((1, 1), |span| position(text, span.start)),
            });
        }
        path.pop();
    }
}

/// The value without quotes.
fn plain(value: &toml_edit::Value) -> String {
    match value {
        toml_edit::Value::String(text) => text.value().clone(),
        toml_edit::Value::Integer(number) => number.value().to_string(),
        toml_edit::Value::Boolean(flag) => flag.value().to_string(),
        other => other.clone().decorated("", "").to_string(),
    }
}

fn json_text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Bool(_) | Json::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Line and column, from 1, in characters.
fn position(text: &str, offset: usize) -> (u32, u32) {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before[start..].chars().count() + 1;
    let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    (narrow(line), narrow(column))
}
