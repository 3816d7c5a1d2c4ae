//! Setting a key in the place where a person would put it.

use std::cmp::Ordering;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices};
use toml_edit::{Array, InlineTable, Table, Value};

use super::list::List;
use super::outline::{Link, Node, Outline, dotted, line_end, line_start};
use super::value::{comments, same, to_json};
use super::{ManifestError, Splice, TomlChange, parse, splice};
use crate::fix;

/// A place among the tables for a new one.
enum Place {
    /// Before the header with this number.
    Before(usize),
    /// After the header with this number and all that stands under it.
    After(usize),
    End,
}

pub(super) fn set(text: &str, change: &TomlChange, value: &str) -> Result<String, ManifestError> {
    let key = &change.key;
    let value = parse_value(change, value)?;
    let outline = parse(text)?;
    let chain = outline.chain(key)?;
    let splices = match chain.last() {
        Some(link) if chain.len() == key.len() => {
            let Node::Value(old) = link.node else {
                return if same_table(link, &value) {
                    Ok(text.to_owned())
                } else {
                    Err(is_a_table(&outline, key, link))
                };
            };
            if change.append {
                append(&outline, key, link, old, &value)?
            } else if same(old, &value) {
                Vec::new()
            } else if let (Value::Array(old), Value::Array(new)) = (old, &value) {
                // An element at a time, so that what stays keeps its comments.
                return set_array(text, key, old.clone(), new);
            } else if is_dotted(old) {
                return Err(is_a_table(&outline, key, link));
            } else {
                replace(&outline, old, &value)
            }
        }
        _ => insert(&outline, key, &chain, &value),
    };
    apply(text, key, &splices)
}

/// Whether the key holds what it was set to.
pub(super) fn holds(
    outline: &Outline<'_>,
    change: &TomlChange,
    value: &str,
) -> Result<bool, ManifestError> {
    let value = parse_value(change, value)?;
    let chain = outline.chain(&change.key)?;
    Ok(chain.len() == change.key.len()
        && chain.last().is_some_and(|link| match (link.node, &value) {
            (Node::Value(Value::Array(old)), Value::Array(new)) if change.append => {
                contains(&elements(old), &elements(new))
            }
            (Node::Value(old), new) => same(old, new),
            _ => false,
        }))
}

fn parse_value(change: &TomlChange, value: &str) -> Result<Value, ManifestError> {
    let bad = || ManifestError::BadValue {
        key: dotted(&change.key),
        value: value.to_owned(),
    };
    let parsed: Value = value.trim().parse().map_err(|_| bad())?;
    if change.key.is_empty() || (change.append && !parsed.is_array()) {
        return Err(bad());
    }
    Ok(parsed.decorated("", ""))
}

fn apply(text: &str, key: &[String], splices: &[Splice]) -> Result<String, ManifestError> {
    fix::apply(text, splices).map_err(|_| ManifestError::Unsupported { key: dotted(key) })
}

fn is_a_table(outline: &Outline<'_>, key: &[String], link: &Link<'_>) -> ManifestError {
    ManifestError::IsATable {
        key: dotted(key),
        line: outline.line_of(link),
    }
}

/// A table under headers or dotted keys that already says what the inline table says.
fn same_table(link: &Link<'_>, value: &Value) -> bool {
    match (link.node, value) {
        (Node::Table(table), Value::InlineTable(_)) => {
            same(&table.clone().into_inline_table().into(), value)
        }
        _ => false,
    }
}

fn is_dotted(value: &Value) -> bool {
    value.as_inline_table().is_some_and(InlineTable::is_dotted)
}

/// A value as text, with the line ends of the file.
fn written(outline: &Outline<'_>, value: &Value) -> String {
    let text = value.clone().decorated("", "").to_string();
    text.replace('\n', outline.newline())
}

/// Puts the new value in the old one's place.
fn replace(outline: &Outline<'_>, old: &Value, new: &Value) -> Vec<Splice> {
    let Some(span) = old.span() else {
        return Vec::new();
    };
    let kept = kept_comments(outline, span.start, old);
    let mut splices = vec![splice(span, written(outline, new))];
    splices.extend(kept);
    splices
}

/// The comments inside a value that goes, to stand above its line.
pub(super) fn kept_comments(outline: &Outline<'_>, at: usize, old: &Value) -> Option<Splice> {
    let start = line_start(outline.text, at);
    let indent = outline.indent(at);
    let kept: String = comments(outline.text, old)
        .iter()
        .map(|comment| format!("{indent}{comment}{}", outline.newline()))
        .collect();
    (!kept.is_empty()).then(|| splice(start..start, kept))
}

fn elements(array: &Array) -> Vec<&Value> {
    array.iter().collect()
}

