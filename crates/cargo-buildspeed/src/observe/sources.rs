//! What the sources of a target say about its tests, its documentation tests and its exported
//! symbols. It follows the module tree by the text alone; where that is not sure to be all, a count
//! of zero becomes *unknown*: a suggestion to switch something off must never rest on a guess.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

mod attributes;
mod documentation;
mod lexer;
mod markdown;
mod scan;

use scan::{Condition, FileScan, ModuleRef, Unsure};

pub use lexer::start as code_start;

/// The facts of one target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceFacts {
    pub doctest_blocks: Option<u32>,
    pub test_functions: Option<u32>,
    /// Also true where it is not sure.
    pub exports_symbols: bool,
}

/// Item macros that neither make tests nor documentation with code nor exported symbols.
const HARMLESS: [&str; 20] = [
    "assert_eq_size",
    "assert_impl_all",
    "assert_not_impl_any",
    "assert_obj_safe",
    "assert_type_eq_all",
    "bitflags",
    "cfg_if",
    "compile_error",
    "const_assert",
    "const_assert_eq",
    "const_assert_ne",
    "criterion_group",
    "criterion_main",
    "global_asm",
    "lazy_static",
    "pin_project",
    "static_assert",
    "task_local",
    "thread_local",
    "wasm_bindgen_test_configure",
];

/// Reads the sources of the target whose root file is `root`.
pub fn observe(root: &Utf8Path) -> SourceFacts {
    let mut facts = FileScan::default();
    walk(root, |file, scan| {
        let scan = match file.condition.max(scan.condition) {
            Condition::Test => for_tests_only(scan),
            Condition::Always | Condition::Cfg => scan,
        };
        add(&mut facts, scan);
    });
    let is_unknown =
        |name: &String| !HARMLESS.contains(&name.as_str()) && !facts.defined_macros.contains(name);
    if facts.item_macros.iter().any(is_unknown) {
        facts.unsure = Unsure::ALL;
    }
    facts.unsure.tests |= facts.test_item_macros.iter().any(is_unknown);
    let count = |found: u32, unsure: bool| (found > 0 || !unsure).then_some(found);
    SourceFacts {
        doctest_blocks: count(facts.doctest_blocks, facts.unsure.docs),
        test_functions: count(facts.tests, facts.unsure.tests),
        exports_symbols: facts.exports || facts.unsure.exports,
    }
}

/// The files of the target whose root file is `root` that are compiled on every platform and with
/// any features.
pub fn unconditional_files(root: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut files = Vec::new();
    walk(root, |file, scan| {
        if file.condition.max(scan.condition) == Condition::Always {
            files.push(file.path.clone());
        }
    });
    files
}

/// Visits each file once, level by level from the root of the crate, the files of a level read in
/// parallel.
fn walk(root: &Utf8Path, mut visit: impl FnMut(&SourceFile, FileScan)) {
    let mut seen = BTreeSet::from([root.to_owned()]);
    let mut level = vec![SourceFile::root(root)];
    while !level.is_empty() {
        let read: Vec<_> = level
            .into_par_iter()
            .map(|file| {
                let (scan, children) = file.read();
                (file, scan, children)
            })
            .collect();
        level = Vec::new();
        for (file, scan, children) in read {
            let condition = file.condition.max(scan.condition);
            visit(&file, scan);
            for mut child in children {
                child.condition = child.condition.max(condition);
                if seen.insert(child.path.clone()) {
                    level.push(child);
                }
            }
        }
    }
}

/// What is left of a file that only a test build compiles.
fn for_tests_only(mut scan: FileScan) -> FileScan {
    scan.test_item_macros.append(&mut scan.item_macros);
    scan.doctest_blocks = 0;
    scan.exports = false;
    scan.unsure.docs = false;
    scan.unsure.exports = false;
    scan
}

fn add(facts: &mut FileScan, scan: FileScan) {
    facts.doctest_blocks += scan.doctest_blocks;
    facts.tests += scan.tests;
    facts.exports |= scan.exports;
    facts.unsure = facts.unsure.or(scan.unsure);
    facts.item_macros.extend(scan.item_macros);
    facts.test_item_macros.extend(scan.test_item_macros);
    facts.defined_macros.extend(scan.defined_macros);
}

/// A file to read.
struct SourceFile {
    path: Utf8PathBuf,
    /// Where the files of its modules are.
    modules_dir: Utf8PathBuf,
    condition: Condition,
}

impl SourceFile {
    /// A file whose modules are beside it: a crate root, a `mod.rs`, a file named by `#[path]`.
    fn root(path: &Utf8Path) -> Self {
        Self {
            path: path.to_owned(),
            modules_dir: dir(path).to_owned(),
            condition: Condition::Always,
        }
    }

    /// Its facts and the files it pulls in.
    fn read(&self) -> (FileScan, Vec<Self>) {
        // Unreadable and not UTF-8 are the same here: unknown.
        let Ok(text) = std::fs::read_to_string(&self.path) else {
            let scan = FileScan {
                unsure: Unsure::ALL,
                ..FileScan::default()
            };
            return (scan, Vec::new());
        };
        let mut scan = scan::scan(&text);
        let mut files = Vec::new();
        for module in std::mem::take(&mut scan.modules) {
            let mut found = self.module_files(&module);
            for file in &mut found {
                file.condition = module.condition;
            }
            if found.is_empty() {
                scan.unsure = Unsure::ALL;
            }
            files.extend(found);
        }
        for include in &scan.includes {
            files.push(Self::root(&dir(&self.path).join(include)));
        }
        for include in std::mem::take(&mut scan.doc_includes) {
            match std::fs::read_to_string(dir(&self.path).join(include)) {
                Ok(text) => scan.doctest_blocks += markdown::compiled_blocks(&text),
                Err(_) => scan.unsure.docs = true,
            }
        }
        (scan, files)
    }

    /// The files that `mod x;` may mean; more than one where `cfg_attr` chooses its path.
    fn module_files(&self, module: &ModuleRef) -> Vec<Self> {
        let inside = module
            .inside
            .iter()
            .fold(self.modules_dir.clone(), |dir, name| dir.join(name));
        let mut found: Vec<Self> = module
            .paths
            .iter()
            .map(|path| {
                // A path is relative to the file, but to the module's directory in an inline one.
                let base = if module.inside.is_empty() {
                    dir(&self.path)
                } else {
                    &inside
                };
                Self::root(&base.join(path))
            })
            .filter(|file| file.path.is_file())
            .collect();
        let named = inside.join(format!("{}.rs", module.name));
        let nested = inside.join(&module.name).join("mod.rs");
        if named.is_file() {
            found.push(Self {
                path: named,
                modules_dir: inside.join(&module.name),
                condition: Condition::Always,
            });
        } else if nested.is_file() {
            found.push(Self::root(&nested));
        }
        found
    }
}

fn dir(file: &Utf8Path) -> &Utf8Path {
    file.parent().unwrap_or(Utf8Path::new(""))
}

#[cfg(test)]
mod tests;
