//! What `sources` promises, tested.

use camino::Utf8PathBuf;

use super::*;

/// A directory with these files.
fn tree(files: &[(&str, &str)]) -> (tempfile::TempDir, Utf8PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let root = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    (dir, root)
}

fn observed(files: &[(&str, &str)]) -> SourceFacts {
    let (_dir, root) = tree(files);
    observe(&root.join(files[0].0))
}

const TEST: &str = "#[test] fn t() {}";

#[test]
fn the_module_tree_is_followed() {
    let facts = observed(&[
        (
            "src/lib.rs",
            "mod a; mod inline { mod c; } #[path = \"odd/z.rs\"] mod p;",
        ),
        ("src/a.rs", "mod b;"),
        ("src/a/b.rs", TEST),
        ("src/inline/c/mod.rs", "mod d;"),
        ("src/inline/c/d.rs", TEST),
        ("src/odd/z.rs", "mod y; include!(\"inc.in\");"),
        ("src/odd/y.rs", TEST),
        ("src/odd/inc.in", TEST),
        ("src/main.rs", TEST),
        ("src/stray.rs", TEST),
    ]);
    assert_eq!(facts.test_functions, Some(4));
    assert_eq!(facts.doctest_blocks, Some(0));
    assert!(!facts.exports_symbols);
}

#[test]
fn what_cannot_be_read_is_unknown_but_what_was_found_counts() {
    let unknown = SourceFacts {
        doctest_blocks: None,
        test_functions: None,
        exports_symbols: true,
    };
    assert_eq!(observed(&[("src/lib.rs", "mod missing;")]), unknown);
    let (_dir, root) = tree(&[("src/lib.rs", "")]);
    assert_eq!(observe(&root.join("src/none.rs")), unknown);
    std::fs::write(root.join("src/lib.rs"), b"// \xff").unwrap();
    assert_eq!(observe(&root.join("src/lib.rs")), unknown);
    let facts = observed(&[("src/lib.rs", "mod missing; #[test] fn t() {}")]);
    assert_eq!(facts.test_functions, Some(1));
    assert_eq!(facts.doctest_blocks, None);
}

#[test]
fn unknown_item_macros_make_a_count_of_zero_unknown() {
    let tests = |text: &str| observed(&[("src/lib.rs", text)]).test_functions;
    assert_eq!(tests("generate! {}"), None);
    assert_eq!(tests("#[cfg(test)] mod tests { generate! {} }"), None);
    assert_eq!(tests("proptest! {}"), None);
    assert_eq!(tests("thread_local! { static A: u8 = 1; }"), Some(0));
    assert_eq!(tests("macro_rules! mine { () => {} } mine! {}"), Some(0));
    assert_eq!(tests("generate! {} #[test] fn t() {}"), Some(1));
}

#[test]
fn macros_that_only_tests_see_leave_documentation_and_exports_known() {
    let facts = observed(&[
        ("src/lib.rs", "#[cfg(test)] mod tests; proptest! {}"),
        ("src/tests.rs", "generate! {} #[no_mangle] fn f() {}"),
    ]);
    let expected = SourceFacts {
        doctest_blocks: Some(0),
        test_functions: None,
        exports_symbols: false,
    };
    assert_eq!(facts, expected);
}

#[test]
fn included_documentation_is_read() {
    let lib = ("src/lib.rs", "#![doc = include_str!(\"../README.md\")]");
    let with_code = observed(&[
        lib,
        ("README.md", "# A\n```rust\nf();\n```\n```sh\nls\n```\n"),
    ]);
    assert_eq!(with_code.doctest_blocks, Some(1));
    assert_eq!(observed(&[lib]).doctest_blocks, None);
}

#[test]
fn a_cycle_of_paths_ends() {
    let facts = observed(&[
        ("src/lib.rs", "#[path = \"a.rs\"] mod a;"),
        ("src/a.rs", "#[path = \"a.rs\"] mod b; #[test] fn t() {}"),
    ]);
    assert_eq!(facts.test_functions, Some(1));
}

#[test]
fn files_under_a_cfg_are_left_out() {
    let (_dir, root) = tree(&[
        ("src/lib.rs", "mod a; #[cfg(windows)] mod b; mod d;"),
        ("src/a.rs", ""),
        ("src/b.rs", "mod c;"),
        ("src/b/c.rs", ""),
        ("src/d.rs", "#![cfg(test)]"),
    ]);
    let files = unconditional_files(&root.join("src/lib.rs"));
    assert_eq!(files, [root.join("src/lib.rs"), root.join("src/a.rs")]);
}
