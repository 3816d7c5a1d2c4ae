//! Reads the files of all targets, side by side, and puts their modules together to one tree.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use camino::{Utf8Path, Utf8PathBuf};
use rayon::Scope;

use super::read;
use super::sketch::{Module, ModuleItem};
use crate::facts::{Crate, CrateId, CrateKind, File, FileId, Unread};

/// A target to read.
#[derive(Debug, Clone)]
pub struct Target {
    pub krate: Crate,
    /// Its first file, absolute.
    pub root: Utf8PathBuf,
    /// The crates that its paths may start with, by the name it uses, with their own name.
    pub externs: HashMap<String, String>,
}

/// All modules of all targets.
#[derive(Debug, Default)]
pub struct Tree {
    pub files: Vec<File>,
    pub modules: Vec<Node>,
    pub unread: Vec<Unread>,
}

/// In [`Tree::modules`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ModuleId(pub usize);

/// A module.
#[derive(Debug)]
pub struct Node {
    /// With the crate's name first: `mini_redis::cmd::get`.
    pub path: String,
    pub krate: CrateId,
    pub file: FileId,
    pub parent: Option<ModuleId>,
    pub children: HashMap<String, ModuleId>,
    /// Whether only tests compile it.
    pub test: bool,
    /// Without the modules in it, which are nodes of their own.
    pub sketch: Module,
}

/// Reads all `targets`. Paths in the result are relative to `root` where they lie below it. Files that
/// say that a program wrote them are left out unless `generated`.
pub fn read_all(targets: &[Target], root: &Utf8Path, generated: bool) -> Tree {
    let reader = Reader {
        generated,
        seen: Mutex::default(),
        read: Mutex::default(),
    };
    rayon::scope(|scope| {
        for target in targets {
            let dir = folder(&target.root).to_owned();
            reader.spawn(scope, target.root.clone(), dir);
        }
    });
    let mut read = reader.read.into_inner().unwrap_or_default();
    let mut tree = Tree::default();
    for (index, target) in targets.iter().enumerate() {
        let place = Place {
            root,
            krate: CrateId::at(index),
            test: matches!(target.krate.kind, CrateKind::Test | CrateKind::Bench),
        };
        let dir = folder(&target.root).to_owned();
        tree.add_file(
            &mut read,
            &place,
            &target.root,
            &dir,
            &target.krate.name,
            None,
        );
    }
    tree.unread.sort_by(|a, b| a.path.cmp(&b.path));
    tree
}

/// A file that was read.
struct Source {
    text: String,
    sketch: Result<Module, Unread>,
}

struct Reader {
    generated: bool,
    seen: Mutex<HashSet<Utf8PathBuf>>,
    read: Mutex<HashMap<Utf8PathBuf, Source>>,
}

impl Reader {
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
            let source = self.read(&path);
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

    fn read(&self, path: &Utf8Path) -> Source {
        let broken = |at, why: String| Unread {
            path: path.to_owned(),
            at,
            why,
        };
        let text = match std::fs::read_to_string(path) {
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
                candidates(item, beside, dir)
                    .into_iter()
                    .filter(|(file, _)| file.is_file()),
            ),
        }
    }
    files
}

/// Where the file of `mod x;` may be, and where the files of its own modules would be.
fn candidates(
    item: &ModuleItem,
    beside: &Utf8Path,
    dir: &Utf8Path,
) -> Vec<(Utf8PathBuf, Utf8PathBuf)> {
    if let Some(path) = &item.path {
        let file = beside.join(path);
        let dir = folder(&file).to_owned();
        return vec![(file, dir)];
    }
    // `r#type` lies in `type.rs`.
    let name = item.name.trim_start_matches("r#");
    let own = dir.join(name);
    vec![
        (dir.join(format!("{name}.rs")), own.clone()),
        (own.join("mod.rs"), own),
    ]
}

fn folder(file: &Utf8Path) -> &Utf8Path {
    file.parent().unwrap_or(Utf8Path::new(""))
}

/// Where modules are added.
struct Place<'a> {
    root: &'a Utf8Path,
    krate: CrateId,
    test: bool,
}

/// A file's own place: its number, its folder, the folder of its modules.
#[derive(Clone, Copy)]
struct Home<'a> {
    file: FileId,
    beside: &'a Utf8Path,
    dir: &'a Utf8Path,
}

type Sources = HashMap<Utf8PathBuf, Source>;

