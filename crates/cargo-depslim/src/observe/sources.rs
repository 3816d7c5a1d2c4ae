//! Where a package's sources use its dependencies: each target's module tree is followed from its
//! root, each file is read once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::regular_file;
use pitcrew_core::source::modules::SourceFile;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::facts::{Condition, How, Place, SourceFacts, Target, TargetKind, Use};

mod crate_tree;
pub mod expansion;
mod gate;
pub mod loose;
mod names;
mod scan;
mod text;
mod tokens;
mod unlinked;

use crate_tree::Tree;
use gate::{FeatureBits, Gate};
use scan::{FileScan, MentionKind, Scope};

pub use names::{NameId, Names};

/// What is read.
#[derive(Debug, Clone, Copy)]
pub struct Package<'a> {
    /// The workspace's folder.
    pub root: &'a Utf8Path,
    /// The package's folder.
    pub folder: &'a Utf8Path,
    pub edition: &'a str,
    pub targets: &'a [Target],
    /// The names of its dependencies in code.
    pub names: &'a Names,
    pub features: &'a [String],
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    pub uses: Vec<(NameId, Use)>,
    pub facts: SourceFacts,
    pub named_features: BTreeSet<String>,
    /// Its sources read a `DEP_*` variable or tell the linker what to link.
    pub links: bool,
    /// It includes sources that a build script writes.
    pub generated: bool,
    /// Every file that was read.
    pub files: BTreeSet<Utf8PathBuf>,
}

/// Reads the sources of all targets.
pub fn observe(package: &Package<'_>) -> Found {
    let features = FeatureBits::new(package.features.iter().cloned());
    let files = Files::read(package, &features);
    let mut found = Found {
        files: files.scans.keys().cloned().collect(),
        ..Found::default()
    };
    let mut uses: BTreeMap<(NameId, Place, How, Condition), (Utf8PathBuf, u32)> = BTreeMap::new();
    for target in package.targets {
        let root = package.root.join(&target.src_path);
        let tree = Tree::new(&root, &files, package.edition == "2015");
        for (mention, gate, path) in tree.mentions() {
            let Some(place) = place(target, mention.kind, gate) else {
                continue;
            };
            let how = match mention.kind {
                MentionKind::Text => How::Text,
                MentionKind::Bytes => How::Bytes,
                _ => How::Path,
            };
            let condition = if gate.is_conditional() {
                Condition::Sometimes
            } else {
                Condition::Always
            };
            uses.entry((mention.name, place, how, condition))
                .or_insert_with(|| (path.to_owned(), mention.line));
        }
        if target.kind == TargetKind::Library {
            let blocks = tree.doctests();
            found.facts.doctests += if target.doctest { blocks } else { 0 };
            found.facts.code_blocks += blocks;
            (found.facts.tests, found.facts.may_test) = tree.tests();
        }
    }
    found.uses = uses
        .into_iter()
        .map(|((name, place, how, condition), (path, line))| {
            let path = relative(&path, package.root);
            let found = Use {
                place,
                how,
                condition,
                path,
                line,
            };
            (name, found)
        })
        .collect();
    files.summarise(package, &features, &mut found);
    found.facts.empty = files.empty(package);
    found.facts.unlinked = unlinked::observe(package, &found);
    found
}

/// Where a mention in a target counts; none where nothing compiles it.
fn place(target: &Target, kind: MentionKind, gate: Gate) -> Option<Place> {
    let is_library = target.kind == TargetKind::Library;
    match kind {
        MentionKind::Doctest => return (is_library && target.doctest).then_some(Place::Doctest),
        MentionKind::DocLink => return is_library.then_some(Place::DocLink),
        // What a build script writes is compiled with the library.
        MentionKind::Text if target.kind == TargetKind::BuildScript => {
            return Some(Place::Library);
        }
        _ => {}
    }
    Some(match target.kind {
        TargetKind::Library | TargetKind::Binary if gate.test => Place::UnitTest,
        TargetKind::Library => Place::Library,
        TargetKind::Binary => Place::Binary,
        TargetKind::Example => Place::Example,
        TargetKind::Test => Place::Test,
        TargetKind::Bench => Place::Bench,
        TargetKind::BuildScript => Place::BuildScript,
    })
}

/// `path` relative to `root`, with `/` on every platform; as it is where it lies outside.
pub fn relative(path: &Utf8Path, root: &Utf8Path) -> Utf8PathBuf {
    match path.strip_prefix(root) {
        Ok(inside) => {
            let parts: Vec<&str> = inside.components().map(|part| part.as_str()).collect();
            parts.join("/").into()
        }
        Err(_) => path.to_owned(),
    }
}

/// The files of a package, each read once.
#[derive(Debug, Default)]
struct Files {
    scans: HashMap<Utf8PathBuf, FileScan>,
    children: HashMap<SourceFile, Vec<Child>>,
    /// The documents that files name as documentation, read, by the file that names them.
    documents: HashMap<Utf8PathBuf, Vec<FileScan>>,
    unreadable: BTreeSet<Utf8PathBuf>,
}

