//! Adding and removing the entries of an array or an inline table, whether it stands in one line or
//! has a line for each entry.

use std::ops::Range;

use toml_edit::{Array, InlineTable, Key, Value};

use super::outline::{Outline, line_end, line_start};
use super::{Splice, splice};

pub(super) struct List<'t> {
    text: &'t str,
    newline: &'static str,
    /// Between the brackets.
    inside: Range<usize>,
    entries: Vec<Range<usize>>,
}

impl<'t> List<'t> {
    pub(super) fn of_array(outline: &Outline<'t>, array: &Array) -> Option<Self> {
        let spans = array.iter().map(Value::span).collect::<Option<Vec<_>>>()?;
        Some(Self::new(outline, array.span()?, spans))
    }

    /// The entries of an inline table by the order of the text, with the keys that lead to each.
    pub(super) fn of_table<'d>(
        outline: &Outline<'t>,
        table: &'d InlineTable,
    ) -> Option<(Self, Vec<Vec<&'d Key>>)> {
        let mut values = Vec::new();
        for (keys, value) in table.get_values() {
            values.push((value.span()?, keys));
        }
        values.sort_by_key(|(span, _)| span.start);
        let (mut spans, keys): (Vec<_>, Vec<_>) = values.into_iter().unzip();
        let span = table.span()?;
        let mut at = span.start + 1;
        for span in &mut spans {
            // The first key of a dotted one knows only where it stood first.
            span.start = skip_gap(outline.text, at, true);
            at = span.end;
        }
        Some((Self::new(outline, span, spans), keys))
    }

    fn new(outline: &Outline<'t>, span: Range<usize>, entries: Vec<Range<usize>>) -> Self {
        Self {
            text: outline.text,
            newline: outline.newline(),
            inside: span.start + 1..span.end - 1,
            entries,
        }
    }

    /// Puts `item` before the entry `index`, or behind the last one. `spaced` lists keep a space
    /// inside their brackets, as inline tables do.
    pub(super) fn insert(&self, index: usize, item: &str, spaced: bool) -> Vec<Splice> {
        if let Some(next) = self.entries.get(index) {
            let indent = &self.text[line_start(self.text, next.start)..next.start];
            return if is_blank(indent) {
                let newline = self.newline;
                vec![insert(next.start, format!("{item},{newline}{indent}"))]
            } else {
                vec![insert(next.start, format!("{item}, "))]
            };
        }
        let Some(last) = self.entries.last() else {
            return self.insert_first(item, spaced);
        };
        let comma = self.comma_after(last.end);
        if !self.text[last.end..self.inside.end].contains('\n') {
            return vec![insert(last.end, format!(", {item}"))];
        }
        let line = line_start(self.text, last.start);
        let line = &self.text[line..last.start];
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        let newline = self.newline;
        let end = content_end(self.text, comma.unwrap_or(last.end));
        match comma {
            Some(_) => vec![insert(end, format!("{newline}{indent}{item},"))],
            None if end == last.end => vec![insert(end, format!(",{newline}{indent}{item}"))],
            None => vec![
                insert(last.end, ",".to_owned()),
                insert(end, format!("{newline}{indent}{item}")),
            ],
        }
    }

    fn insert_first(&self, item: &str, spaced: bool) -> Vec<Splice> {
        let inside = &self.text[self.inside.clone()];
        if !is_blank(inside) {
            // A comment stands there.
            return vec![insert(self.inside.start, format!("{item}, "))];
        }
        let item = if spaced {
            format!(" {item} ")
        } else {
            item.to_owned()
        };
        vec![splice(self.inside.clone(), item)]
    }

    pub(super) fn start(&self, index: usize) -> usize {
        self.entries[index].start
    }

    pub(super) fn remove(&self, index: usize) -> Vec<Splice> {
        let entry = self.entries[index].clone();
        if let Some(comma) = self.comma_after(entry.end) {
            return self.remove_with_comma(entry, comma);
        }
        let mut splices = vec![self.remove_alone(entry.clone())];
        if let Some(before) = index.checked_sub(1).map(|index| &self.entries[index]) {
            if is_blank(&self.text[before.end + 1..entry.start])
                && !self.text[before.end..entry.start].contains('\n')
            {
                return vec![splice(before.end..entry.end, String::new())];
            }
            if let Some(comma) = self.comma_after(before.end) {
                splices.insert(0, splice(comma..comma + 1, String::new()));
            }
        }
        splices
    }

    /// Removes an entry and the comma that follows it.
    fn remove_with_comma(&self, entry: Range<usize>, comma: usize) -> Vec<Splice> {
        if is_blank(&self.text[entry.end..comma]) {
            return vec![self.remove_alone(entry.start..comma + 1)];
        }
        vec![
            self.remove_alone(entry),
            splice(comma..comma + 1, String::new()),
        ]
    }

    /// Removes a range, and its line with it if nothing else stands there.
    fn remove_alone(&self, range: Range<usize>) -> Splice {
        let start = line_start(self.text, range.start);
        let end = line_end(self.text, range.end);
        let behind = &self.text[range.end..end];
        if start > self.inside.start && end <= self.inside.end {
            let before = &self.text[start..range.start];
            if is_blank(before) && is_blank(behind) {
                return splice(start..end, String::new());
            }
        }
        let spaces = behind.len() - behind.trim_start_matches([' ', '\t']).len();
        let end = (range.end + spaces).min(self.inside.end);
        // The space before a closing brace belongs to the brace.
        let end = if end == self.inside.end {
            range.end
        } else {
            end
        };
        splice(range.start..end, String::new())
    }

    fn comma_after(&self, end: usize) -> Option<usize> {
        let at = skip_gap(self.text, end, false);
        (at < self.inside.end && self.text[at..].starts_with(',')).then_some(at)
    }
}

/// Past white space, newlines, comments, and commas where they may stand.
fn skip_gap(text: &str, mut at: usize, commas: bool) -> usize {
    while let Some(c) = text[at..].chars().next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => at += 1,
            ',' if commas => at += 1,
            '#' => at = line_end(text, at),
            _ => break,
        }
    }
    at
}

/// The end of a line's content, before its newline.
fn content_end(text: &str, at: usize) -> usize {
    let end = line_end(text, at);
    at + text[at..end].trim_end_matches(['\r', '\n']).len()
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn insert(at: usize, text: String) -> Splice {
    splice(at..at, text)
}
