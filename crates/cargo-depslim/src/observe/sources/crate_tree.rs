//! One target's modules as a tree, to know what a glob import brings and what stands between a
//! mention and its being compiled.

use std::collections::{HashMap, HashSet};

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::source::modules::SourceFile;

use super::Files;
use super::gate::Gate;
use super::names::NameId;
use super::scan::{LocalModule, Mention, MentionKind};

/// The modules of a crate, its root first.
pub struct Tree<'a> {
    files: &'a Files,
    nodes: Vec<Node<'a>>,
    by_name: HashMap<(usize, &'a str), usize>,
    edition_2015: bool,
    /// The files in it, with what gates each.
    visited: HashSet<(&'a Utf8Path, Gate)>,
    doctests: u32,
    documented: Vec<(&'a Mention, Gate, &'a Utf8Path)>,
}

struct Node<'a> {
    module: &'a LocalModule,
    path: &'a Utf8Path,
    parent: usize,
    /// Of the file that it stands in; the mentions know what gates them within the file.
    gate: Gate,
    /// It is the text of another file in the middle of its parent.
    included: bool,
}

impl<'a> Tree<'a> {
    pub fn new(root: &Utf8Path, files: &'a Files, edition_2015: bool) -> Self {
        let mut tree = Self {
            files,
            nodes: Vec::new(),
            by_name: HashMap::new(),
            edition_2015,
            visited: HashSet::new(),
            doctests: 0,
            documented: Vec::new(),
        };
        tree.add(&SourceFile::root(root), Gate::default(), None, 0);
        tree
    }

    /// Adds a file and what it pulls in. `within` is the node that pulls it in, with the name of the
    /// module, or none where its text is included.
    fn add(
        &mut self,
        file: &SourceFile,
        gate: Gate,
        within: Option<(usize, Option<&'a str>)>,
        depth: u32,
    ) {
        /// A module tree that goes deeper is a circle.
        const DEEPEST: u32 = 100;
        let files = self.files;
        let Some((path, scan)) = files.scans.get_key_value(&file.path) else {
            return;
        };
        if depth > DEEPEST || !self.visited.insert((path, gate)) {
            return;
        }
        let first = self.nodes.len();
        for (index, module) in scan.locals.iter().enumerate() {
            let (parent, name) = match (index, within) {
                (0, Some((parent, name))) => (parent, name),
                (0, None) => (first, None),
                _ => (first + module.parent, Some(module.name.as_str())),
            };
            let included = index == 0 && within.is_some() && name.is_none();
            self.nodes.push(Node {
                module,
                path,
                parent,
                gate,
                included,
            });
            if let Some(name) = name {
                self.by_name.entry((parent, name)).or_insert(first + index);
            }
        }
        self.doctests += scan.doctests;
        for document in files.documents.get(path).into_iter().flatten() {
            self.doctests += document.doctests;
            let mentions = document.locals.iter().flat_map(|local| &local.mentions);
            self.documented
                .extend(mentions.map(|mention| (mention, gate, path.as_path())));
        }
        for child in files.children.get(file).into_iter().flatten() {
            let gate = gate.and(child.gate);
            let within = (first + child.local, child.name.as_deref());
            self.add(&child.file, gate, Some(within), depth + 1);
        }
    }

    /// Code blocks that rustdoc would compile.
    pub fn doctests(&self) -> u32 {
        self.doctests
    }

    /// How many tests stand in it, and whether there may be others.
    pub fn tests(&self) -> (u32, bool) {
        let paths: HashSet<&Utf8Path> = self.visited.iter().map(|(path, _)| *path).collect();
        let scans = paths.iter().filter_map(|path| self.files.scans.get(*path));
        scans.fold((0, false), |(sure, may), scan| {
            let hidden = scan.unreadable || scan.generated;
            (sure + scan.tests, may || scan.may_test || hidden)
        })
    }

    /// Every mention that nothing of the crate's own shadows, with its gate and its file.
    pub fn mentions(&self) -> impl Iterator<Item = (Mention, Gate, &'a Utf8PathBuf)> {
        let documented = self.documented.iter().filter_map(|(mention, gate, path)| {
            let mention = Mention {
                kind: MentionKind::Doctest,
                ..**mention
            };
            let (path, _) = self.files.scans.get_key_value(*path)?;
            Some((mention, gate.and(mention.gate), path))
        });
        let in_code = (0..self.nodes.len()).flat_map(move |index| {
            let node = &self.nodes[index];
            let mentions = node.module.mentions.iter();
            mentions
                .filter(move |mention| !self.is_shadowed(index, mention))
                .filter_map(move |mention| {
                    let (path, _) = self.files.scans.get_key_value(node.path)?;
                    Some((*mention, node.gate.and(mention.gate), path))
                })
        });
        in_code.chain(documented)
    }

    fn is_shadowed(&self, node: usize, mention: &Mention) -> bool {
        let name = mention.name;
        match mention.kind {
            MentionKind::Absolute | MentionKind::Doctest | MentionKind::Bytes => false,
            MentionKind::Import if self.edition_2015 => {
                let root = self.nodes.first();
                root.is_some_and(|root| root.module.declared.contains(&name))
            }
            _ => self.brings(node, name, &mut HashSet::new()),
        }
    }

    /// Whether the glob imports of a module, or the module that its text stands in, give the name a
    /// meaning.
    fn brings(&self, node: usize, name: NameId, seen: &mut HashSet<usize>) -> bool {
        if !seen.insert(node) {
            return false;
        }
        let Some(here) = self.nodes.get(node) else {
            return false;
        };
        if here.included && self.declares(here.parent, name, seen) {
            return true;
        }
        let mut globs = here.module.globs.iter();
        globs.any(|path| {
            self.resolve(node, path)
                .is_some_and(|target| self.declares(target, name, seen))
        })
    }

    fn declares(&self, node: usize, name: NameId, seen: &mut HashSet<usize>) -> bool {
        let Some(here) = self.nodes.get(node) else {
            return false;
        };
        here.module.declared.contains(&name) || self.brings(node, name, seen)
    }

    /// The module of this crate that a path means.
    fn resolve(&self, from: usize, path: &[String]) -> Option<usize> {
        let (first, rest) = path.split_first()?;
        let mut at = match first.as_str() {
            "crate" => 0,
            "self" => from,
            "super" => self.nodes.get(from)?.parent,
            name if self.edition_2015 => *self.by_name.get(&(0, name))?,
            name => *self.by_name.get(&(from, name))?,
        };
        for name in rest {
            at = match name.as_str() {
                "super" => self.nodes.get(at)?.parent,
                name => *self.by_name.get(&(at, name))?,
            };
        }
        Some(at)
    }
}