/// A file that another pulls in.
#[derive(Debug, Clone)]
struct Child {
    file: SourceFile,
    /// The module of the parent that pulls it in.
    local: usize,
    gate: Gate,
    /// The module's name; none for `include!`.
    name: Option<String>,
}

impl Files {
    /// Level by level from the roots of the targets on, the files of a level in parallel.
    fn read(package: &Package<'_>, features: &FeatureBits) -> Self {
        let scope = |all_strings| Scope {
            names: package.names,
            features,
            edition_2015: package.edition == "2015",
            all_strings,
        };
        let roots = package.targets.iter().map(|target| {
            let root = package.root.join(&target.src_path);
            (
                SourceFile::root(&root),
                target.kind == TargetKind::BuildScript,
            )
        });
        let mut level: Vec<(SourceFile, bool)> = roots.collect();
        let mut files = Self::default();
        while !level.is_empty() {
            level.sort();
            level.dedup_by(|a, b| a.0 == b.0);
            let read: Vec<Read> = level
                .into_par_iter()
                .filter(|(file, _)| !files.children.contains_key(file))
                .map(|(file, strings)| Read::new(file, package.folder, scope(strings)))
                .collect();
            level = Vec::new();
            for read in read {
                let strings = read.all_strings;
                let below = read.children.iter();
                level.extend(below.map(|child| (child.file.clone(), strings)));
                files.add(read);
            }
        }
        files
    }

    fn add(&mut self, read: Read) {
        let path = read.file.path.clone();
        if read.scan.unreadable {
            self.unreadable.insert(path.clone());
        }
        if !read.documents.is_empty() {
            self.documents.insert(path.clone(), read.documents);
        }
        self.scans.insert(path, read.scan);
        self.children.insert(read.file, read.children);
    }

    /// Files that are there for nothing. The root of a library may well be empty.
    fn empty(&self, package: &Package<'_>) -> Vec<Utf8PathBuf> {
        let libraries = package
            .targets
            .iter()
            .filter(|target| matches!(target.kind, TargetKind::Library | TargetKind::BuildScript));
        let roots: BTreeSet<Utf8PathBuf> = libraries
            .map(|target| package.root.join(&target.src_path))
            .collect();
        let scans = self.scans.iter().filter(|(path, scan)| {
            scan.empty && !roots.contains(*path) && path.starts_with(package.folder)
        });
        let mut paths: Vec<Utf8PathBuf> = scans
            .map(|(path, _)| relative(path, package.root))
            .collect();
        paths.sort();
        paths
    }

    fn summarise(&self, package: &Package<'_>, features: &FeatureBits, found: &mut Found) {
        let mut opaque = 0;
        for scan in self.scans.values() {
            found
                .named_features
                .extend(scan.named_features.iter().cloned());
            opaque |= scan.opaque;
            found.links |= scan.links;
            found.generated |= scan.generated;
        }
        found.facts.opaque_features = features.names_of(opaque).map(str::to_owned).collect();
        let unreadable = self.unreadable.iter();
        found.facts.unreadable = unreadable
            .map(|path| relative(path, package.root))
            .collect();
    }
}

/// A file, read.
struct Read {
    file: SourceFile,
    scan: FileScan,
    children: Vec<Child>,
    documents: Vec<FileScan>,
    all_strings: bool,
}

impl Read {
    fn new(file: SourceFile, package_folder: &Utf8Path, scope: Scope<'_>) -> Self {
        let bytes = regular_file::read(&file.path);
        let mut scan = match bytes.as_deref().map(std::str::from_utf8) {
            Ok(Ok(text)) => scan::scan(text, scope),
            _ => scan::unreadable(&bytes.unwrap_or_default(), scope.names),
        };
        let mut children = Vec::new();
        for module in &scan.modules {
            for found in file.modules(&module.place) {
                children.push(Child {
                    file: found,
                    local: module.local,
                    gate: module.gate,
                    name: Some(module.place.name.clone()),
                });
            }
        }
        for include in &scan.includes {
            let path = if include.from_package {
                package_folder.join(&include.path)
            } else {
                file.beside(&include.path)
            };
            if path.is_file() {
                children.push(Child {
                    file: SourceFile::root(&path),
                    local: include.local,
                    gate: include.gate,
                    name: None,
                });
            }
        }
        let documents = std::mem::take(&mut scan.documents);
        let texts = documents.iter().filter_map(|path| {
            let bytes = regular_file::read(file.beside(path)).ok()?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        });
        let documents = texts.map(|text| scan::document(&text, scope)).collect();
        Self {
            file,
            scan,
            children,
            documents,
            all_strings: scope.all_strings,
        }
    }
}

#[cfg(test)]
mod tests;
