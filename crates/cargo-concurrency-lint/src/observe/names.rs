//! What a path means: through items, imports, globs and re-exports of the workspace to one absolute
//! path. Of other crates nothing is read: a path that leads into one is taken as it stands.

use std::collections::BTreeMap;
use std::sync::Mutex;

use rustc_hash::FxHashMap;

use super::sketch::Import;
use super::tree::{ModuleId, Target, Tree};
use crate::ecosystem::Ecosystem;
use crate::facts::CrateId;

/// Follows re-exports no further: a circle of them is possible.
const DEPTH: u32 = 8;

/// Names that need no import.
const PRELUDE: [(&str, &str); 30] = [
    ("Vec", "std::vec::Vec"),
    ("String", "std::string::String"),
    ("Box", "std::boxed::Box"),
    ("Option", "std::option::Option"),
    ("Some", "std::option::Option::Some"),
    ("None", "std::option::Option::None"),
    ("Result", "std::result::Result"),
    ("Ok", "std::result::Result::Ok"),
    ("Err", "std::result::Result::Err"),
    ("drop", "std::mem::drop"),
    ("Iterator", "std::iter::Iterator"),
    ("IntoIterator", "std::iter::IntoIterator"),
    ("Extend", "std::iter::Extend"),
    ("Default", "std::default::Default"),
    ("Clone", "std::clone::Clone"),
    ("Copy", "std::marker::Copy"),
    ("Send", "std::marker::Send"),
    ("Sync", "std::marker::Sync"),
    ("Sized", "std::marker::Sized"),
    ("Unpin", "std::marker::Unpin"),
    ("Fn", "fn"),
    ("FnMut", "fn"),
    ("FnOnce", "fn"),
    ("Into", "std::convert::Into"),
    ("From", "std::convert::From"),
    ("AsRef", "std::convert::AsRef"),
    ("AsMut", "std::convert::AsMut"),
    ("ToString", "std::string::ToString"),
    ("ToOwned", "std::borrow::ToOwned"),
    ("Future", "std::future::Future"),
];

/// Types that are words of the language.
const PRIMITIVES: [&str; 18] = [
    "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64",
    "i128", "isize", "f32", "f64", "Self",
];

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Meaning {
    Module(ModuleId),
    /// An absolute path, of the workspace or of another crate.
    Item(String),
}

/// The names of all modules.
pub struct Names<'a> {
    tree: &'a Tree,
    ecosystem: &'a Ecosystem,
    renamed: Vec<&'a BTreeMap<String, String>>,
    /// The workspace's libraries.
    libraries: FxHashMap<&'a str, ModuleId>,
    roots: BTreeMap<CrateId, ModuleId>,
    items: Vec<FxHashMap<&'a str, ()>>,
    imports: Vec<FxHashMap<&'a str, &'a Import>>,
    globs: Vec<Vec<&'a Import>>,
    prelude: FxHashMap<&'static str, &'static str>,
    /// What the first name of a path was found to mean, by module.
    found: Vec<Mutex<FxHashMap<String, Option<Meaning>>>>,
}

impl<'a> Names<'a> {
    pub fn new(tree: &'a Tree, targets: &'a [Target], ecosystem: &'a Ecosystem) -> Self {
        let mut names = Self {
            tree,
            ecosystem,
            renamed: targets.iter().map(|target| &target.renamed).collect(),
            libraries: FxHashMap::default(),
            roots: BTreeMap::new(),
            items: Vec::new(),
            imports: Vec::new(),
            globs: Vec::new(),
            prelude: PRELUDE.into_iter().collect(),
            found: tree.modules.iter().map(|_| Mutex::default()).collect(),
        };
        for (index, node) in tree.modules.iter().enumerate() {
            if node.parent.is_none() {
                names.roots.insert(node.krate, ModuleId(index));
                if targets[node.krate.index()].krate.kind.is_library() {
                    names.libraries.insert(&node.path, ModuleId(index));
                }
            }
            let sketch = &node.sketch;
            let functions = sketch.functions.iter().map(|it| it.name.as_str());
            let types = sketch.types.iter().map(|it| it.name.as_str());
            let aliases = sketch.aliases.iter().map(|it| it.name.as_str());
            let constants = sketch.constants.iter().map(|it| it.name.as_str());
            let traits = sketch.traits.iter().map(|it| it.name.as_str());
            let items = functions
                .chain(types)
                .chain(aliases)
                .chain(constants)
                .chain(traits);
            names.items.push(items.map(|name| (name, ())).collect());
            let (globs, named) = sketch
                .uses
                .iter()
                .partition::<Vec<_>, _>(|import| import.is_glob());
            names.imports.push(
                named
                    .into_iter()
                    .map(|import| (import.name.as_str(), import))
                    .collect(),
            );
            names.globs.push(globs);
        }
        names
    }

