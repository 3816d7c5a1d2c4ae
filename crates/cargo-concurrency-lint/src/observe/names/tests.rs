//! Paths through small workspaces.

use camino::Utf8PathBuf;

use super::*;
use crate::facts::{Crate, CrateKind};
use crate::observe::files::Sources;
use crate::observe::tree::Tree;

/// Resolves `path` in the module `module` of a workspace of two crates.
fn check(files: &[(&str, &str)], module: &str, asked: &[(&str, Option<&str>)]) {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let target = |name: &str, path: &str| Target {
        krate: Crate {
            name: name.to_owned(),
            kind: CrateKind::Lib,
            ..Crate::default()
        },
        root: root.join(path),
        renamed: [("rt".to_owned(), "tokio".to_owned())].into(),
    };
    let targets = [target("one", "one.rs"), target("two", "two.rs")];
    let sources = Sources::new(false);
    sources.read(targets.iter().map(|target| target.root.as_path()));
    let tree = Tree::of(&targets, &root, sources);
    let ecosystem = Ecosystem::load().unwrap();
    let names = Names::new(&tree, &targets, &ecosystem);
    let at = tree
        .modules
        .iter()
        .position(|node| node.path == module)
        .unwrap();
    for (path, expected) in asked {
        let segments: Vec<&str> = path.split("::").collect();
        let found = names.resolve(ModuleId(at), &[], &segments);
        assert_eq!(found.as_deref(), *expected, "{path}");
    }
}

#[test]
fn imports_aliases_and_re_exports_lead_to_the_item() {
    let files = [
        (
            "one.rs",
            "pub mod io { pub use std::fs::read_to_string as slurp; pub(crate) mod deep { pub struct T; } pub use deep::T; }\n\
             pub mod user { use super::io; use crate::io::{slurp, T as Renamed}; use rt::sync::Mutex as M; use std::fs; }",
        ),
        (
            "two.rs",
            "use one::io::slurp; pub fn f() {} mod m { use super::*; }",
        ),
    ];
    check(
        &files,
        "one::user",
        &[
            ("slurp", Some("std::fs::read_to_string")),
            ("io::slurp", Some("std::fs::read_to_string")),
            ("Renamed::new", Some("one::io::deep::T::new")),
            ("crate::io::T", Some("one::io::deep::T")),
            ("super::io::T", Some("one::io::deep::T")),
            ("M::new", Some("tokio::sync::Mutex::new")),
            ("fs::File", Some("std::fs::File")),
            ("core::time::Duration", Some("std::time::Duration")),
            ("Vec::new", Some("std::vec::Vec::new")),
            ("drop", Some("std::mem::drop")),
            ("unheard_of", None),
        ],
    );
    check(
        &files,
        "two::m",
        &[
            ("slurp", Some("std::fs::read_to_string")),
            ("f", Some("two::f")),
        ],
    );
}

#[test]
fn globs_bring_what_a_table_knows() {
    let files = [
        (
            "one.rs",
            "use tokio::sync::*; use std::thread::*; mod a { pub use super::b::*; } mod b { pub use super::a::*; pub fn g() {} }",
        ),
        ("two.rs", "use futures::prelude::*;"),
    ];
    check(
        &files,
        "one",
        &[
            ("Mutex::lock", Some("tokio::sync::Mutex::lock")),
            ("sleep", Some("std::thread::sleep")),
            ("a::g", Some("one::b::g")),
            ("a::circular", Some("one::a::circular")),
        ],
    );
    check(&files, "two", &[("StreamExt", Some("futures::StreamExt"))]);
}
