//! Splits Rust source into the tokens that a scan needs. A scan of a whole workspace must take
//! milliseconds, which parsing into a syntax tree does not; and it must not trip over a file that
//! does not parse.

use std::iter;

/// A piece of source that is neither white space nor a plain comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    pub kind: Kind,
    /// The token as written, an `r#` of an identifier left out.
    pub text: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Ident,
    Lifetime,
    /// `"…"` or `r"…"`.
    Str,
    /// Any other literal.
    Literal,
    /// `///` or `/** */`.
    OuterDoc,
    /// `//!` or `/*! */`.
    InnerDoc,
    /// One character.
    Punct(u8),
}

/// The tokens of a source file, or none where a comment or a string does not end.
pub fn lex(text: &str) -> Option<Vec<Token<'_>>> {
    let mut tokens = Vec::with_capacity(text.len() / 8);
    for token in each(text) {
        tokens.push(token?.1);
    }
    Some(tokens)
}

/// The tokens one by one, each with the byte behind it. The last is none where a comment or a string does
/// not end.
pub fn each(text: &str) -> impl Iterator<Item = Option<(usize, Token<'_>)>> {
    let mut lexer = Some(Lexer {
        text,
        bytes: text.as_bytes(),
        at: start(text),
    });
    iter::from_fn(move || match lexer.as_mut()?.next_token() {
        Some(token) => token.map(|token| Some((lexer.as_ref().map_or(0, |lexer| lexer.at), token))),
        None => {
            lexer = None;
            Some(None)
        }
    })
}

/// Behind a byte order mark and a `#!` line (which is none where `#![…]` is meant).
pub fn start(text: &str) -> usize {
    let bom = text.len() - text.trim_start_matches('\u{feff}').len();
    let body = &text[bom..];
    if body.starts_with("#!") && !body[2..].trim_start().starts_with('[') {
        return bom + body.find('\n').unwrap_or(body.len());
    }
    bom
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    /// The outer option is none at text that does not end, the inner at the end of the file.
    fn next_token(&mut self) -> Option<Option<Token<'a>>> {
        loop {
            let Some(byte) = self.peek(0) else {
                return Some(None);
            };
            let start = self.at;
            let kind = match byte {
                b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0x0c => {
                    self.at += 1;
                    continue;
                }
                b'/' if self.peek(1) == Some(b'/') => match self.line_comment() {
                    Some(kind) => kind,
                    None => continue,
                },
                b'/' if self.peek(1) == Some(b'*') => match self.block_comment()? {
                    Some(kind) => kind,
                    None => continue,
                },
                b'"' => {
                    self.quoted(b'"')?;
                    Kind::Str
                }
                b'\'' => self.quote()?,
                b'0'..=b'9' => {
                    self.number();
                    Kind::Literal
                }
                _ if is_ident(byte) => self.ident_or_prefixed()?,
                _ => {
                    self.at += 1;
                    Kind::Punct(byte)
                }
            };
            let mut text = &self.text[start..self.at];
            if kind == Kind::Ident {
                text = text.strip_prefix("r#").unwrap_or(text);
            }
            return Some(Some(Token { kind, text }));
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn line_comment(&mut self) -> Option<Kind> {
        let rest = &self.bytes[self.at..];
        let len = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
        self.at += len;
        match (rest.get(2), rest.get(3)) {
            (Some(b'!'), _) => Some(Kind::InnerDoc),
            (Some(b'/'), next) if next != Some(&b'/') => Some(Kind::OuterDoc),
            _ => None,
        }
    }

    fn block_comment(&mut self) -> Option<Option<Kind>> {
        let kind = match (self.peek(2), self.peek(3)) {
            (Some(b'!'), _) => Some(Kind::InnerDoc),
            (Some(b'*'), next) if !matches!(next, Some(b'*' | b'/')) => Some(Kind::OuterDoc),
            _ => None,
        };
        let mut depth = 0_u32;
        loop {
            match (self.peek(0)?, self.peek(1)) {
                (b'/', Some(b'*')) => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', Some(b'/')) => {
                    depth -= 1;
                    self.at += 2;
                }
                _ => self.at += 1,
            }
            if depth == 0 {
                return Some(kind);
            }
        }
    }

    /// A literal with escapes, from its opening quote on.
    fn quoted(&mut self, quote: u8) -> Option<()> {
        self.at += 1;
        loop {
            match self.peek(0)? {
                b'\\' => self.at += 2,
                byte => {
                    self.at += 1;
                    if byte == quote {
                        return Some(());
                    }
                }
            }
        }
    }

    /// `'a'`, `'\n'` or `'lifetime`.
    fn quote(&mut self) -> Option<Kind> {
        if self.peek(1) == Some(b'\\') {
            self.quoted(b'\'')?;
            return Some(Kind::Literal);
        }
        let mut chars = self.text[self.at + 1..].chars();
        let first = chars.next()?;
        if chars.next() == Some('\'') {
            self.at += first.len_utf8() + 2;
            return Some(Kind::Literal);
        }
        self.at += 1;
        if u8::try_from(first).is_ok_and(|b| !is_ident(b)) {
            return Some(Kind::Punct(b'\''));
        }
        self.skip_ident();
        Some(Kind::Lifetime)
    }

    fn number(&mut self) {
        loop {
            self.skip_ident();
            // `1.5` but neither `1..2` nor `1.max(2)`.
            let fraction = self.peek(1).is_some_and(|b| b.is_ascii_digit());
            if self.peek(0) != Some(b'.') || !fraction {
                return;
            }
            self.at += 1;
        }
    }

    fn skip_ident(&mut self) {
        while self.peek(0).is_some_and(is_ident) {
            self.at += 1;
        }
    }

    /// An identifier, a raw one, or a literal with a prefix.
    fn ident_or_prefixed(&mut self) -> Option<Kind> {
        let start = self.at;
        self.skip_ident();
        let prefix = &self.text[start..self.at];
        match (prefix, self.peek(0)) {
            ("b" | "c", Some(b'"')) => {
                self.quoted(b'"')?;
                Some(Kind::Literal)
            }
            ("b", Some(b'\'')) => {
                self.quoted(b'\'')?;
                Some(Kind::Literal)
            }
            ("r" | "br" | "cr", Some(b'"' | b'#')) => self.raw(prefix == "r"),
            _ => Some(Kind::Ident),
        }
    }

    /// Behind the prefix of a raw string or identifier.
    fn raw(&mut self, is_str: bool) -> Option<Kind> {
        let rest = &self.bytes[self.at..];
        let hashes = rest.iter().take_while(|&&b| b == b'#').count();
        if rest.get(hashes) != Some(&b'"') {
            if hashes == 1 && is_str && rest.get(1).copied().is_some_and(is_ident) {
                self.at += 1;
                self.skip_ident();
            }
            return Some(Kind::Ident);
        }
        self.at += hashes + 1;
        loop {
            let rest = &self.bytes[self.at..];
            let quote = rest.iter().position(|&b| b == b'"')?;
            self.at += quote + 1;
            let end = self.bytes[self.at..].iter().take(hashes);
            if end.filter(|&&b| b == b'#').count() == hashes {
                self.at += hashes;
                return Some(if is_str { Kind::Str } else { Kind::Literal });
            }
        }
    }
}