    /// The absolute path that `segments` mean in `module`, where `local` are the imports of the blocks
    /// around, outermost first.
    pub fn resolve(
        &self,
        module: ModuleId,
        local: &[&Import],
        segments: &[&str],
    ) -> Option<String> {
        let (first, rest) = segments.split_first()?;
        let local = local.iter().rev().filter(|_| !is_anchor(first));
        let imported = local.filter_map(|import| self.through_import(module, import, first, DEPTH));
        let meaning = imported.into_iter().next();
        let meaning = match meaning {
            Some(found) => self.walk(found, rest, DEPTH),
            None => self.meaning(module, segments, DEPTH),
        };
        match meaning? {
            Meaning::Module(id) => Some(self.tree.modules[id.0].path.clone()),
            Meaning::Item(path) => Some(self.ecosystem.canonical(&path).into_owned()),
        }
    }

    /// The extension traits that are in scope: all imported paths that end in a name with a capital.
    pub fn imported_traits(&self, module: ModuleId, local: &[&Import]) -> Vec<String> {
        let sketch = &self.tree.modules[module.0].sketch;
        let mut found = Vec::new();
        for import in sketch.uses.iter().chain(local.iter().copied()) {
            self.add_traits(module, import, &mut found, 2);
        }
        found
    }

    fn add_traits(&self, module: ModuleId, import: &Import, found: &mut Vec<String>, depth: u32) {
        let segments: Vec<&str> = import.path.iter().map(String::as_str).collect();
        let Some(meaning) = self.meaning(module, &segments, DEPTH) else {
            return;
        };
        match meaning {
            Meaning::Item(path) if import.is_glob() => {
                let path = self.ecosystem.canonical(&path);
                found.extend(self.ecosystem.prelude(&path).iter().cloned());
                found.extend(self.ecosystem.traits_below(&path).map(ToOwned::to_owned));
            }
            Meaning::Item(path) => found.push(self.ecosystem.canonical(&path).into_owned()),
            // `use super::*` brings what is imported there.
            Meaning::Module(id) if import.is_glob() && depth > 0 && id != module => {
                for import in &self.tree.modules[id.0].sketch.uses {
                    self.add_traits(id, import, found, depth - 1);
                }
            }
            Meaning::Module(_) => {}
        }
    }

    fn meaning(&self, module: ModuleId, segments: &[&str], depth: u32) -> Option<Meaning> {
        self.start(module, segments, segments.len() > 1, depth)
    }

    /// What a path means. Its first name may be a crate's where something follows, or in an import.
    fn start(
        &self,
        module: ModuleId,
        segments: &[&str],
        crates: bool,
        depth: u32,
    ) -> Option<Meaning> {
        let (first, rest) = segments.split_first()?;
        let node = &self.tree.modules[module.0];
        let start = match *first {
            "crate" | "$crate" => Meaning::Module(*self.roots.get(&node.krate)?),
            "self" => Meaning::Module(module),
            "super" => Meaning::Module(node.parent?),
            name => match self.known(module, name, depth) {
                Some(found) => found,
                None => self.outer(node.krate, name, crates)?,
            },
        };
        self.walk(start, rest, depth)
    }

    fn walk(&self, start: Meaning, rest: &[&str], depth: u32) -> Option<Meaning> {
        let mut at = start;
        for name in rest {
            at = match at {
                Meaning::Module(id) if *name == "super" => {
                    Meaning::Module(self.tree.modules[id.0].parent?)
                }
                Meaning::Module(id) => self.in_module(id, name, depth).unwrap_or_else(|| {
                    // Of a macro, or of a file that was not read.
                    Meaning::Item(format!("{}::{name}", self.tree.modules[id.0].path))
                }),
                Meaning::Item(path) => Meaning::Item(format!("{path}::{name}")),
            };
        }
        Some(at)
    }

