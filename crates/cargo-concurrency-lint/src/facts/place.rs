//! Places in source files.

use serde::{Deserialize, Serialize};

use super::FileId;

/// A line and a column, both from 1, the column in characters.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Pos {
    pub line: u32,
    pub column: u32,
}

/// A stretch of a file, its end exclusive.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Span {
    pub file: FileId,
    pub start: Pos,
    pub end: Pos,
}

impl Span {
    /// Whether `other` lies within, or is the same.
    pub fn contains(&self, other: Self) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }

    pub fn contains_pos(&self, pos: Pos) -> bool {
        self.start <= pos && pos < self.end
    }

    /// Whether it ends where `other` starts or before.
    pub fn is_before(&self, other: Self) -> bool {
        self.file == other.file && self.end <= other.start
    }

    /// From the start of this to the end of `other`.
    pub fn to(self, other: Self) -> Self {
        Self {
            end: other.end,
            ..self
        }
    }
}

impl Span {
    /// The bytes of `text` that it is; none where the text has no such place.
    pub fn bytes(self, text: &str) -> Option<std::ops::Range<usize>> {
        Some(offset(text, self.start)?..offset(text, self.end)?)
    }
}

/// The text at `span`; none where the text has no such place.
pub fn slice(text: &str, span: Span) -> Option<&str> {
    text.get(span.bytes(text)?)
}

/// The byte offset of a position; the end of a line is a position too.
pub fn offset(text: &str, pos: Pos) -> Option<usize> {
    let mut start = 0;
    for _ in 1..pos.line {
        start += text[start..].find('\n')? + 1;
    }
    let line = text[start..].split('\n').next()?;
    let column = usize::try_from(pos.column.checked_sub(1)?).ok()?;
    let within = match line.char_indices().nth(column) {
        Some((at, _)) => at,
        None if line.chars().count() == column => line.len(),
        None => return None,
    };
    Some(start + within)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pos(line: u32, column: u32) -> Pos {
        Pos { line, column }
    }

    #[test]
    fn columns_are_characters_and_lines_may_be_crossed() {
        let text = "é = a\nbc\n";
        let span = |start, end| Span {
            file: FileId(0),
            start,
            end,
        };
        assert_eq!(slice(text, span(pos(1, 3), pos(1, 4))), Some("="));
        assert_eq!(slice(text, span(pos(1, 5), pos(2, 2))), Some("a\nb"));
        assert_eq!(slice(text, span(pos(2, 1), pos(2, 3))), Some("bc"));
        assert_eq!(slice(text, span(pos(2, 1), pos(2, 4))), None);
        assert_eq!(slice(text, span(pos(9, 1), pos(9, 1))), None);
    }

    #[test]
    fn a_span_contains_itself_and_what_lies_within() {
        let outer = Span {
            file: FileId(1),
            start: pos(1, 5),
            end: pos(3, 1),
        };
        let inner = Span {
            start: pos(2, 9),
            end: pos(2, 10),
            ..outer
        };
        assert!(outer.contains(outer) && outer.contains(inner) && !inner.contains(outer));
        assert!(!outer.contains(Span {
            file: FileId(0),
            ..inner
        }));
        assert!(outer.contains_pos(pos(1, 5)) && !outer.contains_pos(pos(3, 1)));
    }
}
