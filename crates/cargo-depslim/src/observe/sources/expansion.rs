//! What the sources of a macro crate or a code generator name in what they produce: the bodies of
//! `quote!` and of exported `macro_rules!`, and strings that hold paths. serde_derive names serde
//! that way, though nobody who derives does.

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::regular_file;
use pitcrew_core::source::lexer::{Kind, Token, lex};
use pitcrew_core::source::tokens::{closing, string};

use super::names::{NameId, Names};
use super::text;
use super::tokens::{Head, head};

/// Macros whose arguments become the output of a procedural macro.
const PRODUCERS: [&str; 5] = [
    "parse_quote",
    "parse_quote_spanned",
    "quote",
    "quote_into",
    "quote_spanned",
];

/// How a crate produces code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Producer {
    /// By `macro_rules!` alone.
    Rules,
    /// By tokens: procedural macros, and the crates that help them.
    Tokens,
    /// By text too: generators that build scripts call.
    Text,
}

/// The names that the crate in `folder` puts into code of its users.
pub fn produced(folder: &Utf8Path, producer: Producer, names: &Names) -> Vec<NameId> {
    let mut found = Vec::new();
    let mut files = Vec::new();
    rust_files(&folder.join("src"), &mut files);
    if files.is_empty() {
        rust_files(folder, &mut files);
    }
    for file in files {
        let Ok(bytes) = regular_file::read(&file) else {
            continue;
        };
        // Most files name none of them at all.
        let mut missing = text::words(&bytes, names);
        missing.retain(|name| !found.contains(name));
        let Some(text) = std::str::from_utf8(&bytes)
            .ok()
            .filter(|_| !missing.is_empty())
        else {
            continue;
        };
        found.extend(
            in_text(text, producer, names)
                .into_iter()
                .filter(|n| missing.contains(n)),
        );
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn rust_files(folder: &Utf8Path, out: &mut Vec<Utf8PathBuf>) {
    let Ok(entries) = folder.read_dir_utf8() else {
        return;
    };
    for entry in entries.flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => rust_files(entry.path(), out),
            Ok(_) if entry.path().extension() == Some("rs") => out.push(entry.path().to_owned()),
            _ => {}
        }
    }
}

fn in_text(text: &str, producer: Producer, names: &Names) -> Vec<NameId> {
    let Some(tokens) = lex(text) else {
        return Vec::new();
    };
    let exports = tokens.iter().any(|token| token.text == "macro_export");
    let asks_cargo = tokens.iter().any(|token| token.text == "crate_name");
    let mut found = Vec::new();
    let mut end = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Ident if at >= end => {
                let is_producer = producer != Producer::Rules && PRODUCERS.contains(&token.text);
                let is_rules = exports && token.text == "macro_rules";
                if (is_producer || is_rules) && is_punct(&tokens, at + 1, b'!') {
                    let open = at + 2 + usize::from(is_rules);
                    if let Some(close) = closing(&tokens, open) {
                        heads(&tokens, open..close, names, &mut found);
                        end = close;
                    }
                }
            }
            Kind::Str if producer != Producer::Rules => {
                let value = string(*token).unwrap_or_default();
                if asks_cargo {
                    found.extend(names.get(&value.replace('-', "_")));
                }
                // A derive's own messages name paths too; a generator's strings are its output.
                if producer == Producer::Text || value.starts_with("::") {
                    text::heads(&value, names, &mut |name, _| found.push(name));
                }
            }
            _ => {}
        }
    }
    found
}

