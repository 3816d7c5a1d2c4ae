//! The licences of what is linked into a binary: most of them ask that their text goes with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result};
use camino::Utf8Path;
use cargo_metadata::{DependencyKind, Metadata, Package, PackageId};
use pitcrew_core::workspace::Workspace;

/// How files that hold a licence or its notices are named.
const NAMES: &[&str] = &["licen", "copying", "notice", "copyright", "unlicense"];

/// A section for each crate from elsewhere that `package` links, with its licence's texts. A text that
/// several crates share word for word stands once, below their names.
pub fn notices(workspace: &Workspace, package: &str) -> Result<String> {
    let metadata = &workspace.metadata;
    let mut by_text: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in linked(metadata, package)? {
        let expression = package.license.as_deref().unwrap_or("see the text");
        let line = format!("{} {} ({expression})", package.name, package.version);
        let folder = package
            .manifest_path
            .parent()
            .context("a manifest's folder")?;
        let texts = texts(folder)?;
        let texts = if texts.is_empty() {
            vec![format!(
                "The crate has no licence text of its own; its manifest says {expression}."
            )]
        } else {
            texts
        };
        for text in texts {
            by_text.entry(text).or_default().push(line.clone());
        }
    }
    let mut sections: Vec<_> = by_text
        .into_iter()
        .map(|(text, crates)| (crates, text))
        .collect();
    sections.sort();
    let shown = sections.iter().map(|(crates, text)| {
        format!(
            "{}\n{}\n\n{}\n",
            "=".repeat(80),
            crates.join("\n"),
            text.trim_end()
        )
    });
    Ok(shown.collect())
}

/// The crates from elsewhere among the normal dependencies of `root`, however deep.
fn linked<'a>(metadata: &'a Metadata, root: &str) -> Result<Vec<&'a Package>> {
    let resolve = metadata
        .resolve
        .as_ref()
        .context("cargo resolved nothing")?;
    let nodes: BTreeMap<&PackageId, _> =
        resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let packages: BTreeMap<&PackageId, &Package> = metadata
        .packages
        .iter()
        .map(|package| (&package.id, package))
        .collect();
    let root = packages.values().find(|package| package.name == root);
    let mut open = vec![&root.context("the package is not of this workspace")?.id];
    let mut seen: BTreeSet<&PackageId> = open.iter().copied().collect();
    while let Some(id) = open.pop() {
        for dependency in &nodes[id].deps {
            let normal = |kind: &cargo_metadata::DepKindInfo| kind.kind == DependencyKind::Normal;
            if dependency.dep_kinds.iter().any(normal) && seen.insert(&dependency.pkg) {
                open.push(&dependency.pkg);
            }
        }
    }
    let elsewhere = seen
        .into_iter()
        .map(|id| packages[id])
        .filter(|package| package.source.is_some());
    Ok(elsewhere.collect())
}

/// The licence files at the top of a package.
fn texts(folder: &Utf8Path) -> Result<Vec<String>> {
    let mut files: Vec<_> = folder
        .read_dir_utf8()
        .with_context(|| format!("cannot list {folder}"))?
        .filter_map(std::result::Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .map(|entry| entry.path().to_owned())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_lowercase();
            NAMES.iter().any(|start| name.starts_with(start))
        })
        .collect();
    files.sort();
    let read = files.iter().map(|file| {
        let bytes = fs::read(file).with_context(|| format!("cannot read {file}"))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pitcrew_core::workspace::{self, LoadOptions};

    #[test]
    fn what_is_linked_is_named_with_its_text_and_what_tests_use_is_not() {
        let workspace = workspace::load(&LoadOptions {
            cwd: crate::root().to_owned(),
            ..LoadOptions::default()
        })
        .unwrap();
        let text = notices(&workspace, "cargo-buildspeed").unwrap();
        assert!(text.contains("anyhow 1."), "a direct dependency");
        assert!(text.contains("memchr 2."), "a dependency's dependency");
        assert!(!text.contains("insta 1."), "only tests use it");
        assert!(text.contains("Permission is hereby granted, free of charge"));
    }
}
