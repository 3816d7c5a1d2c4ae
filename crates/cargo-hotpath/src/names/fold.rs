//! Folds generic arguments: all instances of a function are one function to its author.
//!
//! | demangled | folded |
//! | --- | --- |
//! | `<alloc::vec::Vec<u8>>::push` | `alloc::vec::Vec<_>::push` |
//! | `a::work::<u64>` | `a::work` |
//! | `<a::B<u8> as core::fmt::Display>::fmt` | `<a::B<_> as core::fmt::Display>::fmt` |
//! | `core::ptr::drop_in_place::<alloc::vec::Vec<u8>>` | `core::ptr::drop_in_place<alloc::vec::Vec<_>>` |

/// The name with each list of generic arguments replaced by `<_>`, or left out on a function.
pub fn fold(full: &str) -> String {
    let mut out = String::with_capacity(full.len());
    path(full, &mut out);
    out
}

/// A path: a qualified self type first, then segments.
fn path(text: &str, out: &mut String) {
    let mut rest = text;
    if let Some(inner) = bracketed(rest) {
        rest = &rest[inner.len() + 2..];
        qualified(inner, out);
    }
    while !rest.is_empty() {
        match rest.find('<') {
            Some(at) => {
                let (before, bracket) = rest.split_at(at);
                let Some(inner) = bracketed(bracket) else {
                    out.push_str(rest);
                    return;
                };
                let after = &bracket[inner.len() + 2..];
                segment(before, inner, after, out);
                rest = after;
            }
            None => {
                out.push_str(rest);
                return;
            }
        }
    }
}

/// A segment and its arguments: those of a function at the end go, those of a type become `<_>`.
fn segment(before: &str, inner: &str, after: &str, out: &mut String) {
    let turbofish = before.ends_with("::");
    let name = before.strip_suffix("::").unwrap_or(before);
    out.push_str(name);
    let last = name.rsplit("::").next().unwrap_or(name);
    if last == "drop_in_place" {
        // What is dropped is all that tells one of these from another.
        out.push('<');
        kind(inner, out);
        out.push('>');
    } else if !turbofish && (starts_upper(last) || !after.is_empty()) {
        out.push_str("<_>");
    }
}

/// The inside of `<...>` at the start of a path: a type, or a type as a trait.
fn qualified(inner: &str, out: &mut String) {
    match split_as(inner) {
        Some((this, as_trait)) => {
            out.push('<');
            kind(this, out);
            out.push_str(" as ");
            kind(as_trait, out);
            out.push('>');
        }
        None => kind(inner, out),
    }
}

/// A type, with its own arguments folded.
fn kind(text: &str, out: &mut String) {
    let mut rest = text.trim();
    for prefix in ["&mut ", "&", "*const ", "*mut ", "dyn "] {
        if let Some(after) = rest.strip_prefix(prefix) {
            out.push_str(prefix);
            rest = after;
        }
    }
    if rest.starts_with('(') && rest.len() > 2 {
        out.push_str("(_)");
    } else if rest.starts_with('[') {
        out.push_str(if rest.contains(';') { "[_; _]" } else { "[_]" });
    } else if let Some(inner) = bracketed(rest) {
        qualified(inner, out);
        path(&rest[inner.len() + 2..], out);
    } else {
        path(rest, out);
    }
}

/// The inside of the brackets that `text` begins with.
fn bracketed(text: &str) -> Option<&str> {
    if !text.starts_with('<') {
        return None;
    }
    let mut depth = 0_u32;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '<' => depth += 1,
            // Not an arrow.
            '>' if before != '-' => {
                depth -= 1;
                if depth == 0 {
                    return Some(&text[1..at]);
                }
            }
            _ => {}
        }
        before = c;
    }
    None
}

/// Splits `T as Trait` outside all brackets.
fn split_as(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_i32;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' if before != '-' => depth -= 1,
            ')' | ']' => depth -= 1,
            ' ' if depth == 0 && text[at..].starts_with(" as ") => {
                return Some((&text[..at], &text[at + 4..]));
            }
            _ => {}
        }
        before = c;
    }
    None
}

fn starts_upper(segment: &str) -> bool {
    segment.starts_with(|c: char| c.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_folded() {
        for (full, folded) in [
            ("<alloc::vec::Vec<u8>>::push", "alloc::vec::Vec<_>::push"),
            ("alloc::vec::Vec<T,A>::push", "alloc::vec::Vec<_>::push"),
            ("a::work::<u64>", "a::work"),
            ("a::work::<u64>::{closure#0}", "a::work::{closure#0}"),
            (
                "<a::B<u8> as core::fmt::Display>::fmt",
                "<a::B<_> as core::fmt::Display>::fmt",
            ),
            (
                "<&str as core::convert::Into<alloc::string::String>>::into",
                "<&str as core::convert::Into<_>>::into",
            ),
            (
                "core::ptr::drop_in_place::<alloc::vec::Vec<u8>>",
                "core::ptr::drop_in_place<alloc::vec::Vec<_>>",
            ),
            (
                "core::ptr::drop_in_place<alloc::vec::Vec<u8>>",
                "core::ptr::drop_in_place<alloc::vec::Vec<_>>",
            ),
            ("<[u64]>::sort", "[_]::sort"),
            ("<[u8; 4] as a::T>::f", "<[_; _] as a::T>::f"),
            (
                "<fn(u8) -> u8 as core::ops::function::FnOnce<(u8,)>>::call_once",
                "<fn(u8) -> u8 as core::ops::function::FnOnce<_>>::call_once",
            ),
            ("<dyn a::T>::f", "dyn a::T::f"),
            (
                "std::rt::lang_start::<()>::{closure#0}",
                "std::rt::lang_start::{closure#0}",
            ),
            ("memcpy", "memcpy"),
            ("operator<", "operator<"),
        ] {
            assert_eq!(fold(full), folded, "{full}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_folded_without_a_panic(text in "[<>:a-zA-Z &\\-()\\[\\];é]{0,40}") {
            fold(&text);
        }
    }
}
