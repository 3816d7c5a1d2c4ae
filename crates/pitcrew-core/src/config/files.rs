//! Finding configuration files, reading them with the place of every key, and following `include`.

use std::collections::BTreeSet;
use std::ops::Range;

use anyhow::{Context as _, Result, anyhow, bail};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use toml_edit::{Document, TableLike};

use super::Origin;
use super::tree::{Equals, Item, Node, Rank, Table};
use crate::position::line_column;
use crate::regular_file;

/// The files from `start_dir` upwards and of cargo's home, merged; and which they are, strongest
/// first.
pub(super) fn load(
    start_dir: &Utf8Path,
    cargo_home: Option<&Utf8Path>,
) -> Result<(Table, Vec<Utf8PathBuf>)> {
    let mut root = Table::default();
    let mut files = Vec::new();
    for path in discover(start_dir, cargo_home) {
        let read = read(&path, Rank::File)?;
        root.merge(read.root, Equals::Keep)?;
        files.extend(read.files);
    }
    Ok((root, files))
}

fn discover(start_dir: &Utf8Path, cargo_home: Option<&Utf8Path>) -> Vec<Utf8PathBuf> {
    let canonical = |dir: &Utf8Path| dir.canonicalize_utf8().unwrap_or_else(|_| dir.to_owned());
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for dir in start_dir.ancestors() {
        let dir = dir.join(".cargo");
        found.extend(config_file(&dir));
        seen.insert(canonical(&dir));
    }
    if let Some(home) = cargo_home
        && !seen.contains(&canonical(home))
    {
        found.extend(config_file(home));
    }
    found
}

/// cargo prefers the old name without extension where both exist.
fn config_file(dir: &Utf8Path) -> Option<Utf8PathBuf> {
    [dir.join("config"), dir.join("config.toml")]
        .into_iter()
        .find(|path| path.exists())
}

/// A file with what it includes merged below its own values.
pub(super) struct Read {
    pub root: Table,
    /// The file, then its includes, strongest first.
    pub files: Vec<Utf8PathBuf>,
}

pub(super) fn read(path: &Utf8Path, rank: Rank) -> Result<Read> {
    read_once(path, rank, &mut BTreeSet::new())
}

fn read_once(path: &Utf8Path, rank: Rank, seen: &mut BTreeSet<Utf8PathBuf>) -> Result<Read> {
    if !seen.insert(path.to_owned()) {
        bail!("the configuration includes `{path}` twice, which cargo takes for a cycle");
    }
    let text = regular_file::read_to_string(path)
        .with_context(|| format!("cannot read the configuration file `{path}`"))?;
    let own = parse(&text, path, rank)?;
    let dir = path.parent().unwrap_or(path);
    let mut read = with_includes(own, dir, &format!("`{path}`"), rank, seen)?;
    read.files.insert(0, path.to_owned());
    Ok(read)
}

/// Loads what `own`, set by `what`, includes, and merges `own` over it. Paths are relative to `dir`.
pub(super) fn with_includes(
    mut own: Table,
    dir: &Utf8Path,
    what: &str,
    rank: Rank,
    seen: &mut BTreeSet<Utf8PathBuf>,
) -> Result<Read> {
    let mut root = Table::default();
    let mut files = Vec::new();
    for include in take_includes(&mut own, what)? {
        let target = clean(&dir.join(&include.path));
        if include.optional && !target.exists() {
            continue;
        }
        let read = read_once(&target, rank, seen)
            .with_context(|| format!("cannot load the `include` of {what}"))?;
        root.merge(read.root, Equals::Replace)?;
        files.splice(0..0, read.files);
    }
    root.merge(own, Equals::Replace)?;
    Ok(Read { root, files })
}

/// Resolves `.` and `..` by their text, as cargo does, so that a cycle is seen.
fn clean(path: &Utf8Path) -> Utf8PathBuf {
    let mut cleaned = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            camino::Utf8Component::CurDir => {}
            camino::Utf8Component::ParentDir => {
                cleaned.pop();
            }
            other => cleaned.push(other),
        }
    }
    cleaned
}

#[derive(Debug, PartialEq, Eq)]
struct Include {
    path: String,
    optional: bool,
}