/// Whether a byte may be part of an identifier; all that is not ASCII counts.
fn is_ident(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric() || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use proc_macro2::{Delimiter, TokenStream, TokenTree};
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        let tokens = lex(text).unwrap();
        tokens.iter().map(|token| token.text).collect()
    }

    #[test]
    fn literals_and_lifetimes_are_one_token_each() {
        assert_eq!(
            texts(
                r####"'a' '\'' '"' 'static 'é' "a\"b" r"\" r#"a"b"# b'\'' br##"a"#"## c"x" 1.5e3 1..2"####
            ),
            [
                "'a'",
                r"'\''",
                "'\"'",
                "'static",
                "'é'",
                r#""a\"b""#,
                r#"r"\""#,
                r##"r#"a"b"#"##,
                r"b'\''",
                r###"br##"a"#"##"###,
                r#"c"x""#,
                "1.5e3",
                "1",
                ".",
                ".",
                "2"
            ]
        );
    }

    #[test]
    fn only_doc_comments_are_kept() {
        let kinds: Vec<Kind> =
            lex("/// a\n//// b\n//! c\n// d\n/** e */ /* f /* g */ h */ /*! i */ /***/ /*** j */")
                .unwrap()
                .iter()
                .map(|token| token.kind)
                .collect();
        assert_eq!(
            kinds,
            [
                Kind::OuterDoc,
                Kind::InnerDoc,
                Kind::OuterDoc,
                Kind::InnerDoc
            ]
        );
    }

    #[test]
    fn raw_identifiers_lose_their_prefix_and_shebangs_are_skipped() {
        assert_eq!(texts("\u{feff}#!/usr/bin/env x '\nr#mod"), ["mod"]);
        assert_eq!(texts("#![no_std]"), ["#", "!", "[", "no_std", "]"]);
    }

    #[test]
    fn what_does_not_end_is_unknown() {
        for text in ["/* a", "\"a", "r#\"a\"", "'\\", "b'"] {
            assert_eq!(lex(text), None, "{text}");
        }
    }

    /// The tokens as proc-macro2 has them: punctuation is single characters there too.
    fn oracle(stream: TokenStream, out: &mut Vec<String>) {
        for tree in stream {
            match tree {
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::None => ("", ""),
                    };
                    out.push(open.into());
                    oracle(group.stream(), out);
                    out.push(close.into());
                }
                TokenTree::Ident(ident) => {
                    let text = ident.to_string();
                    out.push(text.strip_prefix("r#").unwrap_or(&text).to_owned());
                }
                other => out.push(other.to_string()),
            }
        }
    }

    /// Lifetimes are a quote and an identifier in proc-macro2.
    fn agrees(text: &str) {
        let mut expected = Vec::new();
        oracle(text.parse().unwrap(), &mut expected);
        let mut found = Vec::new();
        for token in lex(text).unwrap() {
            match token.kind {
                Kind::Lifetime => found.extend(["'".to_owned(), token.text[1..].to_owned()]),
                _ => found.push(token.text.to_owned()),
            }
        }
        assert_eq!(found.concat(), expected.concat());
    }

    proptest! {
        #[test]
        fn any_mix_of_tokens_is_split_as_proc_macro2_does(
            parts in proptest::collection::vec(
                prop::sample::select(vec![
                    "a", "r#type", "'b", "'c'", "'\\u{1F600}'", "\"d\\\\\"", "r#\"e\"e\"#", "b\"f\"",
                    "0x1f_u8", "1.0", "1..2", "/* g /* h */ */", "// i\n", "::", "#", "!", "{ j }",
                    "[k]", "(l)", "=>", "br\"m\\\"", "_n", "ö", "'\"'", "1.max(2)",
                ]),
                0..24,
            )
        ) {
            agrees(&parts.join(" "));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = lex(&text);
        }
    }
}
