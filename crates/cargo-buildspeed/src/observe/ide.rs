//! What IDEs of this project are told about cargo. An IDE that builds in the same target directory
//! with other flags makes the shell's build and its own undo each other's work.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::regular_file;
use serde_json::Value;

use crate::facts::{IdeSetting, Variable};

const RUST_ANALYZER: &str = "rust-analyzer";

/// A file with rust-analyzer's settings, and where in it they are.
struct Place {
    path: &'static str,
    toml: bool,
    /// What stands before a setting's own name.
    prefix: &'static str,
    /// The environment that the editor starts rust-analyzer in, and cargo inherits.
    environment: &'static str,
}

const PLACES: [Place; 5] = [
    Place {
        path: ".vscode/settings.json",
        toml: false,
        prefix: "rust-analyzer.",
        environment: "rust-analyzer.server.extraEnv.",
    },
    Place {
        path: ".vim/coc-settings.json",
        toml: false,
        prefix: "rust-analyzer.",
        environment: "rust-analyzer.server.extraEnv.",
    },
    Place {
        path: ".zed/settings.json",
        toml: false,
        prefix: "lsp.rust-analyzer.initialization_options.",
        environment: "lsp.rust-analyzer.binary.env.",
    },
    Place {
        path: ".helix/languages.toml",
        toml: true,
        prefix: "language-server.rust-analyzer.config.",
        environment: "language-server.rust-analyzer.environment.",
    },
    Place {
        path: "rust-analyzer.toml",
        toml: true,
        prefix: "",
        environment: "server.extraEnv.",
    },
];

/// The settings found in the tree at `root`, judged against the environment of this shell.
pub fn observe(root: &Utf8Path, env: &BTreeMap<String, String>) -> Vec<IdeSetting> {
    let mut found: Vec<IdeSetting> = PLACES
        .iter()
        .filter_map(|place| {
            let text = regular_file::read_to_string(root.join(place.path)).ok()?;
            rust_analyzer(place, &text, env)
        })
        .collect();
    // The editor's settings and the project's `rust-analyzer.toml` are read together.
    let project_has_own = found
        .iter()
        .any(|setting| setting.path == "rust-analyzer.toml" && setting.own_target_dir);
    for setting in &mut found {
        setting.own_target_dir |= project_has_own;
    }
    found.extend(run_configurations(root, env));
    found
}

/// None where the file says nothing about rust-analyzer, or cannot be parsed.
fn rust_analyzer(place: &Place, text: &str, env: &BTreeMap<String, String>) -> Option<IdeSetting> {
    let value: Value = if place.toml {
        toml_edit::de::from_str(text).ok()?
    } else {
        jsonc_parser::parse_to_serde_value(text, &jsonc_parser::ParseOptions::default()).ok()?
    };
    let mut leaves = BTreeMap::new();
    flatten(&value, String::new(), &mut leaves);
    let settings = Settings {
        own: leaves
            .iter()
            .filter_map(|(key, value)| Some((key.strip_prefix(place.prefix)?, *value)))
            .collect(),
        environment: leaves
            .iter()
            .filter_map(|(key, value)| Some((key.strip_prefix(place.environment)?, *value)))
            .collect(),
    };
    if settings.own.is_empty() && settings.environment.is_empty() {
        return None;
    }
    Some(IdeSetting {
        path: place.path.into(),
        ide: RUST_ANALYZER.to_owned(),
        own_target_dir: settings.own_target_dir(),
        differing: settings.differing(env),
    })
}

/// Objects are written out or with dots in their keys: both become one dotted key per leaf.
fn flatten<'a>(value: &'a Value, key: String, leaves: &mut BTreeMap<String, &'a Value>) {
    if let Value::Object(object) = value {
        for (name, value) in object {
            let key = if key.is_empty() {
                name.clone()
            } else {
                format!("{key}.{name}")
            };
            flatten(value, key, leaves);
        }
    } else {
        leaves.insert(key, value);
    }
}

/// rust-analyzer's settings by their own names: `cargo.targetDir`.
struct Settings<'a> {
    own: BTreeMap<&'a str, &'a Value>,
    environment: BTreeMap<&'a str, &'a Value>,
}

