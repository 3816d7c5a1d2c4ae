//! Where everything stands in a TOML text. Edits are made on the text itself and not on a document
//! that is printed anew: printing loses carriage returns and gathers scattered dotted keys.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value as Json;
use toml_edit::{Document, InlineTable, Item, Key, Table, Value};

use super::ManifestError;
use super::value::item_to_json;
use super::value::to_json;

pub(super) struct Outline<'t> {
    pub text: &'t str,
    pub document: Document<&'t str>,
}

/// What a key leads to.
#[derive(Clone, Copy)]
pub(super) enum Node<'d> {
    Table(&'d Table),
    /// `[[header]]`s; no path leads into them.
    Tables,
    Value(&'d Value),
}

/// One key of a path, with what it leads to.
#[derive(Clone, Copy)]
pub(super) struct Link<'d> {
    pub key: &'d Key,
    pub node: Node<'d>,
}

impl Link<'_> {
    /// Where the key stands, the first time if it stands more than once.
    pub(super) fn start(&self) -> Option<usize> {
        Some(self.key.span()?.start)
    }
}

/// A `[header]` or `[[header]]`.
pub(super) struct Header {
    pub path: Vec<String>,
    pub span: Range<usize>,
}

impl<'t> Outline<'t> {
    pub(super) fn parse(text: &'t str) -> Result<Self, toml_edit::TomlError> {
        let document = Document::parse(text)?;
        Ok(Self { text, document })
    }

    /// Follows `key` as far as it leads.
    pub(super) fn chain(&self, key: &[String]) -> Result<Vec<Link<'_>>, ManifestError> {
        let mut chain: Vec<Link<'_>> = Vec::new();
        let mut node = Node::Table(self.document.as_table());
        for (depth, name) in key.iter().enumerate() {
            let found = match node {
                Node::Table(table) => table.get_key_value(name),
                Node::Value(Value::InlineTable(table)) => table.get_key_value(name),
                Node::Tables | Node::Value(_) => {
                    return Err(ManifestError::NotATable {
                        key: dotted(&key[..depth]),
                        line: chain.last().map_or(1, |link| self.line_of(link)),
                    });
                }
            };
            let Some((key, item)) = found else { break };
            node = match item {
                Item::Table(table) => Node::Table(table),
                Item::ArrayOfTables(_) => Node::Tables,
                Item::Value(value) => Node::Value(value),
                Item::None => break,
            };
            chain.push(Link { key, node });
        }
        Ok(chain)
    }

    pub(super) fn line_of(&self, link: &Link<'_>) -> u32 {
        position(self.text, link.start().unwrap_or(0)).0
    }

    /// All headers, in the order of the text.
    pub(super) fn headers(&self) -> Vec<Header> {
        let mut headers = Vec::new();
        self.visit_tables(&mut |path, table| {
            if let Some(span) = table.span().filter(|_| stands_under_header(path, table)) {
                headers.push(Header {
                    path: path.to_vec(),
                    span,
                });
            }
        });
        headers.sort_by_key(|header| header.span.start);
        headers
    }

    /// Visits every table that headers or dotted keys make, from the root on.
    fn visit_tables<'d>(&'d self, visit: &mut dyn FnMut(&[String], &'d Table)) {
        visit_table(&mut Vec::new(), self.document.as_table(), visit);
    }

    /// Where the comment lines begin that stand right above `header`, or the header itself.
    pub(super) fn block_start(&self, header: &Header) -> usize {
        let mut floor = 0;
        self.visit_tables(&mut |path, table| {
            let values = table.get_values();
            let ends = values
                .iter()
                .filter_map(|(_, value)| Some(value.span()?.end));
            let own = table.span().filter(|_| stands_under_header(path, table));
            let ends = ends.chain(own.map(|span| span.end));
            floor = ends
                .filter(|end| *end <= header.span.start)
                .fold(floor, usize::max);
        });
        let floor = if floor == 0 {
            0
        } else {
            line_end(self.text, floor)
        };
        let mut start = line_start(self.text, header.span.start);
        while start > floor {
            let above = line_start(self.text, start - 1);
            if !self.text[above..start].trim_start().starts_with('#') {
                break;
            }
            start = above;
        }
        start
    }

    /// The last `key = value` that stands under `table`'s own header: where its last key begins, and
    /// where it ends.
    pub(super) fn last_value(table: &Table) -> Option<(usize, usize)> {
        let values = table.get_values();
        let spans = values.iter().filter_map(|(keys, value)| {
            let key = keys.last()?.span()?;
            Some((key.start, value.span()?.end))
        });
        spans.max_by_key(|(_, end)| *end)
    }

    /// Every value by its path, for telling what an edit changed. Arrays of tables are one value.
    pub(super) fn leaves(&self) -> BTreeMap<Vec<String>, Json> {
        let mut leaves = BTreeMap::new();
        let path = &mut Vec::new();
        for (key, item) in self.document.as_table() {
            item_leaves(path, key, item, &mut leaves);
        }
        leaves
    }

    pub(super) fn newline(&self) -> &'static str {
        match self.text.find('\n') {
            Some(at) if self.text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }

    /// The white space before the first thing in the line of `at`.
    pub(super) fn indent(&self, at: usize) -> &'t str {
        let line = &self.text[line_start(self.text, at)..at];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }
}

fn stands_under_header(path: &[String], table: &Table) -> bool {
    !path.is_empty() && !table.is_implicit() && !table.is_dotted()
}

fn visit_table<'d>(
    path: &mut Vec<String>,
    table: &'d Table,
    visit: &mut dyn FnMut(&[String], &'d Table),
) {
    visit(path, table);
    for (key, item) in table {
        path.push(key.to_owned());
        match item {
            Item::Table(table) => visit_table(path, table, visit),
            Item::ArrayOfTables(tables) => {
                for table in tables {
                    visit_table(path, table, visit);
                }
            }
            Item::Value(_) | Item::None => {}
        }
        path.pop();
    }
}

fn item_leaves(
    path: &mut Vec<String>,
    key: &str,
    item: &Item,
    leaves: &mut BTreeMap<Vec<String>, Json>,
) {
    path.push(key.to_owned());
    match item {
        Item::Table(table) => {
            for (key, item) in table {
                item_leaves(path, key, item, leaves);
            }
        }
        Item::Value(Value::InlineTable(table)) => inline_leaves(path, table, leaves),
        item => {
            leaves.insert(path.clone(), item_to_json(item));
        }
    }
    path.pop();
}

fn inline_leaves(
    path: &mut Vec<String>,
    table: &InlineTable,
    leaves: &mut BTreeMap<Vec<String>, Json>,
) {
    for (key, value) in table {
        path.push(key.to_owned());
        match value {
            Value::InlineTable(table) => inline_leaves(path, table, leaves),
            value => {
                leaves.insert(path.clone(), to_json(value));
            }
        }
        path.pop();
    }
}

/// A path of keys as TOML writes it.
pub(super) fn dotted<S: AsRef<str>>(key: &[S]) -> String {
    let parts: Vec<String> = key
        .iter()
        .map(|part| Key::new(part.as_ref()).display_repr().into_owned())
        .collect();
    parts.join(".")
}

pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Behind the newline of the line of `at`, or the end of the text.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text[at..]
        .find('\n')
        .map_or(text.len(), |newline| at + newline + 1)
}

/// Line and column of a byte, from 1, the column in characters.
pub(super) fn position(text: &str, at: usize) -> (u32, u32) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before[line_start(before, before.len())..].chars().count() + 1;
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    (number(line), number(column))
}
