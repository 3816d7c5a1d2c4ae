//! What an implementation is of: MIR names it by its place only (`<impl at src/db.rs:1:1: 2:2>`), so
//! its header is read from the source.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use pitcrew_core::regular_file;

use super::lex::{closing, find};
use super::span::{Lines, Span};

/// The header of an implementation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// The trait as it is written there, without arguments; none for a type's own methods.
    pub of: Option<String>,
    /// The type as it is written there; empty where a macro or a derive writes it.
    pub ty: String,
}

/// Reads sources once.
#[derive(Debug, Default)]
pub struct Sources {
    texts: HashMap<String, Option<Arc<str>>>,
}

impl Sources {
    fn text(&mut self, file: &str, dir: &Path) -> Option<Arc<str>> {
        if let Some(known) = self.texts.get(file) {
            return known.clone();
        }
        let text = regular_file::read(dir.join(file)).ok();
        let text = text.map(|bytes| String::from_utf8_lossy(&bytes).into());
        self.texts.insert(file.to_owned(), text.clone());
        text
    }

    /// The header at a place; files are relative to `dir`.
    pub fn header(&mut self, place: &str, dir: &Path) -> Option<Header> {
        let span = Span::read(place)?;
        let text = self.text(span.file, dir)?;
        Some(header(&slice(&text, span.lines)?))
    }
}

/// The text at a place.
fn slice(text: &str, lines: Lines) -> Option<String> {
    let first = usize::try_from(lines.line.checked_sub(1)?).ok()?;
    let count = usize::try_from(lines.end_line.checked_sub(lines.line)?).ok()? + 1;
    let start = usize::try_from(lines.column.checked_sub(1)?).ok()?;
    let end = usize::try_from(lines.end_column.checked_sub(1)?).ok()?;
    let mut found: Vec<String> = text
        .lines()
        .skip(first)
        .take(count)
        .map(str::to_owned)
        .collect();
    let last = found.last_mut()?;
    *last = last.chars().take(end).collect();
    let head = found.first_mut()?;
    *head = head.chars().skip(start).collect();
    Some(found.join(" "))
}

fn header(text: &str) -> Header {
    let text = without_comments(text);
    let mut rest = text.trim();
    for word in ["default ", "unsafe ", "const "] {
        rest = rest.strip_prefix(word).unwrap_or(rest).trim_start();
    }
    let Some(after) = rest
        .strip_prefix("impl")
        .filter(|after| after.starts_with([' ', '<']))
    else {
        // A derive has the place of the trait's name.
        let derived = !rest.is_empty()
            && rest
                .chars()
                .all(|c| c.is_alphanumeric() || "_:".contains(c));
        return Header {
            of: derived.then(|| rest.to_owned()),
            ty: String::new(),
        };
    };
    let after = after.trim_start();
    let after = match after.strip_prefix('<').and_then(|_| closing(after, 0)) {
        Some(end) => after[end..].trim_start(),
        None => after,
    };
    let end = find(after, " where")
        .or(find(after, "{"))
        .unwrap_or(after.len());
    let after = after[..end].trim();
    match find(after, " for ") {
        Some(at) => {
            let of = after[..at].trim().trim_start_matches(['!', '~']);
            let of = &of[..find(of, "<").unwrap_or(of.len())];
            Header {
                of: Some(of.to_owned()),
                ty: after[at + 5..].trim().to_owned(),
            }
        }
        None => Header {
            of: None,
            ty: after.to_owned(),
        },
    }
}

/// The text on one line, comments left out.
fn without_comments(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("/*") {
        kept.push_str(&rest[..at]);
        rest = rest[at..]
            .find("*/")
            .map_or("", |end| &rest[at + end + 2..]);
    }
    kept.push_str(rest);
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<String>, String) {
        let header = header(text);
        (header.of, header.ty)
    }

    fn both(of: &str, ty: &str) -> (Option<String>, String) {
        (Some(of.to_owned()), ty.to_owned())
    }

    #[test]
    fn headers() {
        assert_eq!(read("impl Db"), (None, "Db".to_owned()));
        assert_eq!(
            read("impl<T: Into<U>, U> a::B<T, U>"),
            (None, "a::B<T, U>".to_owned())
        );
        assert_eq!(
            read("unsafe impl<'a, T> io::Read for &'a mut Buffer<T> where T: Read"),
            both("io::Read", "&'a mut Buffer<T>")
        );
        assert_eq!(
            read("impl<F> From<F> for X<dyn for<'a> Fn(&'a u8)>"),
            both("From", "X<dyn for<'a> Fn(&'a u8)>")
        );
        assert_eq!(read("impl /* for now */ Clone for X"), both("Clone", "X"));
        assert_eq!(read("Debug"), both("Debug", ""), "a derive");
        assert_eq!(read("make_impl!(Foo)"), (None, String::new()), "a macro");
        assert_eq!(read("implement"), both("implement", ""));
    }

    #[test]
    fn the_text_is_found_by_its_place() {
        let lines = Lines {
            line: 2,
            column: 3,
            end_line: 3,
            end_column: 4,
        };
        assert_eq!(slice("é\nábcd\nefgh\n", lines).unwrap(), "cd efg");
        let beyond = Lines {
            line: 9,
            column: 1,
            end_line: 9,
            end_column: 1,
        };
        assert_eq!(slice("a\n", beyond), None);
        let backwards = Lines {
            line: 2,
            column: 1,
            end_line: 1,
            end_column: 1,
        };
        assert_eq!(slice("a\nb\n", backwards), None);
    }
}
