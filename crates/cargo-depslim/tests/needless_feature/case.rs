//! The cases of the corpus: what is true, and the files of a small workspace, in one text.
//!
//! ```text
//! # What it is about.
//! drop: dep/feature dep/other
//! grade: MachineApplicable
//! words: dep = a b
//! -- app/Cargo.toml --
//! [package]
//! ```

use std::collections::BTreeSet;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

pub struct Case {
    pub name: String,
    /// As `dependency/feature`.
    pub needless: BTreeSet<String>,
    /// How a change is graded, where that is what the case is about.
    pub grade: Option<String>,
    /// The features that are written in the end, where that is what the case is about.
    pub words: Option<(String, Vec<String>)>,
    files: Vec<(String, String)>,
}

/// A case in a folder of its own.
pub struct Unpacked {
    dir: tempfile::TempDir,
}

impl Unpacked {
    pub fn path(&self) -> &Utf8Path {
        Utf8Path::from_path(self.dir.path()).unwrap()
    }
}

pub fn cases() -> Vec<Case> {
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/needless-feature");
    let mut paths: Vec<Utf8PathBuf> = folder
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap().into_path())
        .collect();
    paths.sort();
    paths.iter().map(|path| Case::read(path)).collect()
}

impl Case {
    fn read(path: &Utf8Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let mut case = Self {
            name: path.file_stem().unwrap().to_owned(),
            needless: BTreeSet::new(),
            grade: None,
            words: None,
            files: Vec::new(),
        };
        for line in text.lines() {
            let file = line
                .strip_prefix("-- ")
                .and_then(|rest| rest.strip_suffix(" --"));
            if let Some(file) = file {
                case.files.push((file.to_owned(), String::new()));
            } else if let Some((_, content)) = case.files.last_mut() {
                content.push_str(line);
                content.push('\n');
            } else {
                case.label(line);
            }
        }
        assert!(!case.files.is_empty(), "{path} holds no files");
        case
    }

    fn label(&mut self, line: &str) {
        let words = |text: &str| {
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        match line.split_once(':') {
            Some(("drop", features)) => self.needless = words(features).into_iter().collect(),
            Some(("grade", grade)) => self.grade = Some(grade.trim().to_owned()),
            Some(("words", text)) => {
                let (name, features) = text.split_once('=').unwrap();
                self.words = Some((name.trim().to_owned(), words(features)));
            }
            _ => assert!(line.starts_with('#'), "{}: {line}", self.name),
        }
    }

    /// Writes the files into a new folder.
    pub fn unpack(&self) -> Unpacked {
        let unpacked = Unpacked {
            dir: tempfile::tempdir().unwrap(),
        };
        for (name, content) in &self.files {
            let path = unpacked.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        unpacked
    }
}
