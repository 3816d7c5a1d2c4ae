//! Which attributes matter to a scan.

use pitcrew_core::source::lexer::{Kind, Token};
use pitcrew_core::source::tokens::{DEEPEST_ATTRIBUTE, arguments, string};

/// An attribute that a scan counts or follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// It makes a test of a function, or is likely to.
    Test,
    /// It exports a symbol or generates a binding that does.
    Export,
    /// An attribute macro of which nothing is known: it may make anything of its item.
    Macro,
    /// `#[cfg(…)]`; one that only holds in a test build is told apart.
    Cfg { test: bool },
    /// `#[path = "…"]`
    Path(String),
    /// `#[doc = "…"]`
    Doc(String),
    /// `#[doc = include_str!("…")]`
    DocFile(String),
    /// `#[doc = …]` with anything else.
    DocUnknown,
}

/// Attribute macros that make tests without saying so in their name.
const TESTS: [&str; 6] = [
    "bench",
    "case",
    "parameterized",
    "quickcheck",
    "theory",
    "apply",
];

/// Attributes that export a symbol or belong to a generator of bindings.
const EXPORTS: [&str; 20] = [
    "no_mangle",
    "export_name",
    "used",
    "link_section",
    "panic_handler",
    "pymodule",
    "pyfunction",
    "pyclass",
    "pymethods",
    "wasm_bindgen",
    "napi",
    "php_module",
    "php_function",
    "ffi_export",
    "ffi_function",
    "extendr",
    "frb",
    "nif",
    "jni_fn",
    "pg_extern",
];

/// Crates that generate bindings; all of their attributes count.
const EXPORTERS: [&str; 14] = [
    "cxx",
    "diplomat",
    "extendr_api",
    "interoptopus",
    "magnus",
    "napi_derive",
    "neon",
    "pgrx",
    "pyo3",
    "rustler",
    "safer_ffi",
    "swift_bridge",
    "uniffi",
    "wasm_bindgen",
];

/// Attributes that the compiler knows, and attribute macros that export nothing.
const HARMLESS: [&str; 54] = [
    "allow",
    "async_recursion",
    "async_trait",
    "automatically_derived",
    "automock",
    "cfg_eval",
    "cold",
    "crate_name",
    "crate_type",
    "default",
    "deny",
    "deprecated",
    "derive",
    "derive_const",
    "enum_dispatch",
    "expect",
    "feature",
    "fixture",
    "forbid",
    "global_allocator",
    "ignore",
    "inline",
    "instruction_set",
    "instrument",
    "link",
    "link_name",
    "link_ordinal",
    "macro_export",
    "macro_use",
    "main",
    "must_use",
    "naked",
    "no_builtins",
    "no_implicit_prelude",
    "no_link",
    "no_main",
    "no_std",
    "non_exhaustive",
    "pin_project",
    "proc_macro",
    "proc_macro_attribute",
    "proc_macro_derive",
    "pinned_drop",
    "recursion_limit",
    "repr",
    "serde",
    "serde_as",
    "should_panic",
    "target_feature",
    "thread_local",
    "track_caller",
    "type_length_limit",
    "warn",
    "windows_subsystem",
];

/// Tools whose attributes rustc passes over.
const TOOLS: [&str; 5] = ["clippy", "diagnostic", "miri", "rust_analyzer", "rustfmt"];

/// Whether an attribute or a macro of this name is likely to make tests.
pub fn names_test(name: &str) -> bool {
    name.contains("test") || name == "quickcheck"
}

/// What is between an attribute's brackets; more than one where a `cfg_attr` holds several. One that nests too
/// deep to be followed is a macro of which nothing is known.
pub fn read(tokens: &[Token<'_>]) -> Vec<Attribute> {
    within(tokens, 0)
}

fn within(tokens: &[Token<'_>], depth: u32) -> Vec<Attribute> {
    let path = path(tokens);
    let rest = &tokens[path.tokens..];
    let inside = match rest {
        [open, inside @ .., _] if open.kind == Kind::Punct(b'(') => inside,
        _ => &[],
    };
    match path.segments.as_slice() {
        ["cfg_attr"] if depth < DEEPEST_ATTRIBUTE => {
            let parts = arguments(inside).skip(1);
            parts.flat_map(|part| within(part, depth + 1)).collect()
        }
        ["unsafe"] if depth < DEEPEST_ATTRIBUTE => within(inside, depth + 1),
        ["cfg"] => vec![Attribute::Cfg {
            test: needs_test(inside),
        }],
        ["doc"] => doc(rest).into_iter().collect(),
        ["path"] => match rest {
            [_, value, ..] => string(*value).map(Attribute::Path).into_iter().collect(),
            _ => Vec::new(),
        },
        segments => {
            let mut found = Vec::new();
            if segments
                .last()
                .is_some_and(|last| names_test(last) || TESTS.contains(last))
            {
                found.push(Attribute::Test);
            }
            let exports = segments.last().is_some_and(|last| EXPORTS.contains(last))
                || segments
                    .first()
                    .is_some_and(|first| EXPORTERS.contains(first));
            if exports {
                found.push(Attribute::Export);
            }
            let is_known = segments.last().is_none_or(|last| HARMLESS.contains(last))
                || segments.first().is_some_and(|first| TOOLS.contains(first));
            if found.is_empty() && !is_known {
                found.push(Attribute::Macro);
            }
            found
        }
    }
}

/// `test`, or `all(test, …)`.
fn needs_test(predicate: &[Token<'_>]) -> bool {
    match predicate {
        [test] => test.text == "test",
        [all, _, inside @ .., _] if all.text == "all" => {
            arguments(inside).any(|part| matches!(part, [test] if test.text == "test"))
        }
        _ => false,
    }
}

struct Path<'a> {
    segments: Vec<&'a str>,
    /// How many tokens it takes.
    tokens: usize,
}

fn path<'a>(tokens: &[Token<'a>]) -> Path<'a> {
    let is_path = |token: &&Token<'_>| matches!(token.kind, Kind::Ident | Kind::Punct(b':'));
    let of_path: Vec<&Token<'a>> = tokens.iter().take_while(is_path).collect();
    let idents = of_path.iter().filter(|token| token.kind == Kind::Ident);
    Path {
        segments: idents.map(|token| token.text).collect(),
        tokens: of_path.len(),
    }
}

/// What follows `doc`; `doc(hidden)` and its like hold no text.
fn doc(rest: &[Token<'_>]) -> Option<Attribute> {
    match rest {
        [eq, value] if eq.kind == Kind::Punct(b'=') => Some(match string(*value) {
            Some(text) => Attribute::Doc(text),
            None => Attribute::DocUnknown,
        }),
        [eq, name, _, _, value, _]
            if eq.kind == Kind::Punct(b'=') && name.text == "include_str" =>
        {
            Some(match string(*value) {
                Some(path) => Attribute::DocFile(path),
                None => Attribute::DocUnknown,
            })
        }
        [eq, ..] if eq.kind == Kind::Punct(b'=') => Some(Attribute::DocUnknown),
        _ => None,
    }
}
