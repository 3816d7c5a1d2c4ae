//! Places of MIR in the words of the facts.

use std::collections::HashMap;

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::regular_file;

use crate::facts::{File, FileId, Pos, Span};
use crate::mir::span::Lines;
use crate::mir::summary::{Place, Summary};

/// The files of the workspace that MIR names.
#[derive(Debug)]
pub struct Files<'r> {
    root: &'r Utf8Path,
    pub files: Vec<File>,
    /// Of each file, where its lines begin: places are looked up by the thousand.
    lines: Vec<Vec<usize>>,
    numbers: HashMap<Utf8PathBuf, Option<FileId>>,
}

impl<'r> Files<'r> {
    pub fn new(root: &'r Utf8Path) -> Self {
        Self {
            root,
            files: Vec::new(),
            lines: Vec::new(),
            numbers: HashMap::new(),
        }
    }

    /// The place, where it lies in the workspace.
    pub fn span(&mut self, summary: &Summary, place: Place) -> Option<Span> {
        let path = Utf8Path::new(&summary.dir).join(summary.text(place.file));
        let file = match self.numbers.get(&path) {
            Some(known) => (*known)?,
            None => {
                let found = self.add(&path);
                self.numbers.insert(path, found);
                found?
            }
        };
        Some(span(file, place.lines))
    }

    fn add(&mut self, path: &Utf8Path) -> Option<FileId> {
        let inside = path.strip_prefix(self.root).ok()?;
        let names: Vec<&str> = inside.components().map(|name| name.as_str()).collect();
        let path = Utf8PathBuf::from(names.join("/"));
        let at = self.files.iter().position(|file| file.path == path);
        Some(FileId::at(at.unwrap_or_else(|| {
            // Whether a call is written or comes of desugaring, the text tells.
            let text = regular_file::read_to_string(self.root.join(&path)).unwrap_or_default();
            let ends = text.match_indices('\n').map(|(at, _)| at + 1);
            self.lines.push([0].into_iter().chain(ends).collect());
            self.files.push(File {
                path,
                text,
                ..File::default()
            });
            self.files.len() - 1
        })))
    }

    /// The text at a place, and what follows it.
    pub fn text(&self, span: Span) -> Option<(&str, &str)> {
        let index = span.file.index();
        let text = &self.files.get(index)?.text;
        let lines = self.lines.get(index)?;
        let offset = |pos: Pos| {
            let line = *lines.get(usize::try_from(pos.line).ok()?.checked_sub(1)?)?;
            let column = usize::try_from(pos.column).ok()?.checked_sub(1)?;
            let mut chars = text.get(line..)?.char_indices();
            Some(line + chars.nth(column).map_or(text.len() - line, |(at, _)| at))
        };
        let (start, end) = (offset(span.start)?, offset(span.end)?);
        Some((text.get(start..end)?, text.get(end..)?))
    }
}

fn span(file: FileId, lines: Lines) -> Span {
    let pos = |(line, column)| Pos { line, column };
    Span {
        file,
        start: pos(lines.start()),
        end: pos(lines.end()),
    }
}

/// A place in a dependency as people read it: `config-0.15.4/src/file/mod.rs:120`.
pub fn shown(summary: &Summary, place: Place) -> String {
    let path = summary.text(place.file).replace('\\', "/");
    let below = |folder: &str| {
        let (_, rest) = path.split_once(folder)?;
        rest.split_once('/').map(|(_, rest)| rest.to_owned())
    };
    let path = below("/registry/src/").or_else(|| below("/git/checkouts/"));
    let path = path.unwrap_or_else(|| summary.text(place.file).to_owned());
    format!("{path}:{}", place.lines.line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_as_the_workspace_names_them() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        std::fs::create_dir(root.join("src")).unwrap();
        std::fs::write(root.join("src/a.rs"), "fn f() { g() }\n").unwrap();
        let mut summary = Summary {
            dir: root.to_string(),
            ..Summary::default()
        };
        let lines = Lines {
            line: 1,
            column: 10,
            end_line: 1,
            end_column: 11,
        };
        let mut place = |file: &str| Place {
            file: summary.texts.intern(file),
            lines,
        };
        let (here, there) = (place("src/a.rs"), place("/elsewhere/b.rs"));
        let mut files = Files::new(root);
        let span = files.span(&summary, here).unwrap();
        assert_eq!(files.files[0].path, "src/a.rs");
        assert_eq!(files.text(span), Some(("g", "() }\n")));
        assert_eq!(files.span(&summary, there), None);
        assert_eq!(shown(&summary, there), "/elsewhere/b.rs:1");
    }

    #[test]
    fn a_place_in_a_dependency_starts_with_its_package() {
        let mut summary = Summary::default();
        let place = Place {
            file: summary
                .texts
                .intern("/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/config-0.15.4/src/lib.rs"),
            lines: Lines {
                line: 7,
                ..Lines::default()
            },
        };
        assert_eq!(shown(&summary, place), "config-0.15.4/src/lib.rs:7");
    }
}