fn contains(all: &[&Value], part: &[&Value]) -> bool {
    part.is_empty()
        || all.windows(part.len()).any(|window| {
            let mut pairs = window.iter().zip(part);
            pairs.all(|(a, b)| same(a, b))
        })
}

fn append(
    outline: &Outline<'_>,
    key: &[String],
    link: &Link<'_>,
    old: &Value,
    new: &Value,
) -> Result<Vec<Splice>, ManifestError> {
    let new = new.as_array().map(elements).unwrap_or_default();
    match old {
        Value::Array(array) => {
            if contains(&elements(array), &new) {
                return Ok(Vec::new());
            }
            let items: Vec<String> = new.iter().map(|value| written(outline, value)).collect();
            let list = List::of_array(outline, array);
            let list = list.ok_or_else(|| ManifestError::Unsupported { key: dotted(key) })?;
            Ok(list.insert(array.len(), &items.join(", "), false))
        }
        // Cargo takes a string of words wherever it takes an array of flags.
        Value::String(words) => {
            let mut array: Array = words.value().split_whitespace().collect();
            if !contains(&elements(&array), &new) {
                array.extend(new.into_iter().cloned());
            }
            array.fmt();
            Ok(replace(outline, old, &array.into()))
        }
        _ => Err(ManifestError::NotAnArray {
            key: dotted(key),
            line: outline.line_of(link),
        }),
    }
}

/// Turns one array into another element by element, so that what stays keeps its comments.
fn set_array(
    text: &str,
    key: &[String],
    mut old: Array,
    new: &Array,
) -> Result<String, ManifestError> {
    let unsupported = || ManifestError::Unsupported { key: dotted(key) };
    let names = |array: &Array| -> Vec<String> {
        array
            .iter()
            .map(|value| to_json(value).to_string())
            .collect()
    };
    let mut text = text.to_owned();
    // Each turn brings the two nearer by one element.
    for _ in 0..=old.len() + new.len() {
        let operations = capture_diff_slices(Algorithm::Myers, &names(&old), &names(new));
        let mut unequal = operations
            .iter()
            .rev()
            .filter(|op| op.tag() != DiffTag::Equal);
        let Some(operation) = unequal.next() else {
            return Ok(text);
        };
        let outline = parse(&text)?;
        let splices = array_step(&outline, &old, new, operation).ok_or_else(unsupported)?;
        let changed = apply(&text, key, &splices)?;
        let reread = parse(&changed)?;
        old = match reread.chain(key)?.last().map(|link| link.node) {
            Some(Node::Value(Value::Array(array))) => array.clone(),
            _ => return Err(unsupported()),
        };
        text = changed;
    }
    Err(unsupported())
}

/// The last element of an operation.
fn array_step(
    outline: &Outline<'_>,
    old: &Array,
    new: &Array,
    operation: &DiffOp,
) -> Option<Vec<Splice>> {
    let (from, to) = (operation.old_range(), operation.new_range());
    let list = List::of_array(outline, old)?;
    Some(match from.len().cmp(&to.len()) {
        Ordering::Greater => {
            let value = old.get(from.end - 1)?;
            let kept = kept_comments(outline, value.span()?.start, value);
            list.remove(from.end - 1).into_iter().chain(kept).collect()
        }
        Ordering::Less => list.insert(from.end, &written(outline, new.get(to.end - 1)?), false),
        Ordering::Equal => replace(outline, old.get(from.end - 1)?, new.get(to.end - 1)?),
    })
}

/// Adds a key that is not there yet; `chain` is as much of it as is.
fn insert(outline: &Outline<'_>, key: &[String], chain: &[Link<'_>], value: &Value) -> Vec<Splice> {
    let (parent, rest) = key.split_at(chain.len());
    let value = written(outline, value);
    let node = chain
        .last()
        .map_or(Node::Table(outline.document.as_table()), |link| link.node);
    let table = match node {
        Node::Value(_) => return insert_inline(outline, key, chain, &value),
        Node::Tables => return Vec::new(),
        Node::Table(table) => table,
    };
    if table.is_dotted() {
        let header = chain.iter().rposition(|link| match link.node {
            Node::Table(table) => !table.is_dotted() && !table.is_implicit(),
            _ => false,
        });
        let name = dotted(&key[header.map_or(0, |index| index + 1)..]);
        return insert_line(outline, table, &format!("{name} = {value}"));
    }
    let is_root = parent.is_empty();
    match rest {
        [name] if is_root || !table.is_implicit() => {
            let line = format!("{} = {value}", dotted(&[name]));
            insert_line(outline, table, &line)
        }
        // Beside dotted keys it is one itself.
        [_, _] if !table.is_implicit() && !is_root && has_dotted(table) => {
            insert_line(outline, table, &format!("{} = {value}", dotted(rest)))
        }
        [.., name] => {
            let header = &key[..key.len() - 1];
            let newline = outline.newline();
            let line = format!("{} = {value}", dotted(&[name]));
            let block = format!("[{}]{newline}{line}{newline}", dotted(header));
            let place = place_for(outline, header);
            vec![insert_block(outline, &place, &block)]
        }
        [] => Vec::new(),
    }
}