impl Tree {
    /// Adds the module whose file is `path`, the first time that it is met: a file that two targets
    /// share is the first one's.
    fn add_file(
        &mut self,
        read: &mut Sources,
        place: &Place<'_>,
        path: &Utf8Path,
        dir: &Utf8Path,
        name: &str,
        parent: Option<ModuleId>,
    ) -> Option<ModuleId> {
        let source = read.remove(path)?;
        let shown = path.strip_prefix(place.root).unwrap_or(path);
        let file = FileId::at(self.files.len());
        self.files.push(File {
            path: shown.as_str().replace('\\', "/").into(),
            text: source.text,
            krate: place.krate,
        });
        match source.sketch {
            Ok(module) => {
                let home = Home {
                    file,
                    beside: folder(path),
                    dir,
                };
                Some(self.add(read, place, home, module, name, parent))
            }
            Err(mut unread) => {
                unread.path = shown.to_owned();
                self.unread.push(unread);
                None
            }
        }
    }

    fn add(
        &mut self,
        read: &mut Sources,
        place: &Place<'_>,
        home: Home<'_>,
        mut module: Module,
        name: &str,
        parent: Option<ModuleId>,
    ) -> ModuleId {
        let id = ModuleId(self.modules.len());
        let path = match parent {
            Some(parent) => format!("{}::{name}", self.modules[parent.0].path),
            None => name.to_owned(),
        };
        let inner = std::mem::take(&mut module.modules);
        self.modules.push(Node {
            path,
            krate: place.krate,
            file: home.file,
            parent,
            children: HashMap::new(),
            test: place.test,
            sketch: module,
        });
        for item in inner {
            let place = Place {
                test: place.test || item.test,
                ..*place
            };
            let child = self.add_item(read, &place, home, &item.name.clone(), item, id);
            if let Some((name, child)) = child {
                self.modules[id.0].children.insert(name, child);
            }
        }
        id
    }

    fn add_item(
        &mut self,
        read: &mut Sources,
        place: &Place<'_>,
        home: Home<'_>,
        name: &str,
        mut item: ModuleItem,
        parent: ModuleId,
    ) -> Option<(String, ModuleId)> {
        let child = match item.inline.take() {
            Some(module) => {
                let dir = home.dir.join(item.path.as_ref().unwrap_or(&item.name));
                let home = Home {
                    beside: &dir,
                    dir: &dir,
                    ..home
                };
                self.add(read, place, home, module, name, Some(parent))
            }
            None => {
                let files = candidates(&item, home.beside, home.dir);
                let (file, dir) = files
                    .into_iter()
                    .find(|(file, _)| read.contains_key(file))?;
                self.add_file(read, place, &file, &dir, name, Some(parent))?
            }
        };
        Some((item.name, child))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(root: &Utf8Path, kind: CrateKind) -> Target {
        Target {
            krate: Crate {
                name: "c".to_owned(),
                kind,
                ..Crate::default()
            },
            root: root.to_owned(),
            externs: HashMap::new(),
        }
    }

    #[test]
    fn modules_are_found_where_rustc_looks() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        for (path, text) in [
            (
                "src/lib.rs",
                "mod a; mod b; #[path = \"x/y.rs\"] mod c; mod i { mod j; } #[cfg(test)] mod t;",
            ),
            ("src/a.rs", "mod d;"),
            ("src/a/d.rs", ""),
            ("src/b/mod.rs", "mod e;"),
            ("src/b/e.rs", "let"),
            ("src/x/y.rs", "mod z;"),
            ("src/x/z.rs", "// @generated by hand\nfn gone() {}"),
            ("src/i/j.rs", ""),
            ("src/t.rs", "mod u {}"),
        ] {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let tree = read_all(
            &[target(&root.join("src/lib.rs"), CrateKind::Lib)],
            root,
            false,
        );
        let mut paths: Vec<_> = tree.modules.iter().map(|node| node.path.as_str()).collect();
        paths.sort_unstable();
        assert_eq!(
            paths,
            [
                "c", "c::a", "c::a::d", "c::b", "c::c", "c::c::z", "c::i", "c::i::j", "c::t",
                "c::t::u"
            ]
        );
        assert_eq!(tree.files[0].path, "src/lib.rs");
        assert_eq!(tree.files.len(), 9);
        assert_eq!(tree.unread.len(), 1);
        assert_eq!(tree.unread[0].path, "src/b/e.rs");
        let tests: Vec<_> = tree
            .modules
            .iter()
            .filter(|node| node.test)
            .map(|node| node.path.as_str())
            .collect();
        assert_eq!(tests, ["c::t", "c::t::u"]);
        let generated = tree
            .modules
            .iter()
            .find(|node| node.path == "c::c::z")
            .unwrap();
        assert!(generated.sketch.functions.is_empty());
    }
}
