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

/// The same for the paths of links: what stands right behind a bracket or a parenthesis.
pub fn linked_heads(text: &str, names: &Names, found: &mut dyn FnMut(NameId)) {
    let bytes = text.as_bytes();
    heads(text, names, &mut |id, start| {
        let before = bytes[..start].iter().rev().copied();
        // Code ticks, the leading colons of a path, and rustdoc's disambiguators may come between.
        let mut before =
            before.skip_while(|b| matches!(b, b'`' | b':' | b'@' | b'!') || b.is_ascii_lowercase());
        if matches!(before.next(), Some(b'[' | b'(' | b'<')) {
            found(id);
        }
    });
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
        assert_eq!(links("like `serde::Serialize`, or a serde::x"), 0);
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
