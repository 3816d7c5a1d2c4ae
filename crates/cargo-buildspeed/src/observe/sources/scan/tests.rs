//! What `scan` promises, tested.

use super::*;

fn tests(text: &str) -> u32 {
    scan(text).tests
}

#[test]
fn attributes_whose_last_segment_names_a_test_count() {
    for attribute in [
        "test",
        "tokio::test",
        "tokio::test(flavor = \"multi_thread\")",
        "rstest",
        "test_case(1; \"one\")",
        "test_log::test(tokio::test)",
        "wasm_bindgen_test",
        "cfg_attr(feature = \"std\", test)",
        "cfg_attr(all(a, b), ignore, async_std::test)",
        "quickcheck",
        "bench",
    ] {
        assert_eq!(
            tests(&format!("#[{attribute}]\nfn f() {{}}")),
            1,
            "{attribute}"
        );
    }
    for attribute in [
        "cfg(test)",
        "cfg_attr(test, derive(Debug))",
        "allow(clippy::test)",
        "doc(test(attr(deny(warnings))))",
        "derive(Test)",
    ] {
        assert_eq!(
            tests(&format!("#[{attribute}]\nfn f() {{}}")),
            0,
            "{attribute}"
        );
    }
}

#[test]
fn tests_in_comments_and_strings_do_not_count() {
    assert_eq!(
        tests(
            "// #[test]\n/* #[test] */ const A: &str = \"#[test]\"; const B: &str = r#\"#[test]\"#;"
        ),
        0
    );
}

#[test]
fn tests_in_macros_count_or_make_unsure() {
    assert_eq!(tests("macro_rules! t { () => { #[test] fn f() {} } }"), 1);
    assert_eq!(tests("proptest! { #[test] fn f(a in 0..3) {} }"), 1);
    assert!(
        scan("mod tests { quickcheck! { fn f(a: u8) -> bool { true } } }")
            .unsure
            .tests
    );
    assert!(!scan("fn f() { assert_eq!(1, 1); vec![1]; }").unsure.tests);
}

#[test]
fn exported_symbols() {
    for text in [
        "#[no_mangle] pub fn f() {}",
        "#[unsafe(no_mangle)] pub fn f() {}",
        "#[unsafe(export_name = \"g\")] fn f() {}",
        "#[cfg_attr(feature = \"ffi\", no_mangle)] pub fn f() {}",
        "#[pymodule] fn f() {}",
        "#[pyo3::pyclass] struct A;",
        "#[wasm_bindgen(js_name = x)] impl A {}",
        "#[uniffi::export] fn f() {}",
        "pub extern \"C\" fn f() {}",
        "pub unsafe extern \"system\" fn f() {}",
    ] {
        assert!(scan(text).exports, "{text}");
    }
    for text in [
        "extern \"C\" { fn f(); }",
        "pub type F = extern \"C\" fn(u8);",
        "pub struct A; extern \"C\" fn callback() {}",
        "pub fn f() {}",
        "#[derive(Debug)] pub struct A;",
    ] {
        assert!(!scan(text).exports, "{text}");
    }
}

#[test]
fn attributes_that_nest_without_end_are_unknown() {
    for word in ["cfg_attr(unix, ", "unsafe("] {
        let text = |deep: usize| {
            let (open, close) = (word.repeat(deep), ")".repeat(deep));
            format!("#[{open}no_mangle{close}] pub fn f() {{}}")
        };
        let some = scan(&text(3));
        assert!(some.exports && !some.unsure.exports, "{word}");
        let many = scan(&text(50_000));
        assert!(!many.exports && many.unsure.exports, "{word}");
    }
}

#[test]
fn an_unknown_attribute_macro_may_export() {
    for text in [
        "#[program] pub mod m {}",
        "#[cfg_attr(mobile, tauri::mobile_entry_point)] pub fn run() {}",
        "#[contractimpl] #[inline] impl A {}",
        "#[a::b(x)] pub(crate) static S: u8 = 0;",
        "mod m { #[entry] async unsafe fn f() {} }",
    ] {
        assert!(scan(text).unsure.exports, "{text}");
    }
    for text in [
        "#![entry] pub fn f() {}",
        "#[inline] #[tracing::instrument] #[clippy::x::y] fn f() {}",
        "#[derive(A)] #[a(b)] pub struct S { #[a] pub f: u8 } fn f() {}",
        "#[a] enum E { #[b] V } impl E {}",
        "#[cfg(test)] mod m { #[entry] fn f() {} }",
    ] {
        assert!(!scan(text).unsure.exports, "{text}");
    }
}

