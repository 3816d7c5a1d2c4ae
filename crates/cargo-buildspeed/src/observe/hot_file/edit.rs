//! The edit itself. It is text in, text out, so that what is timed can be read in a test.

use syn::{AttrStyle, Attribute, Block, ImplItem, Item, Signature, TraitItem};

use pitcrew_core::source::lexer::start as code_start;
use pitcrew_core::source::nesting;

/// `text` with a change that rustc must compile: a statement at the start of the longest ordinary
/// function, or a new static at the end where there is none. No two rounds are equal, and none is
/// equal to `text`.
///
/// The statement calls a method of `core` on a literal: that needs no path or prelude that an
/// edition or `no_std` might lack, breaks no lint of rustc even where all are denied, and is a call
/// in the function's MIR, so that its code is made anew (a plain `let _ = 7;` would leave none).
pub fn edit(text: &str, round: u32) -> String {
    let inserted = insertion_point(text).map(|at| {
        let statement = format!(" let _ = {round}_u32.wrapping_add(1);");
        format!("{}{statement}{}", &text[..at], &text[at..])
    });
    inserted
        .filter(|text| parse(text).is_some())
        .unwrap_or_else(|| append(text, round))
}

/// Whether [`edit`] finds a function to change.
pub(super) fn has_function(text: &str) -> bool {
    insertion_point(text).is_some()
}

/// A static that is kept, so that there is something to generate; its name starts with an underscore
/// since an `#[allow]` is an error under `forbid`.
fn append(text: &str, round: u32) -> String {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        newline
    };
    format!("{text}{gap}#[used]{newline}static _PITCREW_EDIT_{round}: u32 = {round};{newline}")
}

fn parse(text: &str) -> Option<syn::File> {
    nesting::check(text).ok()?;
    syn::parse_file(&text[code_start(text)..]).ok()
}

/// The byte behind the opening brace of the best function.
fn insertion_point(text: &str) -> Option<usize> {
    let start = code_start(text);
    let file = parse(text)?;
    let mut best = None;
    of_items(&file.items, &mut best);
    best.map(|function: Function| start + function.insert_at)
        .filter(|at| text.is_char_boundary(*at))
}

struct Function {
    /// Compiled where it is defined: neither generic nor inlined into its callers.
    concrete: bool,
    len: usize,
    insert_at: usize,
}

impl Function {
    fn is_better_than(&self, other: &Self) -> bool {
        (self.concrete, self.len) > (other.concrete, other.len)
    }
}

fn of_items(items: &[Item], best: &mut Option<Function>) {
    for item in items {
        match item {
            Item::Fn(item) => consider(&item.attrs, &item.sig, &item.block, false, best),
            Item::Impl(item) if is_ordinary(&item.attrs) => {
                let generic = has_type_parameters(&item.generics);
                for item in &item.items {
                    if let ImplItem::Fn(item) = item {
                        consider(&item.attrs, &item.sig, &item.block, generic, best);
                    }
                }
            }
            // A trait's own functions are generic over `Self`.
            Item::Trait(item) if is_ordinary(&item.attrs) => {
                for item in &item.items {
                    if let TraitItem::Fn(item) = item
                        && let Some(block) = &item.default
                    {
                        consider(&item.attrs, &item.sig, block, true, best);
                    }
                }
            }
            Item::Mod(item) if is_ordinary(&item.attrs) => {
                if let Some((_, items)) = &item.content {
                    of_items(items, best);
                }
            }
            _ => {}
        }
    }
}

fn consider(
    attributes: &[Attribute],
    signature: &Signature,
    block: &Block,
    generic: bool,
    best: &mut Option<Function>,
) {
    // In a const fn the call would have to be const.
    if signature.constness.is_some() || !is_ordinary(attributes) {
        return;
    }
    let inner = || {
        let is_inner = |a: &&Attribute| matches!(a.style, AttrStyle::Inner(_));
        attributes.iter().filter(is_inner)
    };
    // Behind a `//!` comment the statement would be part of it.
    if inner().any(|attribute| attribute.path().is_ident("doc")) {
        return;
    }
    let inner_end = inner()
        .map(|attribute| attribute.bracket_token.span.close().byte_range().end)
        .max();
    let braces = block.brace_token.span;
    let open = braces.open().byte_range().end;
    let inlined = attributes.iter().any(|a| a.path().is_ident("inline"));
    let function = Function {
        concrete: !generic && !inlined && !is_generic(signature),
        len: braces.close().byte_range().end.saturating_sub(open),
        insert_at: inner_end.unwrap_or(0).max(open),
    };
    if best
        .as_ref()
        .is_none_or(|best| function.is_better_than(best))
    {
        *best = Some(function);
    }
}

fn is_generic(signature: &Signature) -> bool {
    has_type_parameters(&signature.generics)
        || signature.inputs.iter().any(|input| match input {
            syn::FnArg::Typed(input) => is_impl_trait(&input.ty),
            syn::FnArg::Receiver(_) => false,
        })
}

/// `impl Trait` or `&impl Trait`, a type parameter without a name.
fn is_impl_trait(ty: &syn::Type) -> bool {
    match ty {
        syn::Type::ImplTrait(_) => true,
        syn::Type::Reference(reference) => is_impl_trait(&reference.elem),
        _ => false,
    }
}

/// Lifetimes do not make more than one copy.
fn has_type_parameters(generics: &syn::Generics) -> bool {
    generics
        .params
        .iter()
        .any(|parameter| !matches!(parameter, syn::GenericParam::Lifetime(_)))
}

