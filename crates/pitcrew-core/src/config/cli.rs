//! `--config` arguments: a file, or one `KEY=VALUE` in TOML.

use std::collections::BTreeSet;

use anyhow::{Result, anyhow};
use camino::{Utf8Path, Utf8PathBuf};
use toml_edit::{Document, Item, TableLike};

use super::Origin;
use super::files;
use super::tree::{Equals, Rank, Table};

pub(super) struct FromCli {
    pub root: Table,
    /// The files that arguments name, strongest first.
    pub files: Vec<Utf8PathBuf>,
}

/// The arguments merged: a later one beats an earlier.
pub(super) fn load(cwd: &Utf8Path, arguments: &[String]) -> Result<FromCli> {
    let mut all = FromCli {
        root: Table::default(),
        files: Vec::new(),
    };
    for argument in arguments {
        let path = cwd.join(argument);
        let read = if !argument.is_empty() && path.exists() {
            files::read(&path, Rank::Cli)?
        } else {
            let what = format!("`--config {argument}`");
            let own = key_value(argument)?;
            files::with_includes(own, cwd, &what, Rank::Cli, &mut BTreeSet::new())?
        };
        all.files.splice(0..0, read.files);
        all.root.merge(read.root, Equals::Replace)?;
    }
    Ok(all)
}

fn key_value(argument: &str) -> Result<Table> {
    let wrong = |why: &str| {
        anyhow!("`--config {argument}` is neither a file nor KEY=VALUE in TOML's spelling: {why}")
    };
    let document = Document::parse(argument).map_err(|error| wrong(error.message()))?;
    if !is_one_dotted_value(document.as_table()) {
        return Err(wrong("it must set exactly one value"));
    }
    Ok(files::table(document.as_table(), Rank::Cli, &|_| {
        Origin::Cli
    }))
}

fn is_one_dotted_value(table: &dyn TableLike) -> bool {
    let mut entries = table.iter();
    match (entries.next(), entries.next()) {
        (Some((_, Item::Value(value))), None) => !value.is_inline_table(),
        (Some((_, Item::Table(inner))), None) => inner.is_dotted() && is_one_dotted_value(inner),
        _ => false,
    }
}
