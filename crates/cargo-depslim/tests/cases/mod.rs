//! A case of the corpus: a whole workspace in one text file.
//!
//! ```text
//! why: one sentence
//! crates: a b+fast      made-up dependencies in deps/, those with a `+` with such a feature
//! registry: yes         it needs crates of the registry, in the versions of our own lockfile
//! unused: a             what must be found, by key, in members with their folder: `n/a`
//! misplaced: b
//! maybe: c              unused, but not for a machine to take out
//! unlinked-file: x.rs   what another rule must find, by its id
//! --- Cargo.toml        the files; `[package]` may be left out
//! ```

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use cargo_depslim::rules;
use tempfile::TempDir;

pub struct Case {
    pub name: String,
    /// Labels, with `?` behind those that are not for a machine to apply.
    pub expected: Vec<String>,
    /// `cost: a 2.5 of 20 b c`: CPU seconds, those of the whole build, packages that only it brings.
    pub costs: Vec<String>,
    /// `items: a::one a::two`, with a `!` behind what cannot be counted.
    pub items: Vec<String>,
    crates: Vec<String>,
    registry: bool,
    files: Vec<(String, String)>,
}

/// A case in a temporary folder.
pub struct Stage {
    pub root: Utf8PathBuf,
    _kept: TempDir,
}

/// All cases of a folder, by name.
pub fn load(folder: &Utf8Path) -> Vec<Case> {
    let entries = folder.read_dir_utf8().unwrap();
    let mut paths: Vec<Utf8PathBuf> = entries.map(|entry| entry.unwrap().into_path()).collect();
    paths.sort();
    paths
        .iter()
        .map(|path| {
            parse(
                path.file_stem().unwrap(),
                &fs::read_to_string(path).unwrap(),
            )
        })
        .collect()
}

fn parse(name: &str, text: &str) -> Case {
    let mut case = Case {
        name: name.to_owned(),
        expected: Vec::new(),
        costs: Vec::new(),
        items: Vec::new(),
        crates: Vec::new(),
        registry: false,
        files: Vec::new(),
    };
    for line in text.lines() {
        if let Some(path) = line.strip_prefix("--- ") {
            case.files.push((path.to_owned(), String::new()));
        } else if let Some((_, file)) = case.files.last_mut() {
            file.push_str(line);
            file.push('\n');
        } else {
            let (key, value) = line
                .split_once(": ")
                .unwrap_or_else(|| panic!("{name}: {line}"));
            let words = value.split_whitespace().map(str::to_owned);
            let labels = |rule: &str, mark: &str| -> Vec<String> {
                let words = value.split_whitespace();
                words.map(|word| format!("{rule}:{word}{mark}")).collect()
            };
            match key {
                "why" => {}
                "cost" => case.costs.push(value.to_owned()),
                "items" => case.items = words.collect(),
                "crates" => case.crates = words.collect(),
                "registry" => case.registry = true,
                "unused" => case.expected.extend(labels("unused-dependency", "")),
                "misplaced" => case.expected.extend(labels("misplaced-dependency", "")),
                rule if rules::find(rule).is_some() => case.expected.extend(labels(rule, "")),
                "maybe" => case.expected.extend(labels("unused-dependency", "?")),
                _ => panic!("{name}: unknown key `{key}`"),
            }
        }
    }
    case
}

impl Case {
    pub fn stage(&self) -> Stage {
        let kept = tempfile::Builder::new()
            .prefix("pitcrew-case-")
            .tempdir()
            .unwrap();
        let root = Utf8PathBuf::try_from(kept.path().canonicalize().unwrap()).unwrap();
        for made in &self.crates {
            let (name, feature) = made.split_once('+').unwrap_or((made, ""));
            let folder = root.join("deps").join(name);
            write(&folder.join("Cargo.toml"), &manifest(name, feature));
            write(&folder.join("src/lib.rs"), LIBRARY);
        }
        for (path, text) in &self.files {
            let whole =
                path != "Cargo.toml" || text.contains("[package]") || text.contains("[workspace]");
            let text = if whole {
                text.clone()
            } else {
                format!("{PACKAGE}{text}")
            };
            write(&root.join(path), &text);
        }
        if self.registry {
            let ours = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock");
            fs::copy(ours, root.join("Cargo.lock")).unwrap();
        }
        Stage { root, _kept: kept }
    }
}

const PACKAGE: &str = "[package]\nname = \"case\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";

const LIBRARY: &str = "pub struct S;\npub fn f() -> u8 {\n    1\n}\n#[macro_export]\n\
                       macro_rules! m {\n    () => {\n        $crate::f()\n    };\n}\n";

fn manifest(name: &str, feature: &str) -> String {
    let package = PACKAGE.replace("\"case\"", &format!("\"{name}\""));
    if feature.is_empty() {
        package
    } else {
        format!("{package}[features]\n{feature} = []\n")
    }
}

fn write(path: &Utf8Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
