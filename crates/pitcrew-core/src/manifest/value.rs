//! TOML values: what they mean, and the comments that stand inside them.

use serde_json::Value as Json;
use toml_edit::{Array, InlineTable, Item, RawString, Table, Value};

/// Whether two values mean the same, however they are written.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.value() == b.value(),
        (Value::Integer(a), Value::Integer(b)) => a.value() == b.value(),
        (Value::Float(a), Value::Float(b)) => {
            a.value() == b.value() || (a.value().is_nan() && b.value().is_nan())
        }
        (Value::Boolean(a), Value::Boolean(b)) => a.value() == b.value(),
        (Value::Datetime(a), Value::Datetime(b)) => a.value() == b.value(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b))
        }
        (Value::InlineTable(a), Value::InlineTable(b)) => {
            let mut entries = a.iter();
            a.len() == b.len() && entries.all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => false,
    }
}

/// Dates become strings, and so do the floats that JSON does not have.
pub(super) fn to_json(value: &Value) -> Json {
    match value {
        Value::String(value) => value.value().as_str().into(),
        Value::Integer(value) => (*value.value()).into(),
        Value::Float(value) if value.value().is_finite() => (*value.value()).into(),
        Value::Float(value) => value.value().to_string().into(),
        Value::Boolean(value) => (*value.value()).into(),
        Value::Datetime(value) => value.value().to_string().into(),
        Value::Array(array) => array.iter().map(to_json).collect(),
        Value::InlineTable(table) => Json::Object(
            table
                .iter()
                .map(|(key, value)| (key.to_owned(), to_json(value)))
                .collect(),
        ),
    }
}

pub(super) fn item_to_json(item: &Item) -> Json {
    match item {
        Item::None => Json::Null,
        Item::Value(value) => to_json(value),
        Item::Table(table) => table_to_json(table),
        Item::ArrayOfTables(tables) => tables.iter().map(table_to_json).collect(),
    }
}

fn table_to_json(table: &Table) -> Json {
    Json::Object(
        table
            .iter()
            .map(|(key, item)| (key.to_owned(), item_to_json(item)))
            .collect(),
    )
}

/// A value as its text has it.
pub(super) fn as_written(text: &str, value: &Value) -> Option<String> {
    text.get(value.span()?).map(str::to_owned)
}

/// The comments inside a value of several lines, in their order.
pub(super) fn comments<'t>(text: &'t str, value: &Value) -> Vec<&'t str> {
    let mut gaps = Vec::new();
    match value {
        Value::Array(array) => array_gaps(text, array, &mut gaps),
        Value::InlineTable(table) => table_gaps(text, table, &mut gaps),
        _ => {}
    }
    gaps.iter()
        .flat_map(|gap| gap.lines())
        .map(str::trim)
        .filter(|line| line.starts_with('#'))
        .collect()
}

fn array_gaps<'t>(text: &'t str, array: &Array, gaps: &mut Vec<&'t str>) {
    for value in array {
        value_gaps(text, value, gaps);
    }
    gaps.extend(raw(text, Some(array.trailing())));
}

fn table_gaps<'t>(text: &'t str, table: &InlineTable, gaps: &mut Vec<&'t str>) {
    for (keys, value) in table.get_values() {
        if let Some(key) = keys.last() {
            gaps.extend(raw(text, key.leaf_decor().prefix()));
            gaps.extend(raw(text, key.leaf_decor().suffix()));
        }
        value_gaps(text, value, gaps);
    }
    gaps.extend(raw(text, Some(table.trailing())));
}

fn value_gaps<'t>(text: &'t str, value: &Value, gaps: &mut Vec<&'t str>) {
    gaps.extend(raw(text, value.decor().prefix()));
    match value {
        Value::Array(array) => array_gaps(text, array, gaps),
        Value::InlineTable(table) => table_gaps(text, table, gaps),
        _ => {}
    }
    gaps.extend(raw(text, value.decor().suffix()));
}

fn raw<'t>(text: &'t str, raw: Option<&RawString>) -> Option<&'t str> {
    text.get(raw?.span()?)
}
