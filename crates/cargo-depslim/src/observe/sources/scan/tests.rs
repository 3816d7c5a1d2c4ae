//! What `scan` promises, tested.

use super::*;

const NAMES: [&str; 5] = ["serde", "log", "winapi", "time", "log_macros"];

fn scanned_as(text: &str, edition_2015: bool) -> Vec<String> {
    let names = Names::new(NAMES.map(str::to_owned)).of_macros(&["log_macros".to_owned()]);
    let features = FeatureBits::new(["f".to_owned()]);
    let scope = Scope {
        names: &names,
        features: &features,
        edition_2015,
        all_strings: false,
    };
    let found = scan(text, scope);
    let mut out: Vec<String> = Vec::new();
    for (index, local) in found.locals.iter().enumerate() {
        for mention in &local.mentions {
            let gate = mention.gate;
            let mut text = names.name(mention.name).to_owned();
            match mention.kind {
                MentionKind::Path | MentionKind::Import | MentionKind::Absolute => {}
                kind => text = format!("{text} {kind:?}"),
            }
            if gate.test {
                text.push_str(" test");
            }
            if gate.is_conditional() {
                text.push_str(" cfg");
            }
            if index > 0 {
                text = format!("{}: {text}", local.name);
            }
            out.push(text);
        }
    }
    out.sort();
    out.dedup();
    out
}

fn scanned(text: &str) -> Vec<String> {
    scanned_as(text, false)
}

/// That each of the texts gives exactly this.
fn all(texts: &[&str], expected: &[&str]) {
    for text in texts {
        assert_eq!(scanned(text), expected, "{text}");
    }
}

#[test]
fn a_name_counts_at_the_head_of_a_path() {
    all(
        &[
            "use log::info;",
            "use log;",
            "use {std::fs, log::{self, Level}};",
            "pub(crate) use ::log::Level as L;",
            "use {::log::Level, std::fs};",
            "use log as l;",
            "pub use log::*;",
            "fn f() { log::info!(\"x\"); }",
            "fn f(a: log::Level) {}",
            "fn f(a:log::Level) {}",
            "fn f() -> ::log::Level {}",
            "fn f() { a(::log::B, 1..log::C) }",
            "type A = <log::B as C>::D;",
            "impl log::Log for A {}",
            "extern crate log;",
            "#[macro_use] extern crate log as _;",
            "fn f() { let r#a = r#log::b; }",
            "#[log::attribute] fn f() {}",
            "#[derive(Debug, log::Derive)] struct A;",
            "struct A { #[x(log::b)] a: u8 }",
            "fn f() { return ::log::x(); }",
            "#[x(crate = log)] fn f() {}",
            "fn f() { match a { log::A => 1, _ => 2 } }",
        ],
        &["log"],
    );
}

#[test]
fn other_words_of_the_same_spelling_do_not() {
    all(
        &[
            "use std::log::x;",
            "use crate::log::x; use self::log; use super::log as l;",
            "use std::{log, a::log::b};",
            "fn log() {} fn f() { log(); a.log(); self.log.x; log::<u8>(); }",
            "fn f() { a::log::b(); Self::log::b(); <A as B>::log::c(); $crate::log::x!(); $log::y }",
            "// log::x\n/* log::x */ const A: &str = \"log::x\"; fn f() { print!(\"log::x\") }",
            "fn f<'log>(log: u8) { let log = 1; log }",
            "impl<T> A for B<T> where T: use<'log> {}",
            "macro_rules! log { () => {} } log!();",
        ],
        &[],
    );
}

#[test]
fn what_a_name_means_in_the_crate_shadows_it() {
    all(
        &[
            "mod log { pub fn a() {} } fn f() { log::a(); }",
            "mod log; use log::a;",
            "use foo::log; fn f() { log::a(); }",
            "use foo::{bar as log}; fn f() { log::a(); }",
            "enum log { A } fn f() { log::A; }",
            "fn f() { use std::time; time::Duration::ZERO; }",
            "fn f() { mod log { } log::a(); { log::b(); } }",
            "cfg_if! { if #[cfg(a)] { mod log; } else { mod log; } } fn f() { log::a(); }",
            "extern crate other as log; fn f() { log::a(); }",
        ],
        &[],
    );
    all(
        &[
            "mod log { } fn f() { ::log::a(); }",
            "fn a() { mod log { } } fn f() { log::a(); }",
            "use log::log; fn f() { log::a(); }",
        ],
        &["log"],
    );
    all(
        &["use foo::log; mod m { fn f() { log::a(); } }"],
        &["m: log"],
    );
}

#[test]
fn a_macro_that_bears_a_crates_name_shadows_it_not() {
    all(
        &[
            "use log_macros::log; fn f() { log::a(); }",
            "use log_macros::{log}; use log::A; #[log] fn f() {}",
        ],
        &["log", "log_macros"],
    );
}

#[test]
fn in_the_edition_of_2015_imports_start_at_the_root() {
    let text = "mod a { mod log {} use log::x; fn f() { log::y(); } }";
    assert_eq!(scanned(text), [""; 0]);
    assert_eq!(scanned_as(text, true), ["a: log"]);
}

