//! Finds what belongs together in a line of MIR: brackets, strings and separators.
//!
//! MIR mixes four kinds of brackets with arrows, lifetimes, characters and file names, so a separator
//! counts only where none of them is open.

/// Deeper nesting than any compiler prints ends the reading.
const DEEPEST: u32 = 200;

/// Walks over the bytes of a text that stand outside of brackets, strings and characters.
struct TopLevel<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for TopLevel<'_> {
    type Item = (usize, u8);

    fn next(&mut self) -> Option<(usize, u8)> {
        let at = self.at;
        let byte = *self.text.as_bytes().get(at)?;
        self.at = match byte {
            b'(' | b'[' | b'{' | b'<' => closing(self.text, at)?,
            b')' | b']' | b'}' => return None,
            _ => skip(self.text, at),
        };
        Some((at, byte))
    }
}

/// The index behind what starts at `at`: a string, a character, an arrow, or one byte.
fn skip(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    match bytes[at] {
        b'"' => quoted(bytes, at + 1, b'"'),
        b'\'' => character(text, at),
        b'-' | b'=' if bytes.get(at + 1) == Some(&b'>') => at + 2,
        _ => at + 1,
    }
}

/// The index behind the closing quote, or the end.
fn quoted(bytes: &[u8], mut at: usize, quote: u8) -> usize {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            byte if *byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// The index behind a character literal, or behind the apostrophe of a lifetime.
fn character(text: &str, at: usize) -> usize {
    let rest = &text[at + 1..];
    let mut chars = rest.chars();
    match chars.next() {
        Some('\\') => quoted(text.as_bytes(), at + 1, b'\''),
        Some(one) if chars.next() == Some('\'') => at + 1 + one.len_utf8() + 1,
        _ => at + 1,
    }
}

/// The index behind the bracket that closes the one at `open`.
pub fn closing(text: &str, open: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_u32;
    let mut at = open;
    while at < bytes.len() {
        match bytes[at] {
            b'<' if text[at..].starts_with("<impl at ") => {
                // A file's name may hold any bracket but, on most systems, not this one.
                at += text[at..].find('>')? + 1;
                if depth == 0 {
                    return Some(at);
                }
                continue;
            }
            b'@' if depth > 0 => {
                // `{closure@src/a (b).rs:1:2: 3:4}`: a file's name up to the brace. Of another crate's
                // `{async block@a::b::{closure#0}}` and `{async block@<A<B> as T>::f::{closure#0}}` the
                // path is known, and its brackets are in order.
                let end = text[at..].find('}')?;
                let path = text[at..].starts_with("@<") || text[at..at + end].contains("::{");
                at += if path { 1 } else { end };
                continue;
            }
            b'(' | b'[' | b'{' | b'<' => depth += 1,
            b')' | b']' | b'}' | b'>' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {
                at = skip(text, at);
                continue;
            }
        }
        if depth > DEEPEST {
            return None;
        }
        at += 1;
    }
    None
}

/// The first place outside of brackets where `what` stands.
pub fn find(text: &str, what: &str) -> Option<usize> {
    let first = *what.as_bytes().first()?;
    TopLevel { text, at: 0 }
        .find(|(at, byte)| *byte == first && text.as_bytes()[*at..].starts_with(what.as_bytes()))
        .map(|(at, _)| at)
}

/// The parts between separators outside of brackets, trimmed; none for an empty text.
pub fn split(text: &str, separator: u8) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, byte) in (TopLevel { text, at: 0 }) {
        if byte == separator {
            parts.push(text[start..at].trim());
            start = at + 1;
        }
    }
    let last = text[start..].trim();
    if !last.is_empty() {
        parts.push(last);
    }
    parts
}

/// The segments of a path: what stands between `::` outside of brackets.
pub fn segments(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut last_colon = None;
    for (at, byte) in (TopLevel { text: path, at: 0 }) {
        if byte != b':' {
            continue;
        }
        if last_colon == Some(at.wrapping_sub(1)) && at > start {
            parts.push(&path[start..at - 1]);
            start = at + 1;
            last_colon = None;
        } else {
            last_colon = Some(at);
        }
    }
    parts.push(&path[start..]);
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_separator_within_brackets_strings_or_characters_is_none() {
        let text =
            r#"move _1, const "a, \" (b", const ',', f::<(A, B)>, {closure@a,b.rs:1:2: 3:4}"#;
        assert_eq!(
            split(text, b','),
            [
                "move _1",
                r#"const "a, \" (b""#,
                "const ','",
                "f::<(A, B)>",
                "{closure@a,b.rs:1:2: 3:4}"
            ]
        );
        assert!(split("", b',').is_empty());
        assert_eq!(split("move _1,", b','), ["move _1"]);
    }

    #[test]
    fn arrows_and_lifetimes_are_no_brackets() {
        let text = "for<'a> fn(&'a T) -> R {f}, x";
        assert_eq!(split(text, b','), ["for<'a> fn(&'a T) -> R {f}", "x"]);
        assert_eq!(closing("<fn() -> T as Into<U>>::into", 0), Some(22));
        assert_eq!(closing("<impl at /a(b/c.rs:1:2: 3:4>::new", 0), Some(28));
        assert_eq!(closing("{async block@a::{closure#0}} =", 0), Some(28));
        assert_eq!(closing("(a", 0), None);
        assert_eq!(closing("(a]", 0), Some(3), "any bracket closes");
    }

    #[test]
    fn what_is_looked_for_stands_outside() {
        assert_eq!(find("(_1.0: T = U) = move _2", " = "), Some(13));
        assert_eq!(find("a)b = c", " = "), None, "an unopened bracket ends it");
    }

    #[test]
    fn paths_fall_into_segments() {
        assert_eq!(
            segments("std::vec::Vec::<a::B>::push"),
            ["std", "vec", "Vec", "<a::B>", "push"]
        );
        assert_eq!(
            segments("<a::B as c::D>::e::{closure#0}"),
            ["<a::B as c::D>", "e", "{closure#0}"]
        );
        assert_eq!(
            segments("db::<impl at src/db.rs:1:1: 2:2>::new"),
            ["db", "<impl at src/db.rs:1:1: 2:2>", "new"]
        );
        assert_eq!(segments("f"), ["f"]);
        assert!(segments("").is_empty());
    }

    #[test]
    fn a_block_of_another_crate_may_be_named_by_a_trait() {
        let block = "{async block@<Map<A, {closure@src/b (c.rs:70:18: 70:21}> as b::Ext>::f<(G, E)>::{closure#0}}";
        let text = format!("<{block}>, rest");
        assert_eq!(closing(&text, 0), Some(block.len() + 2));
    }

    #[test]
    fn nesting_without_end_ends() {
        assert_eq!(closing(&"(".repeat(100_000), 0), None);
    }
}
