//! Fixes as plain data: byte-range edits with rustc's own grades of applicability. Applying edits to
//! a text is pure; writing the result is the journal's work.

use camino::Utf8PathBuf;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// rustc's grades, in rustc's words.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum Applicability {
    /// Nothing is known of its safety.
    Unspecified,
    /// The text holds placeholders that the user must fill in.
    HasPlaceholders,
    /// It may change what the program does, or not be what the user wants.
    MaybeIncorrect,
    /// It is what the user wants, and `--apply` writes it.
    MachineApplicable,
}

/// Replaces the bytes `start..end` of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Edit {
    /// Relative to the workspace root; absolute where it lies outside.
    #[schemars(with = "String")]
    pub path: Utf8PathBuf,
    pub start: usize,
    pub end: usize,
    pub replacement: String,
}

/// A finding's remedy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fix {
    pub applicability: Applicability,
    pub edits: Vec<Edit>,
}

/// Why edits could not be applied to a text.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum EditError {
    #[error("the edit {start}..{end} lies outside the text or splits a character")]
    OutOfBounds { start: usize, end: usize },
    #[error("two edits overlap at byte {at}")]
    Overlap { at: usize },
}

impl Edit {
    /// The one edit that turns `old` into `new`, or none where they are equal.
    pub fn between(path: impl Into<Utf8PathBuf>, old: &str, new: &str) -> Option<Self> {
        if old == new {
            return None;
        }
        let mut start = old
            .bytes()
            .zip(new.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        while !old.is_char_boundary(start) || !new.is_char_boundary(start) {
            start -= 1;
        }
        let room = old.len().min(new.len()) - start;
        let suffix = old.bytes().rev().zip(new.bytes().rev()).take(room);
        let mut same = suffix.take_while(|(a, b)| a == b).count();
        while !old.is_char_boundary(old.len() - same) || !new.is_char_boundary(new.len() - same) {
            same -= 1;
        }
        Some(Self {
            path: path.into(),
            start,
            end: old.len() - same,
            replacement: new[start..new.len() - same].to_owned(),
        })
    }
}

/// Applies `edits`, all of one file, to its text; an edit that stands twice counts once.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.start, edit.end, edit.replacement.as_str()));
    sorted.dedup();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in sorted {
        let Edit { start, end, .. } = *edit;
        if start < at {
            return Err(EditError::Overlap { at: start });
        }
        if start > end || text.get(start..end).is_none() {
            return Err(EditError::OutOfBounds { start, end });
        }
        out.push_str(&text[at..start]);
        out.push_str(&edit.replacement);
        at = end;
    }
    out.push_str(&text[at..]);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edit(start: usize, end: usize, replacement: &str) -> Edit {
        Edit {
            path: "f".into(),
            start,
            end,
            replacement: replacement.to_owned(),
        }
    }

    #[test]
    fn applies_edits_in_any_order_and_once() {
        let edits = [edit(4, 5, "X"), edit(0, 1, "Y"), edit(4, 5, "X")];
        assert_eq!(apply("abcdef", &edits).unwrap(), "YbcdXf");
    }

    #[test]
    fn refuses_overlaps_and_bad_ranges() {
        assert_eq!(
            apply("abcdef", &[edit(0, 3, ""), edit(2, 4, "")]),
            Err(EditError::Overlap { at: 2 })
        );
        assert!(matches!(
            apply("é", &[edit(1, 2, "")]),
            Err(EditError::OutOfBounds { .. })
        ));
        assert!(matches!(
            apply("a", &[edit(1, 9, "")]),
            Err(EditError::OutOfBounds { .. })
        ));
    }

    proptest! {
        #[test]
        fn the_edit_between_two_texts_turns_one_into_the_other(a in ".*", b in ".*") {
            let edits: Vec<Edit> = Edit::between("f", &a, &b).into_iter().collect();
            prop_assert_eq!(apply(&a, &edits).unwrap(), b);
        }
    }
}
