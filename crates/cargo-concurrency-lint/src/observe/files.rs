//! Reads the files of crates, side by side, each once: from the root along the modules that it names.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::regular_file;
use rayon::Scope;

use super::read;
use super::sketch::Module;
use crate::facts::Unread;

/// A file that was read.
pub struct Source {
    pub text: String,
    pub sketch: Result<Module, Unread>,
}

/// The files that were read.
#[derive(Default)]
pub struct Sources {
    generated: bool,
    seen: Mutex<HashSet<Utf8PathBuf>>,
    read: Mutex<HashMap<Utf8PathBuf, Source>>,
}

impl Sources {
    /// None yet. Files that say that a program wrote them are left out unless `generated`.
    pub fn new(generated: bool) -> Self {
        Self {
            generated,
            ..Self::default()
        }
    }

    /// Reads the files of crates that begin at `roots`, but for those that it has.
    pub fn read<'p>(&self, roots: impl Iterator<Item = &'p Utf8Path>) {
        rayon::in_place_scope(|scope| {
            for root in roots {
                self.spawn(scope, root.to_owned(), folder(root).to_owned());
            }
        });
    }

    pub fn into_files(self) -> HashMap<Utf8PathBuf, Source> {
        self.read.into_inner().unwrap_or_default()
    }

    /// Reads `path`, and after it the files of its modules, which lie below `dir`.
    fn spawn<'s>(&'s self, scope: &Scope<'s>, path: Utf8PathBuf, dir: Utf8PathBuf) {
        scope.spawn(move |scope| {
            let fresh = self
                .seen
                .lock()
                .is_ok_and(|mut seen| seen.insert(path.clone()));
            if !fresh {
                return;
            }
            let source = self.source(&path);
            if let Ok(module) = &source.sketch {
                for (path, dir) in files_below(module, folder(&path), &dir) {
                    self.spawn(scope, path, dir);
                }
            }
            if let Ok(mut read) = self.read.lock() {
                read.insert(path, source);
            }
        });
    }

    fn source(&self, path: &Utf8Path) -> Source {
        let broken = |at, why: String| Unread {
            path: path.to_owned(),
            at,
            why,
        };
        let text = match regular_file::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                return Source {
                    text: String::new(),
                    sketch: Err(broken(None, error.to_string())),
                };
            }
        };
        if !self.generated && read::is_generated(&text) {
            return Source {
                text,
                sketch: Ok(Module::default()),
            };
        }
        let sketch = read::read(&text).map_err(|error| broken(Some(error.at), error.why));
        Source { text, sketch }
    }
}

/// The files of the modules in `module`, each with the folder that its own modules lie in. `beside` is
/// the folder of the file, `dir` that of its modules.
fn files_below(
    module: &Module,
    beside: &Utf8Path,
    dir: &Utf8Path,
) -> Vec<(Utf8PathBuf, Utf8PathBuf)> {
    let mut files = Vec::new();
    for item in &module.modules {
        match &item.inline {
            Some(inner) => {
                let dir = dir.join(item.path.as_ref().unwrap_or(&item.name));
                files.extend(files_below(inner, &dir, &dir));
            }
            None => files.extend(
                candidates(&item.name, item.path.as_deref(), beside, dir)
                    .into_iter()
                    .filter(|(file, _)| file.is_file()),
            ),
        }
    }
    files
}

/// Where the file of `mod x;` may be, and where the files of its own modules would be.
pub fn candidates(
    name: &str,
    path: Option<&str>,
    beside: &Utf8Path,
    dir: &Utf8Path,
) -> Vec<(Utf8PathBuf, Utf8PathBuf)> {
    if let Some(path) = path {
        let file = beside.join(path);
        let dir = folder(&file).to_owned();
        return vec![(file, dir)];
    }
    // `r#type` lies in `type.rs`.
    let name = name.trim_start_matches("r#");
    let own = dir.join(name);
    vec![
        (dir.join(format!("{name}.rs")), own.clone()),
        (own.join("mod.rs"), own),
    ]
}

pub fn folder(file: &Utf8Path) -> &Utf8Path {
    file.parent().unwrap_or(Utf8Path::new(""))
}