impl Settings<'_> {
    fn own_target_dir(&self) -> bool {
        // The second name is what releases before 2024 called it.
        let named = ["cargo.targetDir", "rust.analyzerTargetDir"]
            .iter()
            .filter_map(|key| self.own.get(key))
            .any(|value| value.is_string() || value.as_bool() == Some(true));
        let in_env = self.env().any(|(name, _)| is_target_dir(name));
        let in_args = self.args().any(|arg| arg.starts_with("--target-dir"));
        named || in_env || in_args
    }

    /// `NAME` and value of every variable that cargo is given.
    fn env(&self) -> impl Iterator<Item = (&str, String)> {
        let own = self.own.iter().filter_map(|(key, value)| {
            let name = ["cargo.extraEnv.", "check.extraEnv."]
                .iter()
                .find_map(|prefix| key.strip_prefix(prefix))?;
            Some((name, *value))
        });
        let inherited = self.environment.iter().map(|(name, value)| (*name, *value));
        own.chain(inherited)
            .map(|(name, value)| (name, plain(value)))
    }

    fn args(&self) -> impl Iterator<Item = &str> {
        [
            "cargo.extraArgs",
            "check.extraArgs",
            "check.overrideCommand",
        ]
        .iter()
        .filter_map(|key| self.own.get(key)?.as_array())
        .flatten()
        .filter_map(Value::as_str)
    }

    /// Features, targets and profiles are not looked at: cargo keeps what they make apart, and
    /// nobody compiles again for them.
    fn differing(&self, env: &BTreeMap<String, String>) -> Vec<Variable> {
        let mut differing: Vec<Variable> = self
            .env()
            .filter(|(name, value)| differs(name, value, env))
            .map(|(name, value)| Variable {
                name: name.to_owned(),
                value,
            })
            .collect();
        differing.sort();
        differing.dedup();
        differing
    }
}

/// Whether a variable may change what cargo builds, and is not the same in the shell.
fn differs(name: &str, value: &str, env: &BTreeMap<String, String>) -> bool {
    let changes_nothing = [
        "CARGO_BUILD_JOBS",
        "RA_LOG",
        "RUST_BACKTRACE",
        "RUST_LIB_BACKTRACE",
        "RUST_LOG",
        "RUSTC_WRAPPER",
    ];
    let families = ["CARGO_HTTP_", "CARGO_NET_", "CARGO_TERM_", "SCCACHE_"];
    !is_target_dir(name)
        && !changes_nothing.contains(&name)
        && !families.iter().any(|family| name.starts_with(family))
        && env.get(name).map(String::as_str) != Some(value)
}

fn is_target_dir(name: &str) -> bool {
    matches!(
        name,
        "CARGO_TARGET_DIR" | "CARGO_BUILD_TARGET_DIR" | "CARGO_BUILD_BUILD_DIR"
    )
}

/// The value as a shell would have it.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// RustRover's shared run configurations: cargo commands with an environment of their own.
fn run_configurations(root: &Utf8Path, env: &BTreeMap<String, String>) -> Vec<IdeSetting> {
    let dir = Utf8Path::new(".idea/runConfigurations");
    let Ok(entries) = root.join(dir).read_dir_utf8() else {
        return Vec::new();
    };
    let mut paths: Vec<Utf8PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension() == Some("xml"))
        .map(|entry| dir.join(entry.file_name()))
        .collect();
    paths.sort();
    paths
        .into_iter()
        .filter_map(|path| {
            let text = regular_file::read_to_string(root.join(&path)).ok()?;
            run_configuration(path, &text, env)
        })
        .collect()
}

fn run_configuration(
    path: Utf8PathBuf,
    text: &str,
    env: &BTreeMap<String, String>,
) -> Option<IdeSetting> {
    if !text.contains("CargoCommandRunConfiguration") {
        return None;
    }
    let variables: Vec<(String, String)> = text
        .split("<env ")
        .skip(1)
        .filter_map(|element| {
            let element = element.split('>').next()?;
            Some((attribute(element, "name")?, attribute(element, "value")?))
        })
        .collect();
    // A command of its own may need variables of its own; only cargo's and rustc's are looked at.
    let of_cargo = |name: &str| name.starts_with("CARGO") || name.starts_with("RUST");
    let differing: Vec<Variable> = variables
        .iter()
        .filter(|(name, value)| of_cargo(name) && differs(name, value, env))
        .map(|(name, value)| Variable {
            name: name.clone(),
            value: value.clone(),
        })
        .collect();
    Some(IdeSetting {
        path,
        ide: "RustRover".to_owned(),
        own_target_dir: variables.iter().any(|(name, _)| is_target_dir(name))
            || text.contains("--target-dir"),
        differing,
    })
}

/// The value of an XML attribute.
fn attribute(element: &str, name: &str) -> Option<String> {
    let start = element.find(&format!("{name}=\""))? + name.len() + 2;
    let value = element[start..].split('"').next()?;
    let unescaped = [
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(value.to_owned(), |text, (from, to)| text.replace(from, to));
    Some(unescaped)
}

#[cfg(test)]
mod tests;
