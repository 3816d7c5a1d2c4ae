//! Small questions to runs of tokens.

use std::ops::Range;

use super::lexer::{Kind, Token};

/// How deep attributes are followed into attributes (`cfg_attr`, `unsafe`): nobody's code nests deeper, but what
/// is read may be anyone's, and each level is walked anew.
pub const DEEPEST_ATTRIBUTE: u32 = 32;

/// The index of the bracket that closes the one at `open`.
pub fn closing(tokens: &[Token<'_>], open: usize) -> Option<usize> {
    let mut depth = 0_u32;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.kind {
            Kind::Punct(b'(' | b'[' | b'{') => depth += 1,
            Kind::Punct(b')' | b']' | b'}') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// What stands between top-level commas, empty parts left out.
pub fn arguments<'s, 'a>(tokens: &'s [Token<'a>]) -> impl Iterator<Item = &'s [Token<'a>]> {
    argument_ranges(tokens)
        .into_iter()
        .filter_map(|range| tokens.get(range))
}

/// Where the parts between top-level commas stand.
pub fn argument_ranges(tokens: &[Token<'_>]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Punct(b'(' | b'[' | b'{') => depth += 1,
            Kind::Punct(b')' | b']' | b'}') => depth -= 1,
            Kind::Punct(b',') if depth == 0 => {
                ranges.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
    }
    ranges.push(start..tokens.len());
    ranges.retain(|range| !range.is_empty());
    ranges
}

/// The value of a string literal.
pub fn string(token: Token<'_>) -> Option<String> {
    if token.kind != Kind::Str {
        return None;
    }
    if let Some(raw) = token.text.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let inside = raw.get(hashes + 1..raw.len().checked_sub(hashes + 1)?)?;
        return Some(inside.to_owned());
    }
    let plain = token.text.strip_prefix('"')?.strip_suffix('"')?;
    Some(unescaped(plain))
}

/// Escapes that stand in paths and in Markdown; any other is left as it is.
fn unescaped(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some(c @ ('\\' | '"' | '\'')) => out.push(c),
            // The line goes on behind the white space.
            Some('\n') => {
                let rest = chars.as_str().trim_start();
                chars = rest.chars();
            }
            Some(c) => out.extend(['\\', c]),
            None => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::lexer::lex;

    fn value(text: &str) -> Option<String> {
        string(lex(text).unwrap()[0])
    }

    #[test]
    fn literals_give_their_value() {
        assert_eq!(value("\"a::b\"").as_deref(), Some("a::b"));
        assert_eq!(
            value(
                r#""a\"\n\\ \
              b""#
            )
            .as_deref(),
            Some("a\"\n\\ b")
        );
        assert_eq!(value("r\"a\\b\"").as_deref(), Some("a\\b"));
        assert_eq!(value("r##\"a\"#\"##").as_deref(), Some("a\"#"));
        assert_eq!(value("r\"\"").as_deref(), Some(""));
        assert_eq!(value("1"), None);
    }

    #[test]
    fn commas_within_brackets_do_not_part() {
        let tokens = lex("a, b(c, d), [e, f],").unwrap();
        let parts: Vec<usize> = arguments(&tokens).map(<[_]>::len).collect();
        assert_eq!(parts, [1, 6, 5]);
        assert_eq!(closing(&tokens, 3), Some(7));
        assert_eq!(closing(&tokens[..5], 3), None);
    }
}
