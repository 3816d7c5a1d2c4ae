//! Sources that no target's module tree reaches. What a macro, a build script or a test may read by its
//! name is not among them.

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::regular_file;

use super::{Found, Package, loose, relative};

/// The sources below `src` that nothing reaches, relative to the workspace root.
pub(super) fn observe(package: &Package<'_>, found: &Found) -> Vec<Utf8PathBuf> {
    // A file that cannot be read, or is written by a build script, may name any module.
    if found.generated || !found.facts.unreadable.is_empty() {
        return Vec::new();
    }
    let mut left = Vec::new();
    loose::visit(&package.folder.join("src"), &mut |path| {
        if !found.files.contains(path) {
            left.push(path.to_owned());
        }
    });
    if left.is_empty() {
        return Vec::new();
    }
    let texts = texts(package, found);
    left.retain(|path| {
        !texts
            .iter()
            .any(|text| may_read(text, path, package.folder))
    });
    left.iter()
        .map(|path| relative(path, package.root))
        .collect()
}

/// All that may name a file: the sources that are reached, those that tests read, the manifest.
fn texts(package: &Package<'_>, found: &Found) -> Vec<String> {
    let mut paths: Vec<Utf8PathBuf> = found.files.iter().cloned().collect();
    for folder in ["tests", "examples", "benches"] {
        loose::visit(&package.folder.join(folder), &mut |path| {
            paths.push(path.to_owned());
        });
    }
    paths.push(package.folder.join("Cargo.toml"));
    let read = paths
        .iter()
        .filter_map(|path| regular_file::read(path).ok());
    read.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect()
}

/// Whether a text may have the file read: by its name, by its folder's, or by a macro that makes
/// modules of words.
fn may_read(text: &str, path: &Utf8Path, folder: &Utf8Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    if text.contains(name) && name != "mod.rs" {
        return true;
    }
    let within = path.parent().and_then(|dir| dir.strip_prefix(folder).ok());
    let within = within.map(|dir| relative(dir, Utf8Path::new("")));
    if within.is_some_and(|dir| text.contains(&format!("\"{dir}")) && dir != "src") {
        return true;
    }
    let stem = match path.file_stem() {
        Some("mod") => path.parent().and_then(Utf8Path::file_name),
        stem => stem,
    };
    text.contains("mod $") && stem.is_none_or(|stem| text.contains(stem))
}
