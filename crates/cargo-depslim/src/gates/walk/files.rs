//! Which file a module stands in.

use camino::{Utf8Path, Utf8PathBuf};
use proc_macro2::TokenTree;

use super::super::cfg::{Cfg, string_value};
use super::super::item::Item;
use super::Scope;

/// Where a file's modules are looked for.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    /// For `mod name;`.
    pub modules: Utf8PathBuf,
    /// For `#[path = ".."]`.
    pub of_path: Utf8PathBuf,
}

impl Folder {
    pub fn of_root(root: &Utf8Path) -> Self {
        let folder = root.parent().unwrap_or(Utf8Path::new("")).to_owned();
        Self {
            modules: folder.clone(),
            of_path: folder,
        }
    }

    /// Of a file that is a module itself: `a/mod.rs` and `a.rs` both have theirs in `a`.
    fn of_module(file: &Utf8Path) -> Self {
        let folder = file.parent().unwrap_or(Utf8Path::new("")).to_owned();
        let stem = file.file_stem().unwrap_or_default();
        let modules = if stem == "mod" {
            folder.clone()
        } else {
            folder.join(stem)
        };
        Self {
            modules,
            of_path: folder,
        }
    }

    /// Within `mod name { .. }`.
    pub fn inline(&self, name: &str) -> Self {
        let modules = self.modules.join(name);
        Self {
            of_path: modules.clone(),
            modules,
        }
    }
}

type Found = (Option<(Utf8PathBuf, Folder)>, Cfg);

/// The files that `mod name;` may mean, each with when it does; one of none where there is no file,
/// or the module stands in braces.
pub(super) fn candidates(item: &Item<'_>, scope: &Scope) -> Vec<Found> {
    if item.braces().is_some() {
        return vec![(None, Cfg::ALWAYS)];
    }
    let folder = &scope.folder;
    let mut found: Vec<Found> = Vec::new();
    let mut otherwise = Cfg::ALWAYS;
    for attribute in item.attributes.iter().filter(|a| a.name == "path") {
        let Some(TokenTree::Literal(literal)) = attribute.args.last() else {
            continue;
        };
        let Some(name) = string_value(&literal.to_string()) else {
            continue;
        };
        let path = folder.of_path.join(name.replace('\\', "/"));
        let own = otherwise.clone().and(attribute.gate.clone());
        // What a path leads to has its modules beside it.
        let of_file = Folder::of_root(&path);
        let file = path.is_file().then_some((path, of_file));
        found.push((file, own));
        otherwise = otherwise.and(attribute.gate.clone().negated());
    }
    if otherwise != Cfg::Const(false) {
        let flat = folder.modules.join(format!("{}.rs", item.name));
        let nested = folder.modules.join(&item.name).join("mod.rs");
        let file = [flat, nested].into_iter().find(|path| path.is_file());
        let file = file.map(|path| {
            let of_file = Folder::of_module(&path);
            (path, of_file)
        });
        // A conditional path often stands for a file that is there on some platform only.
        if file.is_some() || found.is_empty() {
            found.push((file, otherwise));
        }
    }
    found
}
