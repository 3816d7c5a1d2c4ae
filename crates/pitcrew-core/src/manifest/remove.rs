//! Removing a key with its line, or a table with its headers. Comments stay: they may say why.

use toml_edit::{InlineTable, Table, Value};

use super::list::List;
use super::outline::{Header, Link, Node, Outline, dotted, line_end, line_start};
use super::set::kept_comments;
use super::value::comments;
use super::{ManifestError, Splice, parse, splice};
use crate::fix;

pub(super) fn remove(text: &str, key: &[String]) -> Result<String, ManifestError> {
    let outline = parse(text)?;
    let chain = outline.chain(key)?;
    let Some(link) = chain.last().filter(|_| chain.len() == key.len()) else {
        return Ok(text.to_owned());
    };
    let removed = match link.node {
        Node::Table(_) => remove_table(&outline, key)?,
        Node::Tables => return Err(unsupported(key)),
        Node::Value(value) => remove_value(&outline, key, value)?,
    };
    // A last line without an end keeps none.
    let removed = match removed.strip_suffix('\n') {
        Some(bare) if !text.ends_with('\n') => bare.strip_suffix('\r').unwrap_or(bare).to_owned(),
        _ => removed,
    };
    Ok(removed)
}

fn unsupported(key: &[String]) -> ManifestError {
    ManifestError::Unsupported { key: dotted(key) }
}

fn apply(text: &str, key: &[String], splices: &[Splice]) -> Result<String, ManifestError> {
    fix::apply(text, splices).map_err(|_| unsupported(key))
}

/// Removes every value below `key`, and then the headers.
fn remove_table(outline: &Outline<'_>, key: &[String]) -> Result<String, ManifestError> {
    let mut text = outline.text.to_owned();
    for leaf in outline.leaves().into_keys() {
        if leaf.starts_with(key) {
            text = remove_one(&text, &leaf)?;
        }
    }
    // Empty inline tables are no leaves.
    while let Some(path) = empty_inline_table(&text, key)? {
        text = remove_one(&text, &path)?;
    }
    loop {
        let outline = parse(&text)?;
        let headers = outline.headers();
        let Some(index) = headers
            .iter()
            .position(|header| header.path.starts_with(key))
        else {
            break;
        };
        let splices = remove_header(&outline, &headers, index);
        text = apply(&text, key, &splices)?;
    }
    Ok(text)
}

fn empty_inline_table(text: &str, key: &[String]) -> Result<Option<Vec<String>>, ManifestError> {
    let outline = parse(text)?;
    let chain = outline.chain(key)?;
    let mut path = key.to_vec();
    Ok(match chain.last().map(|link| link.node) {
        Some(Node::Table(table)) if chain.len() == key.len() => {
            find_empty(table, &mut path).then_some(path)
        }
        _ => None,
    })
}

/// Completes `path` to the first inline table below `table`.
fn find_empty(table: &Table, path: &mut Vec<String>) -> bool {
    for (key, item) in table {
        path.push(key.to_owned());
        let found = match (item.as_table(), item.as_inline_table()) {
            (Some(table), _) => find_empty(table, path),
            (_, inline) => inline.is_some(),
        };
        if found {
            return true;
        }
        path.pop();
    }
    false
}

fn remove_one(text: &str, key: &[String]) -> Result<String, ManifestError> {
    let outline = parse(text)?;
    let chain = outline.chain(key)?;
    match chain.last().map(|link| link.node) {
        // It went together with another one.
        _ if chain.len() < key.len() => Ok(text.to_owned()),
        Some(Node::Value(value)) => remove_value(&outline, key, value),
        _ => Err(unsupported(key)),
    }
}

fn remove_value(
    outline: &Outline<'_>,
    key: &[String],
    value: &Value,
) -> Result<String, ManifestError> {
    let chain = outline.chain(key)?;
    let (Some(own), parents) = (chain.last(), &chain[..chain.len() - 1]) else {
        return Err(unsupported(key));
    };
    let braces = parents.iter().enumerate().rev().find_map(|(index, link)| {
        let Node::Value(Value::InlineTable(table)) = link.node else {
            return None;
        };
        (!table.is_dotted()).then_some((index, table))
    });
    if let Some((index, table)) = braces {
        return remove_entry(outline, key, index, table, value);
    }
    if value.as_inline_table().is_some_and(InlineTable::is_dotted) {
        return Err(unsupported(key));
    }
    let text = apply(outline.text, key, &remove_line(outline, own, value))?;
    let header = parents.iter().rposition(|link| match link.node {
        Node::Table(table) => !table.is_implicit() && !table.is_dotted(),
        _ => false,
    });
    match header {
        Some(index) => drop_empty_header(text, &key[..=index]),
        None => Ok(text),
    }
}

