//! Files that no target reaches but that tests read: cases for trybuild and its like are compiled
//! with the package's dependencies when the tests run.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::regular_file;

use super::names::{NameId, Names};
use super::text;

/// The folders whose stray files count.
const FOLDERS: [&str; 3] = ["tests", "examples", "benches"];

/// The names that stray Rust sources below the package's folders for tests hold, each with a file.
pub fn observe(
    folder: &Utf8Path,
    reached: &BTreeSet<Utf8PathBuf>,
    names: &Names,
) -> Vec<(NameId, Utf8PathBuf)> {
    let mut found: Vec<(NameId, Utf8PathBuf)> = Vec::new();
    for name in FOLDERS {
        visit(&folder.join(name), &mut |path| {
            if reached.contains(path) {
                return;
            }
            let Ok(bytes) = regular_file::read(path) else {
                return;
            };
            for name in text::words(&bytes, names) {
                if !found.iter().any(|(known, _)| *known == name) {
                    found.push((name, path.to_owned()));
                }
            }
        });
    }
    found
}

/// Visits the Rust sources below `folder`, but for other packages.
pub(super) fn visit(folder: &Utf8Path, found: &mut dyn FnMut(&Utf8Path)) {
    let Ok(entries) = folder.read_dir_utf8() else {
        return;
    };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by(|a, b| a.file_name().cmp(b.file_name()));
    for entry in entries {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_dir() {
            let other = path.join("Cargo.toml").exists() || entry.file_name() == "target";
            if !other {
                visit(path, found);
            }
        } else if path.extension() == Some("rs") {
            found(path);
        }
    }
}
