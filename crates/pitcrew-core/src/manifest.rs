//! TOML edits on manifests and cargo configuration: each change touches its own key and leaves every
//! other byte, comments, order and spacing included, as it was.
//!
//! toml_edit parses and tells where everything stands; the text between is spliced, never printed
//! anew. What comes out is parsed again before it is returned, so that a layout which nobody thought
//! of ends in an error and not in a broken manifest.

use std::ops::Range;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use thiserror::Error;
use toml_edit::{InlineTable, Value};

mod list;
mod outline;
mod remove;
mod set;
mod syntax;
mod value;

pub use syntax::{SyntaxError, parse_error};

use crate::fix;
use outline::{Node, Outline, dotted, position};

/// Sets one key, or removes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TomlChange {
    /// The path of keys: `["profile", "dev", "package", "*", "debug"]`.
    pub key: Vec<String>,
    /// The new value as TOML text (`"\"line-tables-only\""`, `"16"`, `"false"`); none removes the key.
    pub value: Option<String>,
    /// The value is an array whose elements go behind those of the array that is there: flags in a
    /// configuration file, where setting the array would drop the user's own. Elements that are
    /// there already, in this order, are not added again.
    #[serde(default)]
    pub append: bool,
}

impl TomlChange {
    /// Removes the key at a path that is not known beforehand; with a `value`, sets it.
    pub fn key(key: Vec<String>) -> Self {
        Self {
            key,
            value: None,
            append: false,
        }
    }

    /// Sets `key` to the TOML text `value`.
    pub fn set<const N: usize>(key: [&str; N], value: impl Into<String>) -> Self {
        Self {
            key: key.map(str::to_owned).to_vec(),
            value: Some(value.into()),
            append: false,
        }
    }

    /// Appends the elements of the TOML array `value` to the array `key`, or sets it where there is
    /// none.
    pub fn append<const N: usize>(key: [&str; N], value: impl Into<String>) -> Self {
        Self {
            append: true,
            ..Self::set(key, value)
        }
    }

    /// Removes `key`.
    pub fn remove<const N: usize>(key: [&str; N]) -> Self {
        Self {
            key: key.map(str::to_owned).to_vec(),
            value: None,
            append: false,
        }
    }
}

/// Why a change could not be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ManifestError {
    #[error("line {line}, column {column}: {message}")]
    Syntax {
        line: u32,
        column: u32,
        message: String,
    },
    #[error("`{key}` on line {line} is not a table, so nothing can be set in it")]
    NotATable { key: String, line: u32 },
    #[error("`{key}` on line {line} is a table, so it cannot be set to a value")]
    IsATable { key: String, line: u32 },
    #[error("`{key}` on line {line} is not an array, so nothing can be appended to it")]
    NotAnArray { key: String, line: u32 },
    #[error("`{value}` is no TOML value for `{key}`")]
    BadValue { key: String, value: String },
    #[error("`{key}` cannot be changed here without touching something else; change it by hand")]
    Unsupported { key: String },
}

/// An edit of the text at hand; which file it is in does not matter here.
type Splice = fix::Edit;

fn splice(range: Range<usize>, replacement: String) -> Splice {
    Splice {
        path: Utf8PathBuf::new(),
        start: range.start,
        end: range.end,
        replacement,
    }
}

/// Makes the changes one after another. Where nothing has to change, the text comes back as it was.
pub fn change(text: &str, changes: &[TomlChange]) -> Result<String, ManifestError> {
    let (mark, body) = split_mark(text);
    let mut body = body.to_owned();
    for change in changes {
        body = change_one(&body, change)?;
    }
    Ok(format!("{mark}{body}"))
}