    /// [`in_module`](Self::in_module), remembered.
    fn known(&self, module: ModuleId, name: &str, depth: u32) -> Option<Meaning> {
        // What is asked on the way to something else may have been cut short.
        if depth < DEPTH {
            return self.in_module(module, name, depth);
        }
        let found = &self.found[module.0];
        if let Some(known) = found.lock().ok().and_then(|found| found.get(name).cloned()) {
            return known;
        }
        let meant = self.in_module(module, name, depth);
        if let Ok(mut found) = found.lock() {
            found.insert(name.to_owned(), meant.clone());
        }
        meant
    }

    /// What a name means within a module.
    fn in_module(&self, module: ModuleId, name: &str, depth: u32) -> Option<Meaning> {
        let node = &self.tree.modules[module.0];
        if let Some(child) = node.children.get(name) {
            return Some(Meaning::Module(*child));
        }
        if self.items[module.0].contains_key(name) {
            return Some(Meaning::Item(format!("{}::{name}", node.path)));
        }
        if let Some(import) = self.imports[module.0].get(name) {
            return self.through_import(module, import, name, depth);
        }
        let mut globs = self.globs[module.0].iter();
        globs.find_map(|import| self.through_import(module, import, name, depth))
    }

    fn through_import(
        &self,
        module: ModuleId,
        import: &Import,
        name: &str,
        depth: u32,
    ) -> Option<Meaning> {
        let depth = depth.checked_sub(1)?;
        let path: Vec<&str> = import.path.iter().map(String::as_str).collect();
        if !import.is_glob() {
            if import.name != name {
                return None;
            }
            // `use a::a;` and `use x;` name themselves.
            let own = path.first() == Some(&name) && path.len() == 1;
            if own || path.first() == Some(&name) {
                let krate = self.tree.modules[module.0].krate;
                let child = self.tree.modules[module.0].children.get(name);
                let start = match child {
                    Some(child) => Meaning::Module(*child),
                    None => self.outer(krate, name, true)?,
                };
                return self.walk(start, &path[1..], depth);
            }
            return self.start(module, &path, true, depth);
        }
        match self.start(module, &path, true, depth)? {
            Meaning::Module(id) if id == module => None,
            Meaning::Module(id) => self.in_module(id, name, depth),
            Meaning::Item(path) => {
                let path = self.ecosystem.canonical(&path);
                let mut held = self.ecosystem.prelude(&path).iter();
                let held = held.find(|held| held.rsplit("::").next() == Some(name));
                let below = format!("{path}::{name}");
                match held {
                    Some(held) => Some(Meaning::Item(held.clone())),
                    None => self.ecosystem.knows(&below).then_some(Meaning::Item(below)),
                }
            }
        }
    }

    /// What a name means that no module defines: another crate, or what the prelude brings.
    fn outer(&self, krate: CrateId, name: &str, leads_on: bool) -> Option<Meaning> {
        if let Some(own) = self
            .renamed
            .get(krate.index())
            .and_then(|all| all.get(name))
        {
            return Some(match self.libraries.get(own.as_str()) {
                Some(root) => Meaning::Module(*root),
                None => Meaning::Item(own.clone()),
            });
        }
        if let Some(path) = self.prelude.get(name) {
            return Some(Meaning::Item((*path).to_owned()));
        }
        if PRIMITIVES.contains(&name) {
            return Some(Meaning::Item(name.to_owned()));
        }
        if let Some(root) = self.libraries.get(name).filter(|_| leads_on) {
            return Some(Meaning::Module(*root));
        }
        // A crate under its own name: of cargo, or std.
        let krate = leads_on && name.starts_with(|c: char| c.is_lowercase() || c == '_');
        krate.then(|| Meaning::Item(name.to_owned()))
    }
}

fn is_anchor(name: &str) -> bool {
    ["crate", "self", "super", "$crate"].contains(&name)
}

#[cfg(test)]
mod tests;
