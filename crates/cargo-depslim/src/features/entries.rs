//! Where manifests say which features of a dependency they want: in a member's tables, and at the
//! workspace for those that inherit.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::DependencyKind;
use cargo_metadata::cargo_platform::Platform;
use pitcrew_core::manifest;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::graph::Graph;
use super::resolve::{Overrides, Wanted};

/// One place that asks for features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The manifest's file.
    pub manifest: Utf8PathBuf,
    /// The keys that lead to it: `["dev-dependencies", "tokio"]`.
    pub key: Vec<String>,
    /// Index of the package that it is about.
    pub package: usize,
    /// What it asks for by itself.
    pub wanted: Wanted,
    /// It says `workspace = true`, and so adds to what the workspace asks.
    pub inherits: bool,
    pub optional: bool,
    /// The dependencies that it stands for: a package, and an index among its dependencies.
    pub users: Vec<(usize, usize)>,
}

impl Entry {
    /// The dependency's name in the manifest.
    pub fn name(&self) -> &str {
        self.key.last().map_or("", String::as_str)
    }

    pub fn is_of_workspace(&self) -> bool {
        self.key.first().is_some_and(|first| first == "workspace")
    }
}

/// The text of a manifest.
pub type Texts = BTreeMap<Utf8PathBuf, String>;

const TABLES: &[(&str, DependencyKind)] = &[
    ("dependencies", DependencyKind::Normal),
    ("dev-dependencies", DependencyKind::Development),
    ("dev_dependencies", DependencyKind::Development),
    ("build-dependencies", DependencyKind::Build),
    ("build_dependencies", DependencyKind::Build),
];

/// All entries of the workspace whose root manifest is `root`.
pub fn read(graph: &Graph, root: &Utf8Path, texts: &Texts) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let of_workspace = |name: &str| {
        let text = texts.get(root)?;
        manifest::lookup(text, &["workspace", "dependencies", name])
    };
    for member in &graph.members {
        let path = graph.packages[*member].folder.join("Cargo.toml");
        let Some(text) = texts.get(&path) else {
            continue;
        };
        for (key, kind, target, value) in tables(text) {
            let Some(at) = index_of(graph, *member, &key, kind, target.as_ref()) else {
                continue;
            };
            let Some(package) = graph.packages[*member].dependencies[at].package else {
                continue;
            };
            let user = (*member, at);
            let inherits = flag(&value, "workspace").unwrap_or(false);
            let optional = flag(&value, "optional").unwrap_or(false);
            let mut wanted = wanted(&value);
            if inherits {
                let name = key.last().cloned().unwrap_or_default();
                let whole = of_workspace(&name).unwrap_or(Json::Null);
                let shared = ["workspace", "dependencies", name.as_str()];
                push(
                    &mut entries,
                    Entry {
                        manifest: root.to_owned(),
                        key: shared.map(str::to_owned).to_vec(),
                        package,
                        wanted: self::wanted(&whole),
                        inherits: false,
                        optional: false,
                        users: vec![user],
                    },
                );
                // What inherits has the workspace's default features, and may only turn them on.
                wanted.default_features = flag(&value, "default-features").unwrap_or(false);
                if wanted == Wanted::default() {
                    continue;
                }
            }
            push(
                &mut entries,
                Entry {
                    manifest: path.clone(),
                    key,
                    package,
                    wanted,
                    inherits,
                    optional,
                    users: vec![user],
                },
            );
        }
    }
    entries
}

/// Adds an entry, or a user to the one that is there.
fn push(entries: &mut Vec<Entry>, entry: Entry) {
    let same = entries.iter_mut().find(|have| {
        have.manifest == entry.manifest && have.key == entry.key && have.package == entry.package
    });
    match same {
        Some(have) => have.users.extend(entry.users),
        None => entries.push(entry),
    }
}

type Found = (Vec<String>, DependencyKind, Option<String>, Json);

/// The dependencies of a manifest, with their tables.
fn tables(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for (table, kind) in TABLES {
        let value = manifest::lookup(text, &[table]);
        for (name, value) in value.iter().filter_map(Json::as_object).flatten() {
            let key = vec![(*table).to_owned(), name.clone()];
            found.push((key, *kind, None, value.clone()));
        }
    }
    let targets = manifest::lookup(text, &["target"]);
    for (target, tables) in targets.iter().filter_map(Json::as_object).flatten() {
        for (table, kind) in TABLES {
            let value = tables.get(table).and_then(Json::as_object);
            for (name, value) in value.into_iter().flatten() {
                let key = ["target", target, table, name].map(str::to_owned);
                found.push((key.to_vec(), *kind, Some(target.clone()), value.clone()));
            }
        }
    }
    found
}

fn index_of(
    graph: &Graph,
    member: usize,
    key: &[String],
    kind: DependencyKind,
    target: Option<&String>,
) -> Option<usize> {
    let name = key.last()?;
    let target = target.map(|target| Platform::from_str(target).ok());
    let dependencies = &graph.packages[member].dependencies;
    dependencies.iter().position(|dependency| {
        dependency.key == *name
            && dependency.kind == kind
            && match &target {
                None => dependency.target.is_none(),
                Some(target) => dependency.target == *target,
            }
    })
}

fn flag(value: &Json, name: &str) -> Option<bool> {
    value.get(name)?.as_bool()
}

fn wanted(value: &Json) -> Wanted {
    let features = value.get("features").and_then(Json::as_array);
    let features = features.into_iter().flatten().filter_map(Json::as_str);
    Wanted {
        features: features.map(str::to_owned).collect(),
        default_features: flag(value, "default-features")
            .or_else(|| flag(value, "default_features"))
            .unwrap_or(true),
    }
}

/// What the manifests ask for when each entry asks for what `of` gives for it.
pub fn overrides(entries: &[Entry], of: &dyn Fn(usize, &Entry) -> Wanted) -> Overrides {
    let mut overrides = Overrides::new();
    for (at, entry) in entries.iter().enumerate() {
        let wanted = of(at, entry);
        for user in &entry.users {
            let whole = overrides.entry(*user).or_default();
            for feature in &wanted.features {
                if !whole.features.contains(feature) {
                    whole.features.push(feature.clone());
                }
            }
            whole.default_features |= wanted.default_features;
        }
    }
    overrides
}