#[test]
fn modules_with_paths_and_inline_modules() {
    let found = scan(
        "mod a; pub(crate) mod b { mod c; } #[path = \"x/d.rs\"] pub(crate) mod d;\n\
         #[cfg_attr(unix, path = \"u.rs\")] #[cfg_attr(windows, path = \"w.rs\")] mod e;\n\
         mod r#f; cfg_if! { if #[cfg(unix)] { mod g; } }\n\
         #[cfg(test)] mod h; #[cfg(test)] pub mod i { mod j; }",
    );
    let modules: Vec<String> = found
        .modules
        .iter()
        .map(|m| {
            let cfg = match m.condition {
                Condition::Always => "",
                Condition::Cfg => " cfg",
                Condition::Test => " test",
            };
            format!(
                "{} at {:?} inside {:?}{cfg}",
                m.place.name, m.place.paths, m.place.inside
            )
        })
        .collect();
    assert_eq!(
        modules,
        [
            "a at [] inside []",
            "c at [] inside [\"b\"]",
            "d at [\"x/d.rs\"] inside []",
            "e at [\"u.rs\", \"w.rs\"] inside []",
            "f at [] inside []",
            "g at [] inside [] cfg",
            "h at [] inside [] test",
            "j at [] inside [\"i\"] test",
        ]
    );
}

#[test]
fn macros_in_item_position_are_named() {
    let found = scan(
        "a! { x } b::c!(); #[cfg(test)] d!{} mod m { e! {} } ::f::g! {}\n\
         fn f() { not_this!(); } const X: u8 = nor_this!(); macro_rules! mine { () => {} }\n\
         mine! {}",
    );
    let names: Vec<&str> = found.item_macros.iter().map(String::as_str).collect();
    assert_eq!(names, ["a", "c", "e", "g", "mine"]);
    assert_eq!(found.test_item_macros, ["d".to_owned()].into());
    assert!(found.defined_macros.contains("mine"));
}

#[test]
fn what_is_generated_is_unsure() {
    assert_eq!(
        scan("include!(concat!(env!(\"OUT_DIR\"), \"/x.rs\"));").unsure,
        Unsure::ALL
    );
    assert_eq!(scan("include!(\"x.rs\");").includes, ["x.rs"]);
    assert!(scan("#[doc = concat!(\"a\")] fn f() {}").unsure.docs);
    assert_eq!(
        scan("macro_rules! m { ($n:ident) => { mod $n; } }").unsure,
        Unsure::ALL
    );
    assert_eq!(scan("fn f() { \" }").unsure, Unsure::ALL);
    assert_eq!(
        scan("#![doc = include_str!(\"../README.md\")]").doc_includes,
        ["../README.md"]
    );
}

#[test]
fn documentation_is_put_together_across_attributes() {
    let text = "//! ```\n//! a();\n//! ```\n\n/// ```\n#[must_use]\n/// b();\n/// ```\nfn f() {}\n\
                #[doc = \"```\\nc();\\n```\"]\nfn g() {}\n/// ```text\n/// d\n/// ```\nfn h() {}";
    assert_eq!(scan(text).doctest_blocks, 3);
}

#[test]
fn what_only_tests_see_is_no_documentation() {
    for text in [
        "#![cfg(test)]\n/// ```\n/// a();\n/// ```\nfn f() {}",
        "#[cfg(all(test, unix))]\nmod tests {\n/// ```\n/// a();\n/// ```\nfn f() {}\n}",
        "/// ```\n/// a();\n/// ```\n#[cfg(test)]\nfn f() {}",
    ] {
        assert_eq!(scan(text).doctest_blocks, 0, "{text}");
    }
    for cfg in ["not(test)", "any(test, unix)", "feature = \"test\"", "unix"] {
        let text = format!("#[cfg({cfg})]\nmod m {{\n/// ```\n/// a();\n/// ```\nfn f() {{}}\n}}");
        assert_eq!(scan(&text).doctest_blocks, 1, "{text}");
    }
}

#[test]
fn no_text_panics() {
    for text in [
        "#[",
        "#![doc",
        "mod",
        "#[cfg_attr(",
        "extern",
        "pub extern \"C\"",
        "a::",
        "}}}",
        "include!(",
    ] {
        scan(text);
    }
}
