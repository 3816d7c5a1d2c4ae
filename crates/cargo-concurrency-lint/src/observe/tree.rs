//! Puts the modules of the files that were read together to one tree.

use std::collections::{BTreeMap, HashMap};

use camino::{Utf8Path, Utf8PathBuf};

use super::files::{Source, Sources, candidates, folder};
use super::sketch::{Module, ModuleItem};
use crate::facts::{Crate, CrateId, CrateKind, File, FileId, Unread};

/// A target to read.
#[derive(Debug, Clone)]
pub struct Target {
    pub krate: Crate,
    /// Its first file, absolute.
    pub root: Utf8PathBuf,
    /// The crates that its paths call by another name, by that name, with their own.
    pub renamed: BTreeMap<String, String>,
}

impl Target {
    /// Whether reading the other one gives the same, but for what its crate depends on.
    pub fn is_read_like(&self, other: &Self) -> bool {
        let named = |target: &Self| {
            let krate = &target.krate;
            (krate.name.clone(), krate.package.clone(), krate.kind)
        };
        named(self) == named(other) && self.root == other.root && self.renamed == other.renamed
    }
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

impl Tree {
    /// The modules of `targets`, out of files that were read. Paths in the result are relative to `root`
    /// where they lie below it.
    pub fn of(targets: &[Target], root: &Utf8Path, sources: Sources) -> Self {
        let mut assembly = Assembly {
            tree: Self::default(),
            read: sources.into_files(),
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
            renamed: BTreeMap::new(),
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
        let targets = [target(&root.join("src/lib.rs"), CrateKind::Lib)];
        let sources = Sources::new(false);
        sources.read(targets.iter().map(|target| target.root.as_path()));
        let tree = Tree::of(&targets, root, sources);
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