/// Removes an entry from its braces, and the braces where nothing is left in them.
fn remove_entry(
    outline: &Outline<'_>,
    key: &[String],
    index: usize,
    table: &InlineTable,
    value: &Value,
) -> Result<String, ManifestError> {
    let inner = &key[index + 1..];
    let parsed = List::of_table(outline, table);
    let (list, entries) = parsed.ok_or_else(|| unsupported(key))?;
    // A table made of dotted keys has several entries: one is removed, then the next.
    let position = entries.iter().position(|keys| {
        keys.len() >= inner.len() && keys.iter().zip(inner).all(|(key, name)| key.get() == name)
    });
    let position = position.ok_or_else(|| unsupported(key))?;
    let is_alone = entries.len() == 1;
    let holder = &key[..=index];
    let in_value = |value: &Value| comments(outline.text, value).len();
    let braces = Value::InlineTable(table.clone());
    if is_alone && in_value(&braces) == in_value(value) {
        // Nothing else and no comment of its own: the whole goes.
        let chain = outline.chain(holder)?;
        let Some(Node::Value(whole)) = chain.last().map(|link| link.node) else {
            return Err(unsupported(key));
        };
        return remove_value(outline, holder, whole);
    }
    let at = list.start(position);
    let kept = kept_comments(outline, at, value);
    let splices: Vec<Splice> = list.remove(position).into_iter().chain(kept).collect();
    let text = apply(outline.text, key, &splices)?;
    remove_one(&text, key)
}

/// Removes `key = value` with its line; comments stay, in lines of their own.
fn remove_line(outline: &Outline<'_>, own: &Link<'_>, value: &Value) -> Vec<Splice> {
    let text = outline.text;
    let (Some(key), Some(span)) = (own.key.span(), value.span()) else {
        return Vec::new();
    };
    let (start, end) = (line_start(text, key.start), line_end(text, span.end));
    let comment = text[span.end..end].trim();
    let indent = outline.indent(key.start);
    let kept: String = comments(text, value)
        .into_iter()
        .chain((!comment.is_empty()).then_some(comment))
        .map(|comment| format!("{indent}{comment}{}", outline.newline()))
        .collect();
    vec![splice(start..end, kept)]
}

/// Removes the header of a table that holds neither a key nor a comment any more.
fn drop_empty_header(text: String, path: &[String]) -> Result<String, ManifestError> {
    let outline = parse(&text)?;
    let chain = outline.chain(path)?;
    let Some(Node::Table(table)) = chain.last().map(|link| link.node) else {
        return Ok(text);
    };
    let headers = outline.headers();
    let index = headers.iter().position(|header| header.path == path);
    let (Some(index), true) = (index, table.get_values().is_empty()) else {
        return Ok(text);
    };
    let header = &headers[index];
    let block = outline.block_start(header)..body_end(&outline, &headers, index);
    let own = line_start(&text, header.span.start);
    let behind = &text[header.span.end..block.end];
    if block.start < own || !behind.trim().is_empty() {
        return Ok(text);
    }
    let splices = remove_header(&outline, &headers, index);
    apply(&text, path, &splices)
}

/// Where the next header's block begins.
fn body_end(outline: &Outline<'_>, headers: &[Header], index: usize) -> usize {
    headers
        .get(index + 1)
        .map_or(outline.text.len(), |next| outline.block_start(next))
}

/// Removes a header that has no keys any more, with the blank lines that set it off.
fn remove_header(outline: &Outline<'_>, headers: &[Header], index: usize) -> Vec<Splice> {
    let text = outline.text;
    let header = &headers[index].span;
    let start = line_start(text, header.start);
    let end = line_end(text, header.end);
    let comment = text[header.end..end].trim();
    if !comment.is_empty() {
        return vec![splice(
            start..end,
            format!("{comment}{}", outline.newline()),
        )];
    }
    let body_end = body_end(outline, headers, index);
    if !text[end..body_end].trim().is_empty() {
        return vec![splice(start..end, String::new())];
    }
    if body_end < text.len() {
        return vec![splice(start..body_end, String::new())];
    }
    // The last table: the blank lines above it go instead.
    let before = &text[..start];
    let content = before.trim_end_matches([' ', '\t', '\r', '\n']).len();
    let start = if content == 0 {
        0
    } else {
        line_end(text, content)
    };
    vec![splice(start..text.len(), String::new())]
}