fn has_dotted(table: &Table) -> bool {
    let mut items = table.iter().filter_map(|(_, item)| item.as_table());
    items.any(Table::is_dotted)
}

/// Adds an entry to the braces that hold the parent.
fn insert_inline(
    outline: &Outline<'_>,
    key: &[String],
    chain: &[Link<'_>],
    value: &str,
) -> Vec<Splice> {
    let braces = chain.iter().enumerate().rev().find_map(|(index, link)| {
        let Node::Value(Value::InlineTable(table)) = link.node else {
            return None;
        };
        (!table.is_dotted()).then_some((index, table))
    });
    let Some((index, table)) = braces else {
        return Vec::new();
    };
    let Some((list, entries)) = List::of_table(outline, table) else {
        return Vec::new();
    };
    let names = &key[index + 1..];
    let item = match names {
        // Beside dotted keys it is one itself; else the tables nest.
        [name, rest @ ..] if index + 1 == chain.len() => {
            let nested = rest.iter().rev().fold(value.to_owned(), |inner, name| {
                format!("{{ {} = {inner} }}", dotted(&[name]))
            });
            format!("{} = {nested}", dotted(&[name]))
        }
        names => format!("{} = {value}", dotted(names)),
    };
    list.insert(entries.len(), &item, true)
}

/// Adds a line behind the last one of `table`, or under its header.
fn insert_line(outline: &Outline<'_>, table: &Table, line: &str) -> Vec<Splice> {
    let text = outline.text;
    let newline = outline.newline();
    let (at, indent) = match Outline::last_value(table) {
        Some((key, end)) => (line_end(text, end), outline.indent(key)),
        None => match table.span().filter(|span| !span.is_empty()) {
            Some(header) => (line_end(text, header.end), ""),
            // The root, and it has no keys yet.
            None => {
                let place = if outline.headers().is_empty() {
                    Place::End
                } else {
                    Place::Before(0)
                };
                return vec![insert_block(outline, &place, &format!("{line}{newline}"))];
            }
        },
    };
    let line = if text[..at].ends_with('\n') {
        format!("{indent}{line}{newline}")
    } else {
        format!("{newline}{indent}{line}")
    };
    vec![splice(at..at, line)]
}

/// Beside the tables that share most of the path.
fn place_for(outline: &Outline<'_>, path: &[String]) -> Place {
    let headers = outline.headers();
    if let Some(child) = headers
        .iter()
        .position(|header| header.path.starts_with(path))
    {
        return Place::Before(child);
    }
    let lists_dependencies = |path: &[String]| {
        path.first()
            .is_some_and(|key| key.ends_with("dependencies"))
    };
    if path.len() == 1 && lists_dependencies(path) {
        let last = headers
            .iter()
            .rposition(|header| lists_dependencies(&header.path));
        return last.map_or(Place::End, Place::After);
    }
    let kin = (1..path.len()).rev().find_map(|length| {
        headers
            .iter()
            .rposition(|header| header.path.starts_with(&path[..length]))
    });
    kin.map_or(Place::End, Place::After)
}

/// Inserts whole lines with a blank line on each side.
fn insert_block(outline: &Outline<'_>, place: &Place, block: &str) -> Splice {
    let text = outline.text;
    let newline = outline.newline();
    let headers = outline.headers();
    let next = match place {
        Place::Before(index) => headers.get(*index),
        Place::After(index) => headers.get(index + 1),
        Place::End => None,
    };
    let Some(next) = next else {
        let at = text.len();
        let mut block = block.to_owned();
        if !text.is_empty() && !text.ends_with('\n') {
            // The last line of this file has no end, and keeps none.
            let bare = block.trim_end_matches(['\r', '\n']);
            block = format!("{newline}{newline}{bare}");
        } else if !ends_blank(text) {
            block.insert_str(0, newline);
        }
        return splice(at..at, block);
    };
    let at = outline.block_start(next);
    let before = if ends_blank(&text[..at]) { "" } else { newline };
    splice(at..at, format!("{before}{block}{newline}"))
}

/// Whether a new block needs no blank line behind this text.
fn ends_blank(text: &str) -> bool {
    let last = text.lines().last();
    text.is_empty() || (text.ends_with('\n') && last.is_some_and(|line| line.trim().is_empty()))
}
