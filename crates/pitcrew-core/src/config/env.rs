//! The environment's part of the configuration.
//!
//! A variable's name does not tell its key: `_` stands for `.`, `-` and `_`, and for small letters
//! there are capital ones. So each key that cargo is known to read, or that a file sets, is turned
//! into its variable's name and looked up.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::Origin;
use super::tree::{Item, Node, Rank, Table, is_flags, is_joined};

/// `$CARGO_HOME`, else `.cargo` in the user's home.
pub(super) fn cargo_home(cwd: &Utf8Path, env: &BTreeMap<String, String>) -> Option<Utf8PathBuf> {
    let set = |name: &str| env.get(name).filter(|value| !value.is_empty());
    if let Some(home) = set("CARGO_HOME") {
        return Some(cwd.join(home));
    }
    let home = set("HOME").or_else(|| set("USERPROFILE"))?;
    Some(Utf8Path::new(home).join(".cargo"))
}

const KEYS: &[&str] = &[
    "build.artifact-dir",
    "build.build-dir",
    "build.dep-info-basedir",
    "build.incremental",
    "build.jobs",
    "build.pipelining",
    "build.rustc",
    "build.rustc-workspace-wrapper",
    "build.rustc-wrapper",
    "build.rustdoc",
    "build.rustdocflags",
    "build.rustflags",
    "build.sbom",
    "build.target",
    "build.target-dir",
    "build.warnings",
    "cache.auto-clean-frequency",
    "cargo-new.vcs",
    "doc.browser",
    "future-incompat-report.frequency",
    "http.cainfo",
    "http.check-revoke",
    "http.debug",
    "http.low-speed-limit",
    "http.multiplexing",
    "http.proxy",
    "http.proxy-cainfo",
    "http.ssl-version",
    "http.ssl-version.max",
    "http.ssl-version.min",
    "http.timeout",
    "http.user-agent",
    "install.root",
    "net.git-fetch-with-cli",
    "net.offline",
    "net.retry",
    "registry.credential-provider",
    "registry.default",
    "registry.global-credential-providers",
    "resolver.feature-unification",
    "resolver.incompatible-rust-versions",
    "resolver.lockfile-path",
    "term.color",
    "term.hyperlinks",
    "term.progress.term-integration",
    "term.progress.when",
    "term.progress.width",
    "term.quiet",
    "term.unicode",
    "term.verbose",
];

/// The settings of a profile. A name that ends with another one comes first.
const PROFILE_SETTINGS: &[&str] = &[
    "codegen-backend",
    "codegen-units",
    "debug-assertions",
    "dir-name",
    "hint-mostly-unused",
    "incremental",
    "inherits",
    "lto",
    "opt-level",
    "overflow-checks",
    "panic",
    "rpath",
    "rustflags",
    "split-debuginfo",
    "debug",
    "strip",
    "trim-paths",
];

const TARGET_SETTINGS: &[&str] = &["linker", "runner", "rustdocflags", "rustflags"];

/// What cargo reads before it asks the configuration, so that it beats everything.
const FIRST: &[(&str, &str)] = &[
    ("CARGO_TARGET_DIR", "build.target-dir"),
    ("RUSTC", "build.rustc"),
    ("RUSTC_WRAPPER", "build.rustc-wrapper"),
    ("RUSTC_WORKSPACE_WRAPPER", "build.rustc-workspace-wrapper"),
    ("RUSTDOC", "build.rustdoc"),
    ("CARGO_INCREMENTAL", "build.incremental"),
];

/// Merges the environment into files and `--config` arguments.
pub(super) fn apply(root: &mut Table, env: &BTreeMap<String, String>) {
    for path in candidates(root, env) {
        let name = variable(&path);
        if let Some(text) = env.get(&name) {
            merge(root, &path, &name, text);
        }
    }
    for (name, key) in FIRST {
        let Some(text) = env.get(*name) else {
            continue;
        };
        let value = match *name {
            "CARGO_INCREMENTAL" => Value::Bool(text == "1"),
            _ => Value::String(text.clone()),
        };
        root.set(&parts(key), Node::Scalar(item(value, name)));
    }
}

fn parts(key: &str) -> Vec<String> {
    key.split('.').map(str::to_owned).collect()
}

fn candidates(root: &Table, env: &BTreeMap<String, String>) -> BTreeSet<Vec<String>> {
    let mut paths: BTreeSet<_> = KEYS.iter().map(|key| parts(key)).collect();
    // `[env]` has names of its own, not settings.
    paths.extend(
        root.leaf_paths()
            .into_iter()
            .filter(|path| path[0] != "env"),
    );
    let profiles = children(root, "profile");
    for (profile, table) in &profiles {
        for package in table
            .map(|table| children(table, "package"))
            .iter()
            .flatten()
        {
            let below = ["profile", profile, "package", package.0];
            paths.extend(PROFILE_SETTINGS.iter().map(|s| with(&below, s)));
        }
    }
    for name in env.keys() {
        if let Some(rest) = name.strip_prefix("CARGO_PROFILE_") {
            paths.extend(profile_key(rest, &profiles));
        } else if let Some(rest) = name.strip_prefix("CARGO_TARGET_") {
            paths.extend(target_key(rest, root));
        }
    }
    paths
}

