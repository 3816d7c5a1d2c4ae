//! Rust sources, and what calls itself one: read by their syntax trees and judged by every rule, or read
//! by their tokens.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use cargo_concurrency_lint::ecosystem::Ecosystem;
use cargo_concurrency_lint::facts::{Crate, CrateKind};
use cargo_concurrency_lint::observe::{self, Target};
use cargo_concurrency_lint::program::Program;
use cargo_concurrency_lint::rules;
use cargo_depslim::facts::{Target as SlimTarget, TargetKind};
use cargo_depslim::gates::library::{Library, Source};
use cargo_depslim::observe::sources::{Names, Package, observe as observe_uses};
use cargo_hotpath::code;

use crate::Place;

pub fn trees(bytes: &[u8]) {
    let place = Place::new();
    let root = place.write("src/main.rs", bytes);
    let target = Target {
        krate: Crate {
            name: "app".to_owned(),
            package: "app".to_owned(),
            kind: CrateKind::Bin,
            ..Crate::default()
        },
        root,
        renamed: BTreeMap::from([("rt".to_owned(), "tokio".to_owned())]),
    };
    // The same for all inputs, and dearer to read than most of them.
    static ECOSYSTEM: LazyLock<Ecosystem> = LazyLock::new(|| Ecosystem::load().unwrap());
    let facts = observe::source(&[target], &place.folder, true, &ECOSYSTEM).unwrap();
    let program = Program::new(&facts, &ECOSYSTEM);
    for found in rules::judge(&program) {
        let span = found.span;
        assert!(span.start <= span.end, "{span:?}");
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let lines = text.lines().count() + 1;
        let code = code::read(text).unwrap_or_default();
        assert!(code.calls.iter().all(|call| call.line as usize <= lines));
    }
}

pub fn tokens(bytes: &[u8]) {
    let place = Place::new();
    let root = place.write("src/lib.rs", bytes);
    let names = Names::new(["serde", "tokio", "a", "b"].map(str::to_owned));
    let targets = [SlimTarget {
        name: "app".to_owned(),
        kind: TargetKind::Library,
        src_path: "src/lib.rs".into(),
        required_features: Vec::new(),
        doctest: true,
        test: true,
    }];
    let found = observe_uses(&Package {
        root: &place.folder,
        folder: &place.folder,
        edition: "2021",
        targets: &targets,
        names: &names,
        features: &["default".to_owned(), "std".to_owned()],
    });
    assert!(found.files.contains(&root), "the file is not read");
    let library = Library::new(vec![Source {
        root: Some(root),
        build_script: None,
        krate: "app".to_owned(),
        externs: Default::default(),
    }]);
    let model = library.model(0);
    for module in 0..model.modules.len() {
        assert!(model.module_path(module).len() <= bytes.len() * 2 + 16);
    }
    let _ = library.named_features(0);
}
