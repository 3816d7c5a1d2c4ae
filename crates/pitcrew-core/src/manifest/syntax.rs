//! What is wrong with a text that is not TOML, with its place and its line.

use camino::{Utf8Path, Utf8PathBuf};
use thiserror::Error;

use super::outline::{Outline, position};
use super::split_mark;
use crate::style::printable;

/// The longest part of a line that is quoted, so that it fits an 80-column terminal.
const WIDTH: usize = 68;

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{}:{line}:{column}: {message}\n{blank:>gutter$} |\n{line} | {source_line}\n{blank:>gutter$} | {blank:>indent$}^",
    printable(path.as_str()),
    blank = "",
    gutter = line.to_string().len(),
    indent = *caret
)]
pub struct SyntaxError {
    pub path: Utf8PathBuf,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    pub message: String,
    /// The line, safe to print; a part of it where it is long.
    pub source_line: String,
    /// Where in `source_line` the error is.
    caret: usize,
}

/// What is wrong with `text`, or none where it is TOML.
pub fn parse_error(path: &Utf8Path, text: &str) -> Option<SyntaxError> {
    let body = split_mark(text).1;
    let error = Outline::parse(body).err()?;
    let at = error.span().map_or(0, |span| span.start);
    let (line, column) = position(body, at);
    let source = body
        .lines()
        .nth(line.saturating_sub(1) as usize)
        .unwrap_or_default();
    let before: Vec<char> = source.chars().take(column as usize - 1).collect();
    let skipped = before.len().saturating_sub(WIDTH - 8);
    let shown: String = source.chars().skip(skipped).take(WIDTH).collect();
    let before: String = before[skipped..].iter().collect();
    Some(SyntaxError {
        path: path.to_owned(),
        line,
        column,
        message: error.message().lines().collect::<Vec<_>>().join("; "),
        caret: one_column_each(&before).chars().count(),
        source_line: one_column_each(&shown),
    })
}

/// Tabs as spaces, the rest escaped where need be, so that the caret stands where it should.
fn one_column_each(text: &str) -> String {
    printable(&text.replace('\t', " ")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let error = parse_error(Utf8Path::new("ws/Cargo.toml"), text);
        error.map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn the_place_and_the_line_are_shown() {
        assert_eq!(shown("a = 1\n"), "");
        let text = shown("\u{feff}[package]\r\nname = \"x\"\r\n\tversion 1\r\n");
        assert!(text.starts_with("ws/Cargo.toml:3:"), "{text}");
        assert!(text.contains("\n3 |  version 1\n"), "{text}");
        let caret = text.lines().last().unwrap();
        assert!(caret.starts_with("  | ") && caret.ends_with('^'), "{text}");
    }

    #[test]
    fn a_long_or_hostile_line_stays_on_the_terminal() {
        let text = shown(&format!("a = \"{}\u{1b}[31m\"\n", "x".repeat(300)));
        assert!(!text.contains('\u{1b}'), "{text:?}");
        assert!(
            text.lines().skip(1).all(|line| line.chars().count() <= 80),
            "{text}"
        );
    }

    #[test]
    fn an_error_at_the_very_end_has_a_place_too() {
        for text in ["a =", "[", "a = [1,\n", "a = \"\"\"x\n"] {
            assert!(shown(text).starts_with("ws/Cargo.toml:"), "{text:?}");
        }
    }
}