fn with(below: &[&str], last: &str) -> Vec<String> {
    let all = below.iter().chain([&last]);
    all.map(|&part| part.to_owned()).collect()
}

/// The entries of the table `name`, each with its own table where it is one.
fn children<'a>(table: &'a Table, name: &str) -> Vec<(&'a str, Option<&'a Table>)> {
    let Some(Node::Table(table)) = table.0.get(name) else {
        return Vec::new();
    };
    let entry = |(name, node): (&'a String, &'a Node)| match node {
        Node::Table(table) => (name.as_str(), Some(table)),
        Node::List(_) | Node::Scalar(_) => (name.as_str(), None),
    };
    table.0.iter().map(entry).collect()
}

/// `DEV_BUILD_OVERRIDE_OPT_LEVEL` is `profile.dev.build-override.opt-level`.
///
/// A profile that no file of the configuration names is taken to be written with dashes.
fn profile_key(rest: &str, profiles: &[(&str, Option<&Table>)]) -> Option<Vec<String>> {
    let (profile, setting) = PROFILE_SETTINGS.iter().find_map(|setting| {
        let profile = rest.strip_suffix(&shout(setting))?.strip_suffix('_')?;
        Some((profile, *setting))
    })?;
    let (profile, build_override) = match profile.strip_suffix("_BUILD_OVERRIDE") {
        Some(profile) => (profile, true),
        None => (profile, false),
    };
    if profile.is_empty() || shout(profile) != profile {
        return None;
    }
    let known = profiles.iter().map(|(name, _)| *name);
    let name = known
        .into_iter()
        .find(|name| shout(name) == profile)
        .map_or_else(|| profile.to_lowercase().replace('_', "-"), str::to_owned);
    Some(if build_override {
        with(&["profile", &name, "build-override"], setting)
    } else {
        with(&["profile", &name], setting)
    })
}

/// `X86_64_UNKNOWN_LINUX_GNU_LINKER` is `target.x86_64-unknown-linux-gnu.linker`.
fn target_key(rest: &str, root: &Table) -> Option<Vec<String>> {
    let (triple, setting) = TARGET_SETTINGS.iter().find_map(|setting| {
        let triple = rest.strip_suffix(&shout(setting))?.strip_suffix('_')?;
        Some((triple, *setting))
    })?;
    let known = children(root, "target").into_iter().map(|(name, _)| name);
    let name = known
        .into_iter()
        .find(|name| shout(name) == triple)
        .map_or_else(|| triple_of(triple), str::to_owned);
    Some(with(&["target", &name], setting))
}

/// The few places where a target's name holds an underscore.
const UNDERSCORED: &[&str] = &[
    "x86_64",
    "aarch64_be",
    "arm64_32",
    "gnu_ilp32",
    "solid_asp3",
    "_iosock",
];

fn triple_of(shouted: &str) -> String {
    let dashed = shouted.to_lowercase().replace('_', "-");
    UNDERSCORED.iter().fold(dashed, |name, part| {
        name.replace(&part.replace('_', "-"), part)
    })
}

fn shout(name: &str) -> String {
    name.replace('-', "_").to_uppercase()
}

/// The variable that stands for a key. The names of packages keep their case.
fn variable(path: &[String]) -> String {
    let mut name = "CARGO".to_owned();
    for (at, part) in path.iter().enumerate() {
        name.push('_');
        if at == 3 && path[0] == "profile" && path[2] == "package" {
            name.push_str(part);
        } else {
            name.push_str(&shout(part));
        }
    }
    name
}

fn item(value: Value, name: &str) -> Item {
    Item {
        value,
        rank: Rank::Env,
        origin: Origin::Env {
            name: name.to_owned(),
        },
    }
}

/// Joins lists; beats scalars of files, and is beaten by those of the command line.
fn merge(root: &mut Table, path: &[String], name: &str, text: &str) {
    let old = root.node(path);
    let old_items = old.and_then(|node| node.items(path));
    let merged = match (old, old_items) {
        (Some(Node::Table(_)), _) => return,
        (Some(Node::Scalar(old)), None) if old.rank > Rank::Env => return,
        (Some(_), Some(items)) => joined(items, path, name, text),
        (None, _) if is_flags(path) => joined(Vec::new(), path, name, text),
        _ => Node::Scalar(item(scalar(text), name)),
    };
    root.set(path, merged);
}

fn joined(mut items: Vec<Item>, path: &[String], name: &str, text: &str) -> Node {
    if !is_joined(path) {
        if items.first().is_some_and(|first| first.rank > Rank::Env) {
            return Node::List(items);
        }
        items.clear();
    }
    let words = text.split_whitespace();
    items.extend(words.map(|word| item(word.into(), name)));
    items.sort_by_key(|item| item.rank);
    Node::List(items)
}

/// The type is guessed as cargo guesses it.
fn scalar(text: &str) -> Value {
    match text {
        "true" => true.into(),
        "false" => false.into(),
        _ => text
            .parse::<i64>()
            .map_or_else(|_| text.into(), Value::from),
    }
}
