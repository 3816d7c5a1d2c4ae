//! Folded names, short: types without their modules, and as many columns as there are.

/// The name as the report shows it: modules before a type are left out, those before a function stay.
///
/// `alloc::vec::Vec<_>::push` is `Vec<_>::push`; `<a::b::C as core::fmt::Display>::fmt` is
/// `<C as Display>::fmt`; `a::b::run` stays.
pub fn short(name: &str) -> String {
    let call = ["__x64_sys_", "__arm64_sys_", "__do_sys_"]
        .iter()
        .find_map(|p| name.strip_prefix(p));
    if let Some(call) = call {
        return format!("{call} system call");
    }
    // glibc has one for each kind of processor: `__memcpy_avx_unaligned_erms`.
    let plain = ["memcpy", "memmove", "memset", "memcmp", "strlen"]
        .into_iter()
        .find(|plain| {
            let kind = name
                .strip_prefix("__")
                .and_then(|rest| rest.strip_prefix(plain));
            kind.is_some_and(|kind| kind.starts_with('_'))
        });
    if let Some(plain) = plain {
        return plain.to_owned();
    }
    let mut out = String::with_capacity(name.len());
    let mut path = String::new();
    // In brackets all is types; outside, a path may be that of a function.
    let mut depth = 0_u32;
    for c in name.chars() {
        match c {
            '<' | '>' | ' ' | '&' | '(' | ')' | '[' | ']' | ',' => {
                flush(&mut path, depth > 0, &mut out);
                match c {
                    '<' => depth += 1,
                    '>' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                out.push(c);
            }
            c => path.push(c),
        }
    }
    flush(&mut path, depth > 0, &mut out);
    out
}

/// Writes a path without the modules before its first type, or where all of it is a type's, without
/// all that is before the last segment.
fn flush(path: &mut String, is_type: bool, out: &mut String) {
    let segments: Vec<&str> = path.split("::").collect();
    let is_upper = |segment: &&str| segment.starts_with(|c: char| c.is_ascii_uppercase());
    let first = segments.iter().position(is_upper);
    let first = match (first, is_type) {
        (Some(first), _) => first,
        (None, true) => segments.len() - 1,
        (None, false) => 0,
    };
    out.push_str(&segments[first..].join("::"));
    path.clear();
}

/// `name` in at most `width` columns: modules in the middle go first, then the end is cut.
pub fn fit(name: &str, width: usize) -> String {
    let columns = name.chars().count();
    if columns <= width {
        return name.to_owned();
    }
    let segments = outer_segments(name);
    // As many of the last segments as there is room for behind the first.
    for from in 2..segments.len() {
        let candidate = format!("{}::…::{}", segments[0], segments[from..].join("::"));
        if candidate.chars().count() <= width {
            return candidate;
        }
    }
    for from in 1..segments.len() {
        let candidate = format!("…::{}", segments[from..].join("::"));
        if candidate.chars().count() <= width {
            return candidate;
        }
    }
    let kept: String = name.chars().take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// The segments of a path, those inside brackets left whole.
fn outer_segments(name: &str) -> Vec<&str> {
    let mut segments = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    let bytes = name.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'<' | b'(' | b'[' | b'{' => depth += 1,
            b'>' | b')' | b']' | b'}' => depth -= 1,
            b':' if depth <= 0 && bytes.get(at + 1) == Some(&b':') => {
                segments.push(&name[start..at]);
                start = at + 2;
                at += 1;
            }
            _ => {}
        }
        at += 1;
    }
    segments.push(&name[start..]);
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_of_types_are_left_out() {
        for (name, expected) in [
            ("alloc::vec::Vec<_>::push", "Vec<_>::push"),
            (
                "<a::b::C<_> as core::fmt::Display>::fmt",
                "<C<_> as Display>::fmt",
            ),
            ("a::b::run", "a::b::run"),
            (
                "core::ptr::drop_in_place<alloc::vec::Vec<_>>",
                "core::ptr::drop_in_place<Vec<_>>",
            ),
            (
                "<&str as core::convert::Into<_>>::into",
                "<&str as Into<_>>::into",
            ),
            (
                "a::b::Parser::next::{closure#0}",
                "Parser::next::{closure#0}",
            ),
            ("<u8 as a::T>::f", "<u8 as T>::f"),
            ("__x64_sys_read", "read system call"),
            ("__memmove_avx_unaligned_erms", "memmove"),
            ("__memchr", "__memchr"),
        ] {
            assert_eq!(short(name), expected);
        }
    }

    #[test]
    fn long_names_lose_their_middle_first() {
        assert_eq!(fit("a::bcdef::ghijk::run", 30), "a::bcdef::ghijk::run");
        assert_eq!(fit("a::bcdef::ghijk::run", 18), "a::…::ghijk::run");
        assert_eq!(fit("a::bcdef::ghijk::run", 10), "a::…::run");
        assert_eq!(fit("a::bcdef::ghijk::run", 6), "…::run");
        assert_eq!(fit("abcdefgh", 4), "abc…");
    }

    proptest::proptest! {
        #[test]
        fn a_name_fits_its_columns(name in "[a-zA-Z:<> {}é]{0,60}", width in 1..40_usize) {
            proptest::prop_assert!(fit(&short(&name), width).chars().count() <= width);
        }
    }
}
