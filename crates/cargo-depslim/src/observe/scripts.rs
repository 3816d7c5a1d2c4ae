//! Features that something beside code names: a build script asks cargo for them, a workflow or a
//! script of the project passes them on a command line, a text tells users of them.

use std::collections::BTreeSet;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::regular_file;

use super::members::Scanned;
use crate::facts::Member;

/// Larger texts are data.
const LARGEST: u64 = 1 << 20;

/// Adds to the members' named features those of empty lists that a script or a text names.
pub(super) fn mark(root: &Utf8Path, members: &mut [Member], scanned: &[Option<Scanned>]) {
    let mut texts: Option<Vec<String>> = None;
    for (member, scanned) in members.iter_mut().zip(scanned) {
        let idle: BTreeSet<String> = member
            .features
            .iter()
            .filter(|(name, list)| list.is_empty() && !member.named_features.contains(*name))
            .map(|(name, _)| name.clone())
            .collect();
        let Some(scanned) = scanned.as_ref().filter(|_| !idle.is_empty()) else {
            continue;
        };
        let own = scanned.found.files.iter().filter_map(read);
        let own: Vec<String> = own.collect();
        let folder = root.join(member.folder());
        let beside = texts_of(&folder);
        let texts = texts.get_or_insert_with(|| texts_of(root));
        for name in idle {
            let variable = format!("CARGO_FEATURE_{}", name.to_uppercase().replace('-', "_"));
            let asked = own.iter().any(|text| text.contains(&variable));
            let mut others = texts.iter().chain(&beside);
            if asked || others.any(|text| holds_word(text, &name)) {
                member.named_features.insert(name);
            }
        }
    }
}

/// The scripts and texts of a project: at its root, its workflows, its cargo configuration.
fn texts_of(root: &Utf8Path) -> Vec<String> {
    let mut paths = Vec::new();
    for folder in ["", ".github/workflows", ".cargo", "ci", "scripts", "docs"] {
        let Ok(entries) = root.join(folder).read_dir_utf8() else {
            continue;
        };
        paths.extend(entries.flatten().map(camino::Utf8DirEntry::into_path));
    }
    let texts = paths.iter().filter(|path| is_script(path));
    texts.filter_map(read).collect()
}

fn is_script(path: &Utf8PathBuf) -> bool {
    let name = path.file_name().unwrap_or_default();
    let by_name = [
        "Makefile",
        "justfile",
        "Justfile",
        "Dockerfile",
        "Containerfile",
        "config",
    ];
    let by_extension = ["yml", "yaml", "sh", "md", "just", "mk", "nix", "ps1", "py"];
    let tools = [
        "Makefile.toml",
        "config.toml",
        "release.toml",
        "dist-workspace.toml",
    ];
    by_name.contains(&name)
        || tools.contains(&name)
        || path.extension().is_some_and(|e| by_extension.contains(&e))
}

fn read(path: &Utf8PathBuf) -> Option<String> {
    let meta = fs::metadata(path).ok()?;
    if !meta.is_file() || meta.len() > LARGEST {
        return None;
    }
    Some(String::from_utf8_lossy(&regular_file::read(path).ok()?).into_owned())
}

/// Whether the word stands in the text, bounded by what no name of a feature holds.
fn holds_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}
