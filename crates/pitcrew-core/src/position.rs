//! Between byte offsets, as edits have them, and lines and columns, as people and SARIF have them.

/// Line and column of the byte offset `at`, both from 1, the column in characters; none outside the
/// text or within a character.
pub fn line_column(text: &str, at: usize) -> Option<(u32, u32)> {
    let before = text.get(..at)?;
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before[start..].chars().count() + 1;
    Some((u32::try_from(line).ok()?, u32::try_from(column).ok()?))
}

/// The byte range from a line's column (both from 1) to the end of that line; none outside the text.
pub fn rest_of_line(text: &str, line: u32, column: u32) -> Option<std::ops::Range<usize>> {
    let (line, column) = (line.checked_sub(1)?, column.checked_sub(1)?);
    let mut start = 0;
    for _ in 0..line {
        start += text[start..].find('\n')? + 1;
    }
    let content = text[start..].split('\n').next()?.trim_end();
    let skipped = content
        .char_indices()
        .nth(usize::try_from(column).ok()?)
        .map_or(content.len(), |(at, _)| at);
    Some(start + skipped..start + content.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[a]\r\né = 1 \n";

    #[test]
    fn columns_count_characters() {
        assert_eq!(line_column(TEXT, 0), Some((1, 1)));
        assert_eq!(line_column(TEXT, 5), Some((2, 1)));
        assert_eq!(line_column(TEXT, 7), Some((2, 2)));
        assert_eq!(line_column(TEXT, 6), None, "within a character");
        assert_eq!(line_column(TEXT, 99), None);
    }

    #[test]
    fn a_range_ends_with_its_line() {
        assert_eq!(rest_of_line(TEXT, 1, 1), Some(0..3));
        assert_eq!(rest_of_line(TEXT, 2, 2), Some(7..11));
        assert_eq!(rest_of_line(TEXT, 2, 99), Some(11..11));
        assert_eq!(rest_of_line(TEXT, 0, 1), None);
        assert_eq!(rest_of_line(TEXT, 9, 1), None);
    }

    proptest::proptest! {
        #[test]
        fn no_text_and_no_place_panics(text in "\\PC*", line: u32, column: u32, at: usize) {
            let _ = (rest_of_line(&text, line % 9, column), line_column(&text, at));
        }
    }
}
