//! What the scan of the workspace's own code tells apart.

use std::fs;

use super::*;

fn own_code(text: &str) -> Code {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap().join("lib.rs");
    fs::write(&root, text).unwrap();
    fs::write(
        root.with_file_name("apart.rs"),
        "fn f(x: X) {\n    x.apart();\n}\n",
    )
    .unwrap();
    let [own, ..] = target_code(&root, false, &BTreeSet::new());
    own
}

#[test]
fn what_a_feature_lets_in_is_told_apart() {
    let code = own_code(
        "fn plain(x: X) { x.always(); }\n\
         #[cfg(feature = \"extra\")]\nfn extra(x: X) { x.sometimes(); }\n\
         #[cfg(not(feature = \"extra\"))]\nmod apart;\n\
         cfg_extra! { fn more(x: X) { x.perhaps(); } }\n\
         macro_rules! only { ($($i:item)*) => { $(#[cfg(feature = \"extra\")] $i)* } }\n\
         only! { fn yet(x: X) { x.maybe(); } }\n\
         other! { fn still(x: X) { x.surely(); } }\n\
         #[cfg(unix)]\nfn here(x: X) { x.here(); }\n\
         #[cfg_attr(feature = \"extra\", derive(Odd))]\nstruct S;\n",
    );
    let gated: Vec<&str> = code.gated.methods.iter().map(String::as_str).collect();
    assert_eq!(gated, ["Odd", "apart", "maybe", "perhaps", "sometimes"]);
    assert!(code.gated.names.contains("Odd"));
    for name in ["always", "surely", "here", "apart", "sometimes"] {
        assert!(code.methods.contains(name), "{name}");
    }
}

#[test]
fn a_statement_behind_a_feature_goes_on_behind_its_braces() {
    let code = own_code(
        "fn f() {\n    #[cfg(feature = \"extra\")]\n    let a = if c { 1 } else { x.other() };\n    \
         y.plain();\n    #[cfg(feature = \"extra\")]\n    X { a }.built();\n    y.after();\n}\n\
         #[cfg(feature = \"extra\")]\npub(crate) struct S {}\nfn g() { y.last(); }\n",
    );
    let gated: Vec<&str> = code.gated.methods.iter().map(String::as_str).collect();
    assert_eq!(gated, ["built", "other"]);
}

#[test]
fn a_target_that_requires_a_feature_is_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap().join("main.rs");
    fs::write(&root, "fn main() {\n    x.run();\n}\n").unwrap();
    let [own, ..] = target_code(&root, true, &BTreeSet::new());
    assert!(own.gated.methods.contains("run"));
}
