//! Places in sources as MIR's comments name them: `src/db.rs:8:14: 8:19`.

use serde::{Deserialize, Serialize};

/// A place, with the file's name borrowed from the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span<'a> {
    pub file: &'a str,
    pub lines: Lines,
}

/// Lines and columns, both from 1, columns in characters; the end is exclusive.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Lines {
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
}

impl<'a> Span<'a> {
    /// None for `no-location`, and for what is no place.
    pub fn read(text: &'a str) -> Option<Self> {
        let (rest, end_column) = text.trim_end().rsplit_once(':')?;
        let (rest, end_line) = rest.rsplit_once(": ")?;
        let (rest, column) = rest.rsplit_once(':')?;
        let (file, line) = rest.rsplit_once(':')?;
        let lines = Lines {
            line: line.parse().ok()?,
            column: column.parse().ok()?,
            end_line: end_line.parse().ok()?,
            end_column: digits(end_column)?,
        };
        Some(Self { file, lines })
    }
}

/// The number at the start; a remark on the macro may follow.
fn digits(text: &str) -> Option<u32> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text[..end].parse().ok()
}

impl Lines {
    pub fn start(self) -> (u32, u32) {
        (self.line, self.column)
    }

    pub fn end(self) -> (u32, u32) {
        (self.end_line, self.end_column)
    }

    pub fn contains(self, other: Self) -> bool {
        self.start() <= other.start() && other.end() <= self.end()
    }

    /// From the first start to the last end.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        let start = self.start().min(other.start());
        let end = self.end().max(other.end());
        Self {
            line: start.0,
            column: start.1,
            end_line: end.0,
            end_column: end.1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_from_its_end() {
        let span = Span::read(r"C:\a b\c:d.rs:8:14: 9:19").unwrap();
        assert_eq!(span.file, r"C:\a b\c:d.rs");
        assert_eq!(span.lines.start(), (8, 14));
        assert_eq!(span.lines.end(), (9, 19));
        let macro_span = Span::read("a.rs:1:2: 3:4 (#12)").unwrap();
        assert_eq!(macro_span.lines.end(), (3, 4));
    }

    #[test]
    fn no_place_is_none() {
        for text in [
            "no-location",
            "",
            ":",
            "a:b:c: d:e",
            "a.rs:1:2",
            "a.rs:1:2: 3",
        ] {
            assert_eq!(Span::read(text), None, "{text}");
        }
    }
}
