//! Paths in plain text: string literals that macros and attributes read as code, and links in
//! documentation.

use super::names::{NameId, Names};

/// Calls `found` for each name that heads a path (`name::`) in `text`.
pub fn heads(text: &str, names: &Names, found: &mut dyn FnMut(NameId, usize)) {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = text[from..].find("::").map(|at| from + at) {
        from = at + 2;
        let start = ident_start(bytes, at);
        if start == at || is_within_path(bytes, start) {
            continue;
        }
        if let Some(id) = text.get(start..at).and_then(|name| names.get(name)) {
            found(id, start);
        }
    }
}

/// The same for the paths of links: `[a::b]`, with code ticks or a disambiguator or without, and
/// `[words](a::b)`.
pub fn linked_heads(text: &str, names: &Names, found: &mut dyn FnMut(NameId)) {
    let bytes = text.as_bytes();
    heads(text, names, &mut |id, start| {
        if is_link(bytes, start) {
            found(id);
        }
    });
}

/// Whether the path whose first name stands at `start` is the target of a link.
fn is_link(bytes: &[u8], start: usize) -> bool {
    let within = |b: &u8| matches!(b, b'`' | b':' | b'@' | b'!') || b.is_ascii_lowercase();
    let lead = bytes[..start]
        .iter()
        .rev()
        .take_while(|b| within(b))
        .count();
    let before = &bytes[..start - lead];
    let closes = |open: u8| {
        let path = |b: &&u8| is_ident(**b) || matches!(b, b':' | b'`' | b'(' | b')' | b'!' | b'#');
        let length = bytes[start..].iter().take_while(path).count();
        // Parentheses are of the path too, but not the one that closes the link.
        bytes.get(start + length) == Some(&open) || bytes[start..start + length].ends_with(b")")
    };
    match before.last() {
        Some(b'[') => closes(b']'),
        Some(b'<') => closes(b'>'),
        Some(b'(') => before.ends_with(b"](") && closes(b')'),
        _ => false,
    }
}

fn ident_start(bytes: &[u8], end: usize) -> usize {
    let ident = |b: &&u8| is_ident(**b);
    end - bytes[..end].iter().rev().take_while(ident).count()
}

/// Whether the name at `start` is not the first of its path: `a::name`, but not `::name`.
fn is_within_path(bytes: &[u8], start: usize) -> bool {
    let before = &bytes[..start];
    match before.strip_suffix(b"::") {
        Some(before) => before.last().is_some_and(|b| is_ident(*b) || *b == b'>'),
        None => false,
    }
}

fn is_ident(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// The names that `bytes` hold as words; for files that cannot be read otherwise.
pub fn words(bytes: &[u8], names: &Names) -> Vec<NameId> {
    let mut out = Vec::new();
    let words = bytes.split(|b| !is_ident(*b));
    for word in words.filter(|word| !word.is_empty()) {
        let id = std::str::from_utf8(word).ok().and_then(|w| names.get(w));
        if let Some(id) = id.filter(|id| !out.contains(id)) {
            out.push(id);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names::new(["serde", "log"].map(str::to_owned))
    }

    fn found(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        heads(text, &names(), &mut |id, _| {
            out.push(names().name(id).to_owned());
        });
        out
    }

    #[test]
    fn only_the_head_of_a_path_counts() {
        assert_eq!(found("serde::Deserialize"), ["serde"]);
        assert_eq!(found("#[derive(::serde::A, log::B)]"), ["serde", "log"]);
        assert_eq!(found("-> Vec<::log::X>"), ["log"]);
        for none in [
            "a::serde::x",
            "my_serde::x",
            "serde",
            "a>::log::x",
            "::",
            "é::",
        ] {
            assert_eq!(found(none), [""; 0], "{none}");
        }
    }

    #[test]
    fn a_link_is_told_from_a_mention() {
        let links = |text: &str| {
            let mut count = 0;
            linked_heads(text, &names(), &mut |_| count += 1);
            count
        };
        assert_eq!(links("see [`serde::Serialize`] and [x](log::info)"), 2);
        assert_eq!(links("[struct@serde::S] <log::x> [`::serde::T`]"), 3);
        assert_eq!(links("[`log::f()`] [log::f!] [x](serde::y#z)"), 3);
        for none in [
            "like `serde::Serialize`, or a serde::x",
            "assert_eq!(serde::x(), [log::y, 1]);",
            "(serde::x)",
            "Vec<serde::x, y>",
        ] {
            assert_eq!(links(none), 0, "{none}");
        }
    }

    #[test]
    fn words_are_whole() {
        assert_eq!(words(b"\xff log;xserde", &names()), [1]);
        assert_eq!(words(b"log log serde", &names()), [1, 0]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "(\\PC|::|serde)*") {
            linked_heads(&text, &names(), &mut |_| {});
        }
    }
}
