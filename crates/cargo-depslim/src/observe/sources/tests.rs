//! What `sources` promises, tested on small packages.

use super::*;

/// Each use as `name place`, with `?` where a build need not see it.
fn uses(edition: &str, files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    let mut targets = Vec::new();
    for (path, text) in files {
        let full = root.join(path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(&full, text).unwrap();
        let kind = match *path {
            "src/lib.rs" => TargetKind::Library,
            "src/main.rs" => TargetKind::Binary,
            "build.rs" => TargetKind::BuildScript,
            "tests/t.rs" => TargetKind::Test,
            "examples/e.rs" => TargetKind::Example,
            "benches/b.rs" => TargetKind::Bench,
            _ => continue,
        };
        targets.push(Target {
            kind,
            src_path: (*path).into(),
            doctest: true,
            ..Target::default()
        });
    }
    let names = Names::new(["serde", "log", "time"].map(str::to_owned));
    let found = observe(&Package {
        root,
        folder: root,
        edition,
        targets: &targets,
        names: &names,
        features: &[],
    });
    let shown = |(name, found): &(NameId, Use)| {
        let sometimes = if found.condition == Condition::Sometimes {
            "?"
        } else {
            ""
        };
        format!("{} {:?}{sometimes}", names.name(*name), found.place)
    };
    let mut out: Vec<String> = found.uses.iter().map(shown).collect();
    out.sort();
    out.dedup();
    out
}

#[test]
fn each_target_is_followed_through_its_modules() {
    let found = uses(
        "2021",
        &[
            (
                "src/lib.rs",
                "mod a; #[cfg(test)] mod tests; #[cfg(unix)] #[path = \"odd/u.rs\"] mod u;",
            ),
            ("src/a.rs", "mod b; mod inline { mod c; }"),
            ("src/a/b.rs", "use log::x;"),
            ("src/a/inline/c.rs", "use serde::x;"),
            ("src/tests.rs", "use time::x;"),
            ("src/odd/u.rs", "use time::x; include!(\"v.in\");"),
            ("src/odd/v.in", "serde::x!();"),
            ("src/stray.rs", "use time::x;"),
            ("src/main.rs", "fn main() { time::x(); }"),
            ("tests/t.rs", "mod common;"),
            ("tests/common/mod.rs", "use log::x;"),
            (
                "benches/b.rs",
                "#[path = \"../tests/common/mod.rs\"] mod common;",
            ),
            ("examples/e.rs", "fn main() { serde::x() }"),
            (
                "build.rs",
                "fn main() { println!(\"log::x\"); serde::y(); }",
            ),
        ],
    );
    let expected = [
        "log Bench",
        "log Library",
        "log Test",
        "serde BuildScript",
        "serde Example",
        "serde Library",
        "serde Library?",
        "time Binary",
        "time Library?",
        "time UnitTest",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_glob_import_brings_what_shadows() {
    let found = uses(
        "2021",
        &[
            (
                "src/lib.rs",
                "mod log; mod time { pub mod serde {} } mod tests { use super::*; use log::x; } \
                 mod prelude { pub use crate::time::*; } fn f() { use crate::prelude::*; serde::x(); } \
                 mod other { fn f() { log::x() } }",
            ),
            ("src/log.rs", "use super::time::*; fn f() { serde::x(); }"),
        ],
    );
    assert_eq!(found, ["log Library"]);
}

#[test]
fn documentation_counts_where_it_is_tested() {
    let files = [
        (
            "src/lib.rs",
            "#![doc = include_str!(\"../README.md\")] //! [`log::x`]\n//! ```\n//! serde::x();\n//! ```",
        ),
        ("README.md", "```rust\n#[cfg(unix)] time::x();\n```\n"),
        (
            "src/main.rs",
            "//! ```\n//! log::x();\n//! ```\nfn main() {}",
        ),
    ];
    let found = uses("2021", &files);
    assert_eq!(found, ["log DocLink", "serde Doctest", "time Doctest?"]);
}

#[test]
fn a_file_that_is_not_utf8_counts_by_its_words() {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    std::fs::create_dir(root.join("src")).unwrap();
    std::fs::write(root.join("src/lib.rs"), b"// \xff\nuse log::x;").unwrap();
    let names = Names::new(["log".to_owned()]);
    let target = Target {
        src_path: "src/lib.rs".into(),
        ..Target::default()
    };
    let found = observe(&Package {
        root,
        folder: root,
        edition: "2021",
        targets: &[target],
        names: &names,
        features: &[],
    });
    assert_eq!(found.uses[0].1.how, How::Bytes);
    assert_eq!(found.facts.unreadable, ["src/lib.rs"]);
}

#[test]
fn stray_cases_of_tests_count() {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    for (path, text) in [
        ("tests/ui/case.rs", "use log::x;"),
        ("tests/ui/other/Cargo.toml", ""),
        ("tests/ui/other/x.rs", "use serde::x;"),
        ("tests/t.rs", "use time::x;"),
    ] {
        std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        std::fs::write(root.join(path), text).unwrap();
    }
    let names = Names::new(["serde", "log", "time"].map(str::to_owned));
    let reached = BTreeSet::from([root.join("tests/t.rs")]);
    let found = loose::observe(root, &reached, &names);
    assert_eq!(found, [(1, root.join("tests/ui/case.rs"))]);
}