/// The value of `key` as JSON; none where there is none, or the text is not TOML.
pub fn lookup(text: &str, key: &[&str]) -> Option<Json> {
    let outline = Outline::parse(split_mark(text).1).ok()?;
    let (last, parents) = key.split_last()?;
    let parents: Vec<String> = parents.iter().map(|&part| part.to_owned()).collect();
    let chain = outline.chain(&parents).ok()?;
    if chain.len() < parents.len() {
        return None;
    }
    let item = match chain.last().map(|link| link.node) {
        None => outline.document.get(last)?,
        Some(Node::Table(table)) => table.get(last)?,
        Some(Node::Value(Value::InlineTable(table))) => table.get_key_value(last)?.1,
        Some(Node::Tables | Node::Value(_)) => return None,
    };
    Some(value::item_to_json(item))
}

/// What stands at `key`, as it is written: one value, or for a table of headers or dotted keys each
/// of its values by the keys below `key`, in the order of the text. Empty where there is nothing.
pub fn written(text: &str, key: &[&str]) -> Vec<(Vec<String>, String)> {
    let Ok(outline) = Outline::parse(split_mark(text).1) else {
        return Vec::new();
    };
    let key: Vec<String> = key.iter().map(|&part| part.to_owned()).collect();
    let Ok(chain) = outline.chain(&key) else {
        return Vec::new();
    };
    let whole = chain.last().filter(|_| chain.len() == key.len());
    if let Some(Node::Value(value)) = whole.map(|link| link.node)
        && !value.as_inline_table().is_some_and(InlineTable::is_dotted)
    {
        let value = value::as_written(outline.text, value);
        return value.map(|value| (Vec::new(), value)).into_iter().collect();
    }
    let mut found = Vec::new();
    for leaf in outline.leaves().into_keys() {
        let Some(below) = leaf.strip_prefix(key.as_slice()) else {
            continue;
        };
        let chain = outline.chain(&leaf).unwrap_or_default();
        if let Some(Node::Value(leaf)) = chain.last().map(|link| link.node)
            && let (Some(span), Some(text)) = (leaf.span(), value::as_written(outline.text, leaf))
        {
            found.push((span.start, (below.to_vec(), text)));
        }
    }
    found.sort_by_key(|(start, _)| *start);
    found.into_iter().map(|(_, value)| value).collect()
}

/// Line and column of a key, from 1, the column in characters; none where there is no such key, or
/// the text is not TOML.
pub fn locate(text: &str, key: &[&str]) -> Option<(u32, u32)> {
    let outline = Outline::parse(split_mark(text).1).ok()?;
    let key: Vec<String> = key.iter().map(|&part| part.to_owned()).collect();
    let chain = outline.chain(&key).ok()?;
    let link = chain.last().filter(|_| chain.len() == key.len())?;
    Some(position(outline.text, link.start()?))
}

fn change_one(text: &str, change: &TomlChange) -> Result<String, ManifestError> {
    let before = parse(text)?;
    let changed = match &change.value {
        Some(value) => set::set(text, change, value)?,
        None => remove::remove(text, &change.key)?,
    };
    if changed == text {
        return Ok(changed);
    }
    let unsupported = || ManifestError::Unsupported {
        key: dotted(&change.key),
    };
    let after = parse(&changed).map_err(|_| unsupported())?;
    let holds = match &change.value {
        Some(value) => set::holds(&after, change, value)?,
        None => after.chain(&change.key)?.len() < change.key.len(),
    };
    let others = |outline: &Outline<'_>| {
        let mut leaves = outline.leaves();
        leaves.retain(|path, _| !path.starts_with(&change.key));
        leaves
    };
    if holds && others(&before) == others(&after) {
        Ok(changed)
    } else {
        Err(unsupported())
    }
}

fn parse(text: &str) -> Result<Outline<'_>, ManifestError> {
    Outline::parse(text).map_err(|error| {
        let (line, column) = position(text, error.span().map_or(0, |span| span.start));
        ManifestError::Syntax {
            line,
            column,
            message: error.message().to_owned(),
        }
    })
}

/// The byte order mark, if there is one, and the rest.
fn split_mark(text: &str) -> (&str, &str) {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.split_at(text.len() - body.len())
}

#[cfg(test)]
mod tests;
