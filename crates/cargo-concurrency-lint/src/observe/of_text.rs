//! The facts of one text, for tests.

use camino::Utf8Path;

use super::{Target, source};
use crate::ecosystem::Ecosystem;
use crate::facts::{Crate, CrateKind, Facts, Function};

/// The facts of a program whose only file is `main.rs`.
pub fn program(text: &str) -> Facts {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    std::fs::write(root.join("main.rs"), text).unwrap();
    let target = Target {
        krate: Crate {
            name: "app".to_owned(),
            package: "app".to_owned(),
            kind: CrateKind::Bin,
            ..Crate::default()
        },
        root: root.join("main.rs"),
        renamed: Default::default(),
    };
    let ecosystem = Ecosystem::load().unwrap();
    source(&[target], root, false, &ecosystem).unwrap()
}

/// The function of this name.
pub fn function<'f>(facts: &'f Facts, name: &str) -> &'f Function {
    let mut all = facts.functions.iter();
    all.find(|function| function.short() == name).unwrap()
}
