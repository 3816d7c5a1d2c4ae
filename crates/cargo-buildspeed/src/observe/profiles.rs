//! Resolves each profile to the values that cargo uses: its defaults, the root manifest, `inherits`
//! and the configuration, each value with the place it comes from.
//!
//! cargo merges a profile's configuration over its table in the manifest first and inherits then,
//! so `profile.dev.debug` in the configuration reaches every profile that inherits `dev`.

use std::collections::{BTreeMap, BTreeSet};

use pitcrew_core::config::{EffectiveConfig, Origin};
use toml_edit::Document;

use crate::facts::{IgnoredProfile, Member, Profile, Profiles, Setting, SettingSource};

mod defaults;
mod layers;
mod spelling;

use layers::{Layers, Leaf};

type Settings = BTreeMap<String, Setting>;

/// The profiles in force in a workspace with this root manifest, and those written where cargo does
/// not look. Tolerates what cargo refuses (unknown parents, cycles, a broken manifest): such a
/// profile has what could be made out.
pub fn resolve(root_manifest: &str, members: &[Member], config: &EffectiveConfig) -> Profiles {
    let mut layers = Layers::default();
    if let Ok(manifest) = Document::parse(root_manifest) {
        layers.add_manifest(&manifest);
    }
    layers.add_config(config);
    let mut names: BTreeSet<String> = layers.by_profile.keys().cloned().collect();
    names.extend(defaults::BUILT_IN.map(str::to_owned));
    let mut by_name: BTreeMap<String, Profile> = names
        .into_iter()
        .map(|name| (name.clone(), resolve_one(&name, &layers)))
        .collect();
    if let Some(value) = config.get("build.incremental")
        && let Some(incremental) = value.value.as_bool()
    {
        set_incremental(&mut by_name, incremental, &value.origin);
    }
    Profiles {
        by_name,
        ignored: members.iter().flat_map(ignored).collect(),
    }
}

/// `CARGO_INCREMENTAL` and `build.incremental`, one key here, override every profile.
fn set_incremental(by_name: &mut BTreeMap<String, Profile>, value: bool, origin: &Origin) {
    for profile in by_name.values_mut() {
        let setting = Setting {
            value: value.to_string(),
            source: SettingSource::Config(origin.clone()),
        };
        profile
            .build_override
            .insert("incremental".into(), setting.clone());
        profile.settings.insert("incremental".into(), setting);
    }
}

fn resolve_one(name: &str, layers: &Layers) -> Profile {
    let chain = layers.chain(name);
    let mut profile = Profile {
        name: name.to_owned(),
        inherits: layers.parent(name),
        settings: defaults::of_root(chain.root),
        ..Profile::default()
    };
    let mut build_override = Settings::new();
    for layer in chain.layers {
        merge(&mut profile.settings, &layer.settings);
        merge(&mut build_override, &layer.build_override);
        for (spec, settings) in &layer.packages {
            merge(profile.packages.entry(spec.clone()).or_default(), settings);
        }
    }
    // cargo strips the standard library's debug information where nothing else has any (1.77).
    let strips = profile.value("debug") == "0" && !profile.is_set("strip");
    if strips && !has_package_with_debug(&profile) {
        profile
            .settings
            .insert("strip".into(), defaults::setting("debuginfo"));
    }
    profile.build_override = defaults::of_build_override(&profile.settings);
    merge(&mut profile.build_override, &build_override);
    profile
}

fn has_package_with_debug(profile: &Profile) -> bool {
    profile
        .packages
        .values()
        .any(|settings| settings.get("debug").is_some_and(|s| s.value != "0"))
}

fn merge(into: &mut Settings, from: &Settings) {
    into.extend(from.iter().map(|(key, value)| (key.clone(), value.clone())));
}

/// The profiles in a member's manifest, which cargo reads from the root's only.
fn ignored(member: &Member) -> Vec<IgnoredProfile> {
    if member.manifest_path == "Cargo.toml" {
        return Vec::new();
    }
    // Most manifests of a big workspace have none; parsing them would cost more than all the rest.
    if !member.manifest.contains("profile") {
        return Vec::new();
    }
    let Ok(manifest) = Document::parse(member.manifest.as_str()) else {
        return Vec::new();
    };
    layers::tables(&manifest)
        .into_iter()
        .map(|table| {
            let (line, column) = table.position;
            IgnoredProfile {
                manifest_path: member.manifest_path.clone(),
                line,
                column,
                settings: table.leaves.iter().map(Leaf::ignored).collect(),
                profile: table.name,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
