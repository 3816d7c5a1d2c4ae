//! Where a thing stands: the line of a key in a manifest's text, and the place of a configured value
//! in words.

use camino::Utf8Path;
use pitcrew_core::config::Origin;
use pitcrew_core::finding::Location;
use toml_edit::{Document, Item};

/// Where `path` of keys, or the nearest table above it that is written, stands in `text`.
pub fn in_manifest(manifest: &Utf8Path, text: &str, path: &[&str]) -> Option<Location> {
    let document = Document::parse(text).ok()?;
    let mut item: &Item = document.as_item();
    let mut start = None;
    for key in path {
        let Some((found, next)) = item
            .as_table_like()
            .and_then(|table| table.get_key_value(key))
        else {
            break;
        };
        let span = match next {
            Item::Table(table) => table.span().or_else(|| found.span()),
            _ => found.span(),
        };
        start = span.map(|span| span.start).or(start);
        item = next;
    }
    let (line, column) = line_and_column(text, start.unwrap_or(0));
    Some(Location {
        path: manifest.to_owned(),
        line,
        column,
    })
}

/// Whether all of `path` is written in `text`.
pub fn is_written(text: &str, path: &[&str]) -> bool {
    let Ok(document) = Document::parse(text) else {
        return false;
    };
    let mut item: &Item = document.as_item();
    for key in path {
        match item.as_table_like().and_then(|table| table.get(key)) {
            Some(next) => item = next,
            None => return false,
        }
    }
    true
}

/// The location of a configured value, where a file holds it; relative to `root` where it lies
/// inside.
pub fn of_origin(root: &Utf8Path, origin: &Origin) -> Option<Location> {
    let Origin::File { path, line, column } = origin else {
        return None;
    };
    Some(Location {
        path: path.strip_prefix(root).unwrap_or(path).to_owned(),
        line: *line,
        column: *column,
    })
}

/// `at .cargo/config.toml:3`, `by CARGO_INCREMENTAL`, `by --config`.
pub fn words(root: &Utf8Path, origin: &Origin) -> String {
    match origin {
        Origin::File { path, line, .. } => {
            format!("at {}:{line}", path.strip_prefix(root).unwrap_or(path))
        }
        Origin::Env { name } => format!("by {name}"),
        Origin::Cli => "by --config".to_owned(),
    }
}

/// Whether the project's own configuration file holds the value, so that a change there can take it
/// away.
pub fn is_in_project(root: &Utf8Path, origin: &Origin) -> bool {
    let Origin::File { path, .. } = origin else {
        return false;
    };
    path.strip_prefix(root)
        .is_ok_and(|path| path == ".cargo/config.toml" || path == ".cargo/config")
}

fn line_and_column(text: &str, at: usize) -> (u32, u32) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .map_or(0, |rest| rest.chars().count())
        + 1;
    (to_u32(line), to_u32(column))
}

fn to_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "[package]\nname = \"a\"\n\n[lib]\nname = \"é\"\ncrate-type = [\"lib\", \"cdylib\"]\n";

    fn place(path: &[&str]) -> (u32, u32) {
        let location = in_manifest("Cargo.toml".into(), TEXT, path).unwrap();
        (location.line, location.column)
    }

    #[test]
    fn finds_a_key_or_the_nearest_table_above_it() {
        assert_eq!(place(&["lib", "crate-type"]), (6, 1));
        assert_eq!(place(&["lib", "doctest"]), (4, 1));
        assert_eq!(place(&["profile"]), (1, 1));
        assert!(is_written(TEXT, &["lib", "name"]));
        assert!(!is_written(TEXT, &["lib", "doctest"]));
    }

    #[test]
    fn broken_manifests_have_no_places() {
        assert_eq!(in_manifest("Cargo.toml".into(), "[a", &["a"]), None);
        assert!(!is_written("[a", &["a"]));
    }

    #[test]
    fn names_files_relative_to_the_root() {
        let origin = Origin::File {
            path: "/w/.cargo/config.toml".into(),
            line: 3,
            column: 1,
        };
        assert_eq!(words("/w".into(), &origin), "at .cargo/config.toml:3");
        assert!(is_in_project("/w".into(), &origin));
        assert!(!is_in_project("/w/a".into(), &origin));
        assert_eq!(words("/w".into(), &Origin::Cli), "by --config");
    }
}