/// The names that head paths in a range of tokens.
fn heads(
    tokens: &[Token<'_>],
    range: std::ops::Range<usize>,
    names: &Names,
    found: &mut Vec<NameId>,
) {
    for at in range {
        let Some(name) = names
            .get(tokens[at].text)
            .filter(|_| tokens[at].kind == Kind::Ident)
        else {
            continue;
        };
        // `#name` is filled in.
        let is_slot = at > 0 && is_punct(tokens, at - 1, b'#');
        let is_path = is_punct(tokens, at + 1, b':') && is_punct(tokens, at + 2, b':');
        let is_extern = at > 1 && tokens[at - 1].text == "crate" && tokens[at - 2].text == "extern";
        let is_head = || match head(tokens, at) {
            Some(Head::Absolute) => true,
            Some(Head::Relative) => !is_imported(tokens, at),
            None => false,
        };
        if !is_slot && ((is_path && is_head()) || is_extern) {
            found.push(name);
        }
    }
}

/// Whether the name at `at` is one that the macro itself brings into scope, in a block around it:
/// `use $crate::log;`, which is not the user's crate of that name. Only plain imports are read; any
/// other may well be the user's.
fn is_imported(tokens: &[Token<'_>], at: usize) -> bool {
    let name = tokens[at].text;
    let mut inner = at;
    while let Some(open) = opening(tokens, inner) {
        let end = closing(tokens, open).unwrap_or(tokens.len());
        let mut depth = 0_u32;
        for i in open + 1..end {
            match tokens[i].kind {
                Kind::Punct(b'(' | b'[' | b'{') => depth += 1,
                Kind::Punct(b')' | b']' | b'}') => depth = depth.saturating_sub(1),
                Kind::Ident if depth == 0 && tokens[i].text == "use" => {
                    let length = tokens[i..end]
                        .iter()
                        .position(|t| t.kind == Kind::Punct(b';'));
                    let import = &tokens[i + 1..i + length.unwrap_or(1).max(1)];
                    if let [first, .., colon, last] = import
                        && last.text == name
                        && first.text != name
                        && (colon.kind == Kind::Punct(b':') || colon.text == "as")
                        && import.len() > 3
                        && !import.iter().any(|t| t.kind == Kind::Punct(b'{'))
                    {
                        return true;
                    }
                }
                _ => {}
            }
        }
        inner = open;
    }
    false
}

/// The bracket that is open at `at`.
fn opening(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    let mut closed = 0_u32;
    (0..at).rev().find(|&i| match tokens[i].kind {
        Kind::Punct(b')' | b']' | b'}') => {
            closed += 1;
            false
        }
        Kind::Punct(b'(' | b'[' | b'{') if closed == 0 => true,
        Kind::Punct(b'(' | b'[' | b'{') => {
            closed -= 1;
            false
        }
        _ => false,
    })
}

fn is_punct(tokens: &[Token<'_>], at: usize, punct: u8) -> bool {
    tokens
        .get(at)
        .is_some_and(|token| token.kind == Kind::Punct(punct))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, producer: Producer) -> Vec<String> {
        let names = Names::new(["serde", "log"].map(str::to_owned));
        let mut found = in_text(text, producer, &names);
        found.sort_unstable();
        found.dedup();
        found
            .iter()
            .map(|name| names.name(*name).to_owned())
            .collect()
    }

    #[test]
    fn only_what_is_produced_counts() {
        let derive = "use log::info; fn f() { log::x(); quote! { extern crate serde as _serde; } }";
        assert_eq!(found(derive, Producer::Tokens), ["serde"]);
        assert_eq!(found(derive, Producer::Rules), [""; 0]);
        assert_eq!(
            found("quote!(#log::x a::log::y; ::serde::z)", Producer::Tokens),
            ["serde"]
        );
        let rules = "#[macro_export] macro_rules! m { () => { $crate::serde::x(); log::info!() } }";
        assert_eq!(found(rules, Producer::Rules), ["log"]);
        let private = "macro_rules! m { () => { log::info!() } }";
        assert_eq!(found(private, Producer::Rules), [""; 0]);
        let text = "fn f() { out.push_str(\"#[derive(::serde::X)]\"); }";
        assert_eq!(found(text, Producer::Text), ["serde"]);
        assert_eq!(found(text, Producer::Tokens), [""; 0]);
        let imported = "#[macro_export] macro_rules! m { () => {{ use $crate::log; log::x(); }} }";
        assert_eq!(found(imported, Producer::Rules), [""; 0]);
        for users in [
            "{ use $crate::log; } log::x();",
            "use $crate::log; ::log::x();",
            "use log::log; log::x();",
            "use $crate::log as l; log::x();",
            "use $crate::log::y; log::x();",
        ] {
            let rules = format!("#[macro_export] macro_rules! m {{ () => {{{{ {users} }}}} }}");
            assert_eq!(found(&rules, Producer::Rules), ["log"], "{users}");
        }
        let asked = "fn f() { crate_name(\"serde\"); }";
        assert_eq!(found(asked, Producer::Tokens), ["serde"]);
    }
}
