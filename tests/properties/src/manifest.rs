//! A change of a manifest touches its key and nothing else, holds what it says, is the same the second
//! time, and can be taken back.
//!
//! The first line is the key, dotted; the second the value (none removes the key, `+` before it appends);
//! the rest is the manifest.

use std::collections::BTreeMap;

use pitcrew_core::fix::{self, Edit};
use pitcrew_core::manifest::{TomlChange, change, locate, lookup, written};
use toml_edit::{DocumentMut, Item, Value};

pub fn holds(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut parts = text.splitn(3, '\n');
    let (Some(key), Some(value), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
        return;
    };
    let key: Vec<String> = key.split('.').map(str::to_owned).collect();
    let names: Vec<&str> = key.iter().map(String::as_str).collect();
    let wanted = TomlChange {
        append: value.starts_with('+'),
        value: Some(value.trim_start_matches('+').to_owned()).filter(|value| !value.is_empty()),
        key: key.clone(),
    };
    let before = text.trim_start_matches('\u{feff}').parse::<DocumentMut>();
    let found = locate(text, &names);
    assert!(found.is_none() || before.is_ok(), "a place in no TOML");
    let Ok(changed) = change(text, std::slice::from_ref(&wanted)) else {
        return;
    };
    let after = changed
        .trim_start_matches('\u{feff}')
        .parse::<DocumentMut>();
    let (Ok(before), Ok(after)) = (before, after) else {
        panic!("no TOML comes out of it:\n{changed}");
    };
    assert_eq!(
        others(&before, &key),
        others(&after, &key),
        "another key has changed:\n{changed}"
    );
    match &wanted.value {
        None => assert_eq!(lookup(&changed, &names), None, "{changed}"),
        Some(value) if !wanted.append => {
            // Blanks around it are no part of it; a lone `\r` could not stand in a document.
            let set = lookup(&format!("v = {}", value.trim()), &["v"]);
            assert_eq!(lookup(&changed, &names), set, "{changed}");
            only_the_value(text, &changed, &names);
        }
        Some(_) => assert!(lookup(&changed, &names).is_some_and(|value| value.is_array())),
    }
    let again = change(&changed, std::slice::from_ref(&wanted));
    assert_eq!(again.as_deref(), Ok(changed.as_str()), "not the same again");
    let back: Vec<Edit> = Edit::between("f", &changed, text).into_iter().collect();
    assert_eq!(fix::apply(&changed, &back).unwrap(), text);
}

/// Where a plain value is replaced by another, every byte around it stays.
fn only_the_value(text: &str, changed: &str, key: &[&str]) {
    let plain = lookup(text, key).is_some_and(|old| !old.is_object() && !old.is_array());
    let old = written(text, key);
    let (true, [(_, old)]) = (plain, &old[..]) else {
        return;
    };
    let same = |a: &[u8], b: &[u8]| a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let start = same(text.as_bytes(), changed.as_bytes());
    let reversed = |text: &str| text.bytes().rev().collect::<Vec<u8>>();
    let end = same(&reversed(text), &reversed(changed)).min(text.len() - start);
    let gone = text.len() - start - end;
    assert!(
        gone <= old.len(),
        "{gone} bytes have changed for {old:?}:\n{changed}"
    );
}

/// Every value but those at and below the key.
fn others(document: &DocumentMut, key: &[String]) -> BTreeMap<Vec<String>, String> {
    let mut leaves = BTreeMap::new();
    items(document.as_item(), &mut Vec::new(), &mut leaves);
    leaves.retain(|path, _| !path.starts_with(key));
    leaves
}

fn items(item: &Item, path: &mut Vec<String>, leaves: &mut BTreeMap<Vec<String>, String>) {
    let mut below = |name: String, item: &Item| {
        path.push(name);
        items(item, path, leaves);
        path.pop();
    };
    match item {
        Item::Table(table) => table
            .iter()
            .for_each(|(name, item)| below(name.to_owned(), item)),
        Item::ArrayOfTables(tables) => tables
            .iter()
            .enumerate()
            .for_each(|(at, table)| below(format!("[{at}]"), &Item::Table(table.clone()))),
        Item::Value(Value::InlineTable(table)) => table
            .iter()
            .for_each(|(name, value)| below(name.to_owned(), &Item::Value(value.clone()))),
        Item::Value(value) => {
            leaves.insert(path.clone(), value.clone().decorated("", "").to_string());
        }
        Item::None => {}
    }
}
