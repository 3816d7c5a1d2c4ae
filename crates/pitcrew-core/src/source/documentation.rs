//! Puts documentation comments and `#[doc]` attributes together as rustdoc does.

use super::markdown::may_hold_code;

/// The documentation of the item at hand, as far as it was read.
#[derive(Debug, Default)]
pub struct Documentation {
    fragments: Vec<Fragment>,
    inner: bool,
    /// Some fragment might hold code; most documentation has none and is not put together.
    may_hold_code: bool,
}

#[derive(Debug)]
struct Fragment {
    text: String,
    /// A comment, rather than an attribute: usually a space follows the slashes.
    sugared: bool,
}

impl Documentation {
    /// Adds a comment as written. Returns the documentation that ends before it, as
    /// [`end`](Self::end) does: inner documentation describes another item than outer.
    pub fn comment(&mut self, comment: &str, inner: bool) -> Option<String> {
        let before = self.switch(inner);
        let body = &comment[3..];
        if comment.starts_with("/*") {
            let body = body.strip_suffix("*/").unwrap_or(body);
            self.push(without_stars(body), true);
        } else {
            self.push(body.trim_end_matches('\r').to_owned(), true);
        }
        before
    }

    /// Adds the text of a `#[doc = "…"]`; returns as [`comment`](Self::comment) does.
    pub fn text(&mut self, text: &str, inner: bool) -> Option<String> {
        let before = self.switch(inner);
        self.push(text.to_owned(), false);
        before
    }

    /// The text of the documentation that ends here, as Markdown, where it may hold code.
    pub fn end(&mut self) -> Option<String> {
        if self.fragments.is_empty() {
            return None;
        }
        let fragments = std::mem::take(&mut self.fragments);
        let may_hold_code = std::mem::take(&mut self.may_hold_code);
        may_hold_code.then(|| unindented(&fragments))
    }

    fn switch(&mut self, inner: bool) -> Option<String> {
        let before = if self.inner == inner {
            None
        } else {
            self.end()
        };
        self.inner = inner;
        before
    }

    fn push(&mut self, text: String, sugared: bool) {
        self.may_hold_code |= may_hold_code(&text);
        self.fragments.push(Fragment { text, sugared });
    }
}

/// A block comment's text without the column of stars that many have.
fn without_stars(body: &str) -> String {
    let starred = body
        .lines()
        .skip(1)
        .filter(|line| !line.trim().is_empty())
        .all(|line| line.trim_start().starts_with('*'));
    if !starred {
        return body.to_owned();
    }
    let lines: Vec<&str> = body
        .lines()
        .map(|line| line.trim_start().strip_prefix('*').unwrap_or(line))
        .collect();
    lines.join("\n")
}

/// Joins the fragments without the indentation that all their lines share. Where comments and
/// attributes are mixed, the space after the slashes is not part of it.
fn unindented(fragments: &[Fragment]) -> String {
    let mixed = fragments.iter().any(|f| f.sugared) && fragments.iter().any(|f| !f.sugared);
    let indent_of = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let add = |fragment: &Fragment| usize::from(mixed && !fragment.sugared);
    let shared = fragments
        .iter()
        .flat_map(|fragment| fragment.text.lines().map(move |line| (fragment, line)))
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(fragment, line)| indent_of(line) + add(fragment))
        .min()
        .unwrap_or(0);
    let mut text = String::new();
    for fragment in fragments {
        let strip = shared.saturating_sub(add(fragment));
        if fragment.text.is_empty() {
            text.push('\n');
        }
        for line in fragment.text.lines() {
            text.push_str(&line[strip.min(indent_of(line))..]);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::markdown::compiled_blocks;

    fn blocks(comments: &[&str]) -> usize {
        let mut docs = Documentation::default();
        let mut texts: Vec<Option<String>> = comments
            .iter()
            .map(|comment| docs.comment(comment, comment.as_bytes()[2] == b'!'))
            .collect();
        texts.push(docs.end());
        let blocks = texts.iter().flatten().map(|text| compiled_blocks(text));
        blocks.map(|blocks| blocks.len()).sum()
    }

    #[test]
    fn the_space_after_the_slashes_is_no_indentation() {
        assert_eq!(blocks(&["/// a", "///", "///    b"]), 0);
        assert_eq!(blocks(&["/// a", "///", "///     b"]), 1);
        assert_eq!(blocks(&["///a", "///", "///    b"]), 1);
        assert_eq!(blocks(&["/// ```", "/// a();", "/// ```"]), 1);
    }

    #[test]
    fn block_comments_lose_their_stars() {
        assert_eq!(blocks(&["/**\n * a\n *\n *     b();\n */"]), 1);
        assert_eq!(blocks(&["/**\n * ```\n * b();\n * ```\n */"]), 1);
        assert_eq!(blocks(&["/** a\n\n    - b\n\n   */"]), 0);
    }

    #[test]
    fn inner_and_outer_documentation_are_two() {
        assert_eq!(blocks(&["//! ```", "//! a();", "/// ```", "/// b();"]), 2);
    }

    #[test]
    fn attributes_join_with_comments() {
        let mut docs = Documentation::default();
        docs.comment("/// ```", false);
        docs.text("a();", false);
        docs.comment("/// ```", false);
        assert_eq!(compiled_blocks(&docs.end().unwrap()), ["a();\n"]);
        assert_eq!(docs.end(), None);
    }
}
