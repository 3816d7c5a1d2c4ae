//! Reads the files of all targets, side by side, and puts their modules together to one tree.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::regular_file;
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
    let mut assembly = Assembly {
        tree: Tree::default(),
        read: reader.read.into_inner().unwrap_or_default(),
        root,
    };
    for (index, target) in targets.iter().enumerate() {
        let place = Place {
            krate: CrateId::at(index),
            test: matches!(target.krate.kind, CrateKind::Test | CrateKind::Bench),
            parent: None,
            name: &target.krate.name,
        };
        let dir = folder(&target.root).to_owned();
        assembly.add_file(place, &target.root, &dir);
    }
    let mut tree = assembly.tree;
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
fn candidates(
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

fn folder(file: &Utf8Path) -> &Utf8Path {
    file.parent().unwrap_or(Utf8Path::new(""))
}

/// The tree while it is put together.
struct Assembly<'a> {
    tree: Tree,
    /// The files that have no place in it yet.
    read: HashMap<Utf8PathBuf, Source>,
    root: &'a Utf8Path,
}

/// Where a module is added, and as what.
#[derive(Clone, Copy)]
struct Place<'a> {
    krate: CrateId,
    test: bool,
    parent: Option<ModuleId>,
    name: &'a str,
}

/// A file's own place: its number, its folder, the folder of its modules.
#[derive(Clone, Copy)]
struct Home<'a> {
    file: FileId,
    beside: &'a Utf8Path,
    dir: &'a Utf8Path,
}

impl Assembly<'_> {
    /// Adds the module whose file is `path`, the first time that it is met: a file that two targets
    /// share is the first one's.
    fn add_file(&mut self, place: Place<'_>, path: &Utf8Path, dir: &Utf8Path) -> Option<ModuleId> {
        let source = self.read.remove(path)?;
        let shown = path.strip_prefix(self.root).unwrap_or(path);
        let file = FileId::at(self.tree.files.len());
        self.tree.files.push(File {
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
                Some(self.add(place, home, module))
            }
            Err(mut unread) => {
                shown.clone_into(&mut unread.path);
                self.tree.unread.push(unread);
                None
            }
        }
    }

    fn add(&mut self, place: Place<'_>, home: Home<'_>, mut module: Module) -> ModuleId {
        let modules = &mut self.tree.modules;
        let id = ModuleId(modules.len());
        let path = match place.parent {
            Some(parent) => format!("{}::{}", modules[parent.0].path, place.name),
            None => place.name.to_owned(),
        };
        let inner = std::mem::take(&mut module.modules);
        modules.push(Node {
            path,
            krate: place.krate,
            file: home.file,
            parent: place.parent,
            children: HashMap::new(),
            test: place.test,
            sketch: module,
        });
        for mut item in inner {
            let name = std::mem::take(&mut item.name);
            let place = Place {
                test: place.test || item.test,
                parent: Some(id),
                name: &name,
                ..place
            };
            if let Some(child) = self.add_item(place, home, item) {
                self.tree.modules[id.0].children.insert(name, child);
            }
        }
        id
    }

    fn add_item(
        &mut self,
        place: Place<'_>,
        home: Home<'_>,
        mut item: ModuleItem,
    ) -> Option<ModuleId> {
        if let Some(module) = item.inline.take() {
            let dir = home.dir.join(item.path.as_deref().unwrap_or(place.name));
            let home = Home {
                beside: &dir,
                dir: &dir,
                ..home
            };
            return Some(self.add(place, home, module));
        }
        let files = candidates(place.name, item.path.as_deref(), home.beside, home.dir);
        let (file, dir) = files
            .into_iter()
            .find(|(file, _)| self.read.contains_key(file))?;
        self.add_file(place, &file, &dir)
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