/// Only attributes that leave the body alone: `#[cfg]` may take it out of this build, `#[naked]` and
/// attribute macros may refuse the statement.
fn is_ordinary(attributes: &[Attribute]) -> bool {
    const KNOWN: [&str; 16] = [
        "allow",
        "async_trait",
        "cold",
        "deny",
        "deprecated",
        "doc",
        "expect",
        "forbid",
        "inline",
        "instrument",
        "main",
        "must_use",
        "rustfmt",
        "track_caller",
        "unsafe_op_in_unsafe_fn",
        "warn",
    ];
    attributes.iter().all(|attribute| {
        let mut segments = attribute.path().segments.iter();
        let tool = attribute.path().segments.first();
        let last = segments.next_back();
        let known = |s: &syn::PathSegment| KNOWN.iter().any(|name| s.ident == name);
        last.is_some_and(known) || tool.is_some_and(|s| s.ident == "rustfmt" || s.ident == "clippy")
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Checks what holds for every text, and returns the edited one.
    #[track_caller]
    fn edited(text: &str) -> String {
        let (first, second) = (edit(text, 7), edit(text, 8));
        assert_ne!(first, text);
        assert_ne!(first, second);
        assert!(parse(&first).is_some(), "{first}");
        first
    }

    const STATEMENT: &str = " let _ = 7_u32.wrapping_add(1);";

    #[test]
    fn the_longest_ordinary_function_is_changed() {
        let text = "fn short() {}\nimpl A { pub fn long(&self) -> u8 { let a = 1; a } }\n\
                    const fn much_longer_but_const() -> u8 { let abc = 1; abc + 1 + 2 }\n\
                    #[cfg(test)] mod tests { fn longer_but_a_test() { let abcdef = 1; } }\n\
                    #[inline] fn longer_but_inlined() { let abcdef = 1; }\n\
                    fn longer_but_generic<T>(t: T) { let abcdef = 1; }\n\
                    fn longer_but_generic_too(t: &mut impl T) { let abcdef = 1; }\n\
                    #[kernel] fn longer_but_a_macros() { let abcdef = 1; }\n\
                    trait T { fn f() { let longer_but_generic = 1; } }\n";
        assert_eq!(
            edited(text),
            text.replace(
                "-> u8 { let a = 1;",
                &format!("-> u8 {{{STATEMENT} let a = 1;")
            )
        );
    }

    #[test]
    fn generic_and_inlined_functions_are_better_than_none() {
        for text in [
            "impl<T> A<T> { fn f() {} }",
            "trait T { fn f() {} fn g(); }",
            "mod inner { #[inline(always)] fn f() {} }",
        ] {
            assert_eq!(
                edited(text),
                text.replacen("fn f() {", &format!("fn f() {{{STATEMENT}"), 1)
            );
        }
    }

    #[test]
    fn inner_attributes_stay_first() {
        assert_eq!(
            edited("fn f() {\n    #![allow(unused)]\n    g();\n}\n"),
            format!("fn f() {{\n    #![allow(unused)]{STATEMENT}\n    g();\n}}\n")
        );
        assert!(edited("fn f() { //! docs\n g(); }").contains("static"));
    }

    #[test]
    fn marks_and_line_ends_are_kept() {
        let text = "\u{feff}#!/usr/bin/env rust ä\r\n#![forbid(warnings)]\r\n// ü\r\nfn f() {\r\n    g();\r\n}\r\n";
        assert_eq!(
            edited(text),
            text.replace("f() {", &format!("f() {{{STATEMENT}"))
        );
        let text = "#![no_std]\r\npub const Ä: u8 = 1;";
        assert_eq!(
            edited(text),
            format!("{text}\r\n#[used]\r\nstatic _PITCREW_EDIT_7: u32 = 7;\r\n")
        );
    }

    #[test]
    fn files_without_functions_get_a_static() {
        for text in [
            "",
            "mod a;\n",
            "//! docs",
            "macro_rules! m { () => { fn f() {} } }\n",
        ] {
            assert!(
                edited(text).ends_with("static _PITCREW_EDIT_7: u32 = 7;\n"),
                "{text}"
            );
            assert!(!has_function(text));
        }
        assert!(edit("fn f( {", 7).starts_with("fn f( {\n#[used]"));
    }

    #[test]
    fn every_kind_of_function_takes_the_statement() {
        for text in [
            "async fn f() {}",
            "pub(crate) unsafe extern \"C\" fn f() {}",
            "#[tokio::main]\nasync fn main() { g().await }",
            "fn f() -> ! { loop {} }",
            "fn f() -> impl Fn() { || {} }",
            "impl A { fn f(self: &Self) where Self: Sized {} }",
            "fn f<'a>(a: &'a str) -> &'a str { a }",
            "fn f() { /* ü */ macro_call! {} }",
        ] {
            assert!(edited(text).contains(STATEMENT), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>()) {
            prop_assert_ne!(edit(&text, 1), text);
        }

        #[test]
        fn any_mix_of_items_still_parses(
            items in proptest::collection::vec(
                prop::sample::select(vec![
                    "fn a() {}", "const fn b() {}", "// ö\r\n", "/* fn c() {} */", "#[cfg(x)] fn d() {}",
                    "mod e { fn f() { \"}\"; } }", "impl G { fn h() { '{'; } }", "static I: &str = \"fn i() {\";",
                    "macro_rules! j { () => {} }", "j! { fn k() {} }", "/// l\nfn m() { #![allow(x)] }",
                ]),
                0..8,
            )
        ) {
            let text = items.join("\n");
            let edited = edit(&text, 3);
            prop_assert!(parse(&edited).is_some(), "{}", edited);
        }
    }
}