#[test]
fn a_cfg_holds_for_its_item_and_no_longer() {
    all(
        &[
            "#[cfg(windows)] use winapi::x; use log::y;",
            "#[cfg(windows)] fn f() -> A<B, C> { winapi::x(); } use log::y;",
            "#[cfg(windows)] #[doc = \"x\"] /// d\n #[derive(winapi::D)] struct A(u8, winapi::B); use log::y;",
            "#[derive(winapi::D)] #[cfg(windows)] struct A; use log::y;",
            "struct A { #[cfg(windows)] pub a: M<K, winapi::B>, b: log::C }",
            "fn f() { match a { #[cfg(windows)] A { b } => winapi::c(), _ => log::d() } }",
            "fn f() { #[cfg(windows)] let a: M<K, winapi::B> = |c, d| winapi::e(); log::x(); }",
            "fn f() { #[cfg(windows)] if let A { b } = c() { } else { winapi::e(); } log::x(); }",
            "fn f() { #[cfg(windows)] for A { b } in winapi::c() { } log::x(); }",
            "#[cfg(windows)] mod m { } #[cfg(windows)] const A: B = B { c: 1 }.d(winapi::E); use log::y;",
            "cfg_if! { if #[cfg(windows)] { use winapi::x; } else { use winapi::y; } } use log::z;",
            "#[cfg_attr(windows, winapi::x)] fn f() { log::y() }",
            "macro_rules! m { () => { winapi::x() } } fn f() { log::y() }",
            "#[cfg(feature = \"f\")] use winapi::x; use log::y;",
            "#[cfg(not(feature = \"f\"))] impl A { fn f() {} } #[cfg(unix)] impl B for winapi::C {} impl log::D {}",
        ],
        &["log", "winapi cfg"],
    );
    assert_eq!(scanned("#![cfg(windows)] use log::x;"), ["log cfg"]);
    assert_eq!(
        scanned("#[cfg(test)] mod tests { use log::x; } #[cfg(test)] use serde::x;"),
        ["serde test", "tests: log test"]
    );
    assert_eq!(
        scanned("fn f() { info!(\"{}\", log::x()); other!(serde::y); }"),
        ["log", "serde cfg"]
    );
}

#[test]
fn strings_count_where_they_become_code() {
    all(
        &[
            "struct A { #[serde(with = \"time::serde::rfc3339\")] a: u8 }",
            "struct A { #[serde(with = \"time\")] a: u8 }",
            "#[x(a = r#\"Vec<time::B>\"#)] struct A;",
        ],
        &["time Text"],
    );
    assert_eq!(scanned("m! { a = \"time::x\" }"), ["time Text cfg"]);
}

#[test]
fn documentation_tests_are_code_and_links_are_paths() {
    all(
        &[
            "//! ```\n//! use log::x;\n//! ```",
            "/// ```no_run\n/// # fn main() {\n/// # log::x();\n/// # }\n/// ```\nfn f() {}",
            "/** ```\n * log::x();\n * ```\n */ fn f() {}",
            "#[doc = \"```\\nlog::x();\\n```\"] fn f() {}",
        ],
        &["log Doctest"],
    );
    all(
        &[
            "/// ```text\n/// log::x\n/// ```\nfn f() {}",
            "/// ```ignore\n/// log::x\n/// ```\nfn f() {}",
            "/// uses `log::x`\nfn f() {}",
        ],
        &[],
    );
    assert_eq!(
        scanned("mod log {} /// ```\n/// log::x();\n/// ```\nfn f() {}"),
        ["log Doctest"]
    );
    assert_eq!(scanned("/// see [`log::x`]\nfn f() {}"), ["log DocLink"]);
}

#[test]
fn what_the_scan_takes_note_of_beside_names() {
    let names = Names::default();
    let features = FeatureBits::new(["f", "g"].map(str::to_owned));
    let scope = Scope {
        names: &names,
        features: &features,
        edition_2015: false,
        all_strings: true,
    };
    let found = scan(
        "#[cfg(feature = \"f\")] fn a() { other!(); } #[cfg(feature = \"g\")] fn b() { vec![1]; }
         include!(\"a.in\"); include!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/b.rs\"));
         #[doc = include_str!(\"c.md\")] mod m; mod n { #[path = \"q.rs\"] mod o; }
         fn c() { if cfg!(feature = \"h\") { env(\"DEP_Z_ROOT\"); } }",
        scope,
    );
    assert_eq!(found.opaque, 1);
    assert_eq!(found.named_features, ["f", "g", "h"]);
    let includes: Vec<_> = found
        .includes
        .iter()
        .map(|i| (i.path.as_str(), i.from_package))
        .collect();
    assert_eq!(includes, [("a.in", false), ("b.rs", true)]);
    assert_eq!(found.documents, ["c.md"]);
    assert!(found.links && !found.generated);
    let modules: Vec<_> = found
        .modules
        .iter()
        .map(|m| (m.place.name.as_str(), m.place.inside.concat(), m.local))
        .collect();
    assert_eq!(modules, [("m", String::new(), 0), ("o", "n".to_owned(), 1)]);
    let generated = "include!(concat!(env!(\"OUT_DIR\"), \"/x.rs\"));";
    assert!(scan(generated, scope).generated);
}

#[test]
fn what_cannot_be_read_counts_by_its_words() {
    assert_eq!(
        scanned("fn f() { log::x(\"not closed) }"),
        ["log Bytes cfg"]
    );
    assert_eq!(scanned("}} ) use log::x;"), ["log"]);
}

proptest::proptest! {
    #[test]
    fn no_text_panics(
        parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "use", "log", "::", "{", "}", "(", ")", "[", "]", "#", "!", "cfg", "cfg_attr", "mod",
                ";", ",", "<", ">", "extern crate", "as", "\"log::x\"", "/// ```\n", "$", "*", "=",
                "macro_rules", "include", "doc", "pub", "r#x", "struct", "|", "self", ".",
            ]),
            0..60,
        )
    ) {
        scanned(&parts.join(" "));
    }
}
