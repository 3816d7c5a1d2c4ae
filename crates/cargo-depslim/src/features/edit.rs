//! Writes a wish for features into a manifest: only what changes is touched.

use pitcrew_core::manifest::{self, ManifestError, TomlChange};
use serde_json::Value as Json;

use super::entries::Entry;
use super::resolve::Wanted;

/// The manifest's text with the entry asking for `wanted`.
pub fn apply(text: &str, entry: &Entry, wanted: &Wanted) -> Result<String, ManifestError> {
    manifest::change(text, &changes(text, entry, wanted))
}

/// What makes the entry, as it stands in `text`, ask for `wanted`.
pub fn changes(text: &str, entry: &Entry, wanted: &Wanted) -> Vec<TomlChange> {
    let path: Vec<&str> = entry.key.iter().map(String::as_str).collect();
    let Some(value) = manifest::lookup(text, &path) else {
        return Vec::new();
    };
    let drops_default = entry.wanted.default_features && !wanted.default_features;
    if let Json::String(version) = &value {
        if !drops_default && wanted.features.is_empty() {
            return Vec::new();
        }
        let mut table = format!("{{ version = {}", quoted(version));
        if drops_default {
            table.push_str(", default-features = false");
        }
        if !wanted.features.is_empty() {
            table.push_str(", features = ");
            table.push_str(&array(&wanted.features));
        }
        table.push_str(" }");
        return vec![set(&entry.key, table)];
    }
    // `x = { version = "1" }` is `x = "1"`, where the features were all that made it a table.
    if !drops_default
        && wanted.features.is_empty()
        && let Some(version) = version_alone(&value)
        && matches!(&manifest::written(text, &path)[..], [(below, _)] if below.is_empty())
    {
        return vec![set(&entry.key, quoted(version))];
    }
    let mut changes = Vec::new();
    if drops_default {
        let old_name = value.get("default_features").is_some();
        let name = if old_name {
            "default_features"
        } else {
            "default-features"
        };
        changes.push(set(&below(entry, name), "false".to_owned()));
    }
    if wanted.features != entry.wanted.features {
        let key = below(entry, "features");
        if wanted.features.is_empty() {
            changes.push(TomlChange {
                key,
                value: None,
                append: false,
            });
        } else {
            changes.push(set(&key, array(&wanted.features)));
        }
    }
    changes
}

/// The version of an entry that says nothing else but its features.
fn version_alone(value: &Json) -> Option<&str> {
    let table = value.as_object()?;
    let mut others = table.keys().filter(|key| *key != "features");
    let only = others.next().is_some_and(|key| key == "version") && others.next().is_none();
    table.get("version").filter(|_| only)?.as_str()
}

fn below(entry: &Entry, name: &str) -> Vec<String> {
    let mut key = entry.key.clone();
    key.push(name.to_owned());
    key
}

fn set(key: &[String], value: String) -> TomlChange {
    TomlChange {
        key: key.to_vec(),
        value: Some(value),
        append: false,
    }
}

fn array(features: &[String]) -> String {
    let quoted: Vec<String> = features.iter().map(|feature| quoted(feature)).collect();
    format!("[{}]", quoted.join(", "))
}

/// Versions and features hold nothing that TOML would have escaped but what is escaped here.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn becomes(text: &str, key: &[&str], features: &[&str], default: bool, expected: &str) {
        let value = manifest::lookup(text, key).unwrap();
        let have = value.get("features").and_then(Json::as_array);
        let have = have.into_iter().flatten().filter_map(Json::as_str);
        let off = value.get("default-features") == Some(&Json::Bool(false));
        let entry = Entry {
            manifest: "Cargo.toml".into(),
            key: key.iter().map(|part| (*part).to_owned()).collect(),
            package: 0,
            wanted: Wanted {
                features: have.map(str::to_owned).collect(),
                default_features: !off,
            },
            inherits: false,
            optional: false,
            users: Vec::new(),
        };
        let wanted = Wanted {
            features: features.iter().map(|f| (*f).to_owned()).collect(),
            default_features: default,
        };
        assert_eq!(apply(text, &entry, &wanted).unwrap(), expected);
    }

    const X: &[&str] = &["dependencies", "x"];

    #[test]
    fn features_change_in_every_way_to_write_them() {
        becomes(
            "[dependencies]\nx = { version = \"1\", features = [\"full\"] } # why\n",
            X,
            &["a", "b"],
            true,
            "[dependencies]\nx = { version = \"1\", features = [\"a\", \"b\"] } # why\n",
        );
        becomes(
            "[dependencies.x]\nversion = \"1\"\nfeatures = [\n    \"a\", # one\n    \"b\",\n]\n",
            X,
            &["b"],
            false,
            "[dependencies.x]\nversion = \"1\"\nfeatures = [\n    # one\n    \"b\",\n]\ndefault-features = false\n",
        );
        becomes(
            "dependencies.x.features = [\"a\", \"b\"]\ndependencies.x.version = \"1\"\n",
            X,
            &["a"],
            true,
            "dependencies.x.features = [\"a\"]\ndependencies.x.version = \"1\"\n",
        );
    }

    #[test]
    fn a_version_grows_to_a_table_and_a_table_shrinks_to_a_version() {
        becomes(
            "[dependencies]\nx = \"1.2\"\n",
            X,
            &["a"],
            false,
            "[dependencies]\nx = { version = \"1.2\", default-features = false, features = [\"a\"] }\n",
        );
        becomes(
            "[dependencies]\nx = { version = \"1\", features = [\"a\"] }\n",
            X,
            &[],
            true,
            "[dependencies]\nx = \"1\"\n",
        );
        becomes(
            "[dependencies]\nx = { workspace = true, features = [\"a\"] }\n",
            X,
            &[],
            true,
            "[dependencies]\nx = { workspace = true }\n",
        );
        becomes(
            "[dependencies.x]\nversion = \"1\"\nfeatures = [\"a\"]\n",
            X,
            &[],
            true,
            "[dependencies.x]\nversion = \"1\"\n",
        );
    }
}
