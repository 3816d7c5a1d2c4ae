//! Dependencies that nothing uses, put into a real project: this one. Each is found, in each table, and
//! nothing else is said that was not said before.

#![expect(
    clippy::unwrap_used,
    reason = "a project that cannot be set up must fail its test"
)]

mod scanned;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use camino::{Utf8Path, Utf8PathBuf};
use cargo_depslim::rules;

/// The tables that take one, with the name of the crate that is put there.
const TABLES: [(&str, &str); 3] = [
    ("dependencies", "injected-normal"),
    ("dev-dependencies", "injected_development"),
    ("build-dependencies", "injected-build"),
];

fn copy(from: &Utf8Path, to: &Utf8Path) {
    fs::create_dir_all(to).unwrap();
    for entry in from.read_dir_utf8().unwrap() {
        let entry = entry.unwrap();
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().unwrap().is_dir() {
            if !["target", ".git"].contains(&entry.file_name()) {
                copy(path, &target);
            }
        } else {
            fs::copy(path, target).unwrap();
        }
    }
}

/// What is found unused or misplaced, by member and key.
fn found(root: &Utf8Path) -> BTreeSet<(String, String)> {
    let facts = scanned::facts(root);
    let rule = rules::find("unused-dependency").unwrap();
    let findings = rule
        .check(&facts)
        .into_iter()
        .map(|proposal| proposal.finding);
    findings
        .map(|finding| {
            let place = finding.location.map(|location| location.path.into_string());
            (place.unwrap_or_default(), finding.subject)
        })
        .collect()
}

/// Adds an entry to a table of a manifest, and the table where there is none.
fn inject(manifest: &Utf8Path, table: &str, name: &str, library: &Utf8Path) {
    let text = fs::read_to_string(manifest).unwrap();
    let head = format!("[{table}]\n");
    let entry = format!("{name} = {{ path = '{library}' }}\n");
    let changed = match text.split_once(&head) {
        Some((before, after)) => format!("{before}{head}{entry}{after}"),
        None => format!("{text}\n{head}{entry}"),
    };
    fs::write(manifest, changed).unwrap();
}

fn library(folder: &Utf8Path, name: &str) {
    fs::create_dir_all(folder.join("src")).unwrap();
    let package =
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    fs::write(folder.join("Cargo.toml"), package).unwrap();
    fs::write(folder.join("src/lib.rs"), "pub fn f() {}\n").unwrap();
}

#[test]
fn what_is_put_into_our_own_packages_is_found() {
    let kept = tempfile::tempdir().unwrap();
    let root: &Path = kept.path();
    let root = Utf8PathBuf::try_from(root.canonicalize().unwrap())
        .unwrap()
        .join("ours");
    let own = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for part in ["crates", "tests", "xtask"] {
        copy(&own.join(part), &root.join(part));
    }
    for file in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(own.join(file), root.join(file)).unwrap();
    }
    let before = found(&root);
    let mut expected = before.clone();
    let members = root.join("crates").read_dir_utf8().unwrap();
    let mut members: Vec<Utf8PathBuf> = members.map(|entry| entry.unwrap().into_path()).collect();
    members.extend([root.join("tests"), root.join("xtask")]);
    for member in &members {
        for (table, name) in TABLES {
            let folder = root.with_file_name("injected").join(name);
            library(&folder, name);
            let manifest = member.join("Cargo.toml");
            inject(&manifest, table, name, &folder);
            let path = manifest.strip_prefix(&root).unwrap().to_string();
            expected.insert((path, name.to_owned()));
        }
    }
    assert_eq!(found(&root), expected);
    assert!(expected.len() >= before.len() + members.len() * TABLES.len());
}
