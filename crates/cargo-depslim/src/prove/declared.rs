//! The combinations of features that a workspace names outside of its `[features]`: for docs.rs, and in
//! the calls of cargo in its CI.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::Metadata;
use serde_json::Value;

use super::combination::Choice;
use crate::facts::Member;

/// One combination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// None where it may be meant for any that has the features.
    pub package: Option<String>,
    pub choice: Choice,
}

impl Named {
    /// Whether a member can be built so.
    pub fn is_for(&self, member: &Member) -> bool {
        let mut features = self.choice.features.iter();
        self.package
            .as_ref()
            .is_none_or(|name| *name == member.name)
            && features.all(|name| member.features.contains_key(name))
    }
}

/// All that the workspace at `root` names.
pub fn named(root: &Utf8Path, metadata: &Metadata) -> Vec<Named> {
    let mut out = Vec::new();
    for package in metadata.workspace_packages() {
        if let Some(docs) = package.metadata.pointer("/docs/rs") {
            out.push(Named {
                package: Some(package.name.to_string()),
                choice: of_docs(docs),
            });
        }
    }
    for file in ci_files(root) {
        // What cannot be read names nothing.
        let text = fs::read_to_string(file).unwrap_or_default();
        out.extend(text.lines().filter_map(of_command));
    }
    out
}

fn of_docs(docs: &Value) -> Choice {
    let flag = |name: &str| docs.get(name).and_then(Value::as_bool).unwrap_or(false);
    let features = docs.get("features").and_then(Value::as_array);
    let features = features.into_iter().flatten().filter_map(Value::as_str);
    Choice {
        features: features.map(str::to_owned).collect(),
        default: !flag("no-default-features"),
        all: flag("all-features"),
    }
}

fn ci_files(root: &Utf8Path) -> Vec<Utf8PathBuf> {
    let folder = root.join(".github/workflows");
    let entries = folder.read_dir_utf8().into_iter().flatten().flatten();
    let files = entries.map(camino::Utf8DirEntry::into_path);
    let mut files: Vec<Utf8PathBuf> = files
        .filter(|path| matches!(path.extension(), Some("yml" | "yaml")))
        .collect();
    files.sort();
    files.push(root.join(".gitlab-ci.yml"));
    files
}

/// The features that a line with a call of cargo selects, where it selects any and names them itself.
fn of_command(line: &str) -> Option<Named> {
    let (_, call) = line.split_once("cargo ")?;
    let words = call.split_whitespace();
    let words: Vec<&str> = words.map(|word| word.trim_matches(['"', '\''])).collect();
    let mut named = Named {
        package: None,
        choice: Choice::DEFAULT,
    };
    for (at, word) in words.iter().enumerate() {
        let (name, joined) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (*word, None),
        };
        let value = || joined.or_else(|| words.get(at + 1).copied());
        match name {
            "--all-features" => named.choice.all = true,
            "--no-default-features" => named.choice.default = false,
            "--features" | "-F" => {
                let features = value()?.trim_matches(['"', '\'']).split([',', ' ']);
                let features = features.filter(|feature| !feature.is_empty());
                named.choice.features.extend(features.map(str::to_owned));
            }
            "--package" | "-p" => named.package = value().map(str::to_owned),
            "--" | "&&" | "|" | ";" => break,
            _ => {}
        }
    }
    // What a matrix fills in is not known here.
    let known = |name: &String| !name.contains(['$', '{', '}', '/']);
    let says = named.choice != Choice::DEFAULT && named.choice.features.iter().all(known);
    says.then_some(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> Option<String> {
        let named = of_command(line)?;
        let package = named.package.unwrap_or_default();
        Some(format!("{package} {}", named.choice.args().join(" ")))
    }

    #[test]
    fn calls_of_cargo_are_read() {
        for (line, expected) in [
            (
                "      - run: cargo test --all-features",
                Some(" --all-features"),
            ),
            (
                "run: cargo test -p a --no-default-features --features \"x,y\"",
                Some("a --no-default-features --features=x,y"),
            ),
            (
                "cargo build --features=z && cargo doc",
                Some(" --features=z"),
            ),
            ("cargo test", None),
            ("cargo test --features ${{ matrix.features }}", None),
            ("echo --features x", None),
            ("cargo test -- --all-features", None),
        ] {
            assert_eq!(shown(line).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn metadata_for_docs_is_read() {
        let docs = serde_json::json!({ "features": ["a"], "no-default-features": true });
        let args = of_docs(&docs).args().join(" ");
        assert_eq!(args, "--no-default-features --features=a");
        assert!(of_docs(&serde_json::json!({ "all-features": true })).all);
    }
}