fn take_includes(table: &mut Table, what: &str) -> Result<Vec<Include>> {
    let wrong = || {
        anyhow!(
            "`include` in {what} must be an array of paths, or of tables with `path` and \
             `optional`"
        )
    };
    let items = match table.0.remove("include") {
        None => return Ok(Vec::new()),
        Some(Node::List(items)) => items,
        Some(Node::Table(_) | Node::Scalar(_)) => return Err(wrong()),
    };
    items
        .iter()
        .map(|item| {
            let include = include(&item.value).ok_or_else(wrong)?;
            if !include.path.ends_with(".toml") || include.path.contains(['*', '?', '{', '}']) {
                bail!(
                    "`include` in {what} names `{}`; cargo takes only plain paths that end \
                     with `.toml`",
                    include.path
                );
            }
            Ok(include)
        })
        .collect()
}

fn include(value: &Value) -> Option<Include> {
    let (path, optional) = match value {
        Value::String(path) => (path.as_str(), false),
        Value::Object(table) => {
            let optional = match table.get("optional") {
                Some(optional) => optional.as_bool()?,
                None => false,
            };
            (table.get("path")?.as_str()?, optional)
        }
        _ => return None,
    };
    Some(Include {
        path: path.to_owned(),
        optional,
    })
}

fn parse(text: &str, path: &Utf8Path, rank: Rank) -> Result<Table> {
    let document = Document::parse(text).map_err(|error| {
        let (line, column) = place_in(text, error.span());
        anyhow!("{path}:{line}:{column}: {}", error.message())
    })?;
    let place = |span: Option<Range<usize>>| {
        let (line, column) = place_in(text, span);
        Origin::File {
            path: path.to_owned(),
            line,
            column,
        }
    };
    Ok(table(document.as_table(), rank, &place))
}

fn place_in(text: &str, span: Option<Range<usize>>) -> (u32, u32) {
    span.and_then(|span| line_column(text, span.start))
        .unwrap_or((1, 1))
}

pub(super) fn table(
    table: &dyn TableLike,
    rank: Rank,
    place: &dyn Fn(Option<Range<usize>>) -> Origin,
) -> Table {
    let nodes = table.iter().filter_map(|(name, item)| {
        let span = table.key(name).and_then(toml_edit::Key::span);
        Some((name.to_owned(), node(item, rank, place, span)?))
    });
    Table(nodes.collect())
}

fn node(
    item: &toml_edit::Item,
    rank: Rank,
    place: &dyn Fn(Option<Range<usize>>) -> Origin,
    key_span: Option<Range<usize>>,
) -> Option<Node> {
    if let Some(inner) = item.as_table_like() {
        return Some(Node::Table(table(inner, rank, place)));
    }
    let origin = place(key_span);
    let marked = |value| Item {
        value,
        rank,
        origin: origin.clone(),
    };
    Some(match json(item)? {
        Value::Array(values) => Node::List(values.into_iter().map(marked).collect()),
        value => Node::Scalar(marked(value)),
    })
}

fn json(item: &toml_edit::Item) -> Option<Value> {
    match item {
        toml_edit::Item::None => None,
        toml_edit::Item::Value(value) => Some(value_json(value)),
        toml_edit::Item::Table(table) => Some(table_json(table)),
        toml_edit::Item::ArrayOfTables(tables) => {
            Some(tables.iter().map(|table| table_json(table)).collect())
        }
    }
}

fn table_json(table: &dyn TableLike) -> Value {
    let entries = table
        .iter()
        .filter_map(|(name, item)| Some((name.to_owned(), json(item)?)));
    Value::Object(entries.collect())
}

fn value_json(value: &toml_edit::Value) -> Value {
    use toml_edit::Value as Toml;
    match value {
        Toml::String(text) => text.value().as_str().into(),
        Toml::Integer(number) => (*number.value()).into(),
        Toml::Float(number) => (*number.value()).into(),
        Toml::Boolean(truth) => (*truth.value()).into(),
        // cargo's configuration has no dates; what it says is kept as text.
        Toml::Datetime(time) => time.value().to_string().into(),
        Toml::Array(array) => array.iter().map(value_json).collect(),
        Toml::InlineTable(table) => table_json(table),
    }
}
