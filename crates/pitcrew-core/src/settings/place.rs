//! Where an `allow` entry stands in a manifest, for the finding that it is unused.

use std::ops::Range;

use toml_edit::{Document, Item, Table};

/// The byte range of each `allow` entry of `[<owner>.metadata.pitcrew.<plugin>]`, in order; empty
/// where the text cannot be read that way.
pub(super) fn allows(text: &str, owner: &str, plugin: &str) -> Vec<Option<Range<usize>>> {
    let Ok(document) = Document::parse(text) else {
        return Vec::new();
    };
    let allow = [owner, "metadata", "pitcrew", plugin, "allow"]
        .iter()
        .try_fold(document.as_item(), |item, key| item.get(key));
    match allow {
        Some(Item::Value(value)) => value
            .as_array()
            .into_iter()
            .flatten()
            .map(toml_edit::Value::span)
            .collect(),
        Some(Item::ArrayOfTables(tables)) => tables.iter().map(Table::span).collect(),
        _ => Vec::new(),
    }
}
