//! What the sources of a target say about its tests, its documentation tests and its exported
//! symbols. It follows the module tree by the text alone; where that is not sure to be all, a count
//! of zero becomes *unknown*: a suggestion to switch something off must never rest on a guess.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::regular_file;
use pitcrew_core::source::markdown;
use pitcrew_core::source::modules::SourceFile;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

mod attributes;
mod scan;

use scan::{Condition, FileScan, Unsure};

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
            files.push(file.file.path.clone());
        }
    });
    files
}

/// Visits each file once, level by level from the root of the crate, the files of a level read in
/// parallel.
fn walk(root: &Utf8Path, mut visit: impl FnMut(&Conditioned, FileScan)) {
    let mut seen = BTreeSet::from([root.to_owned()]);
    let root = SourceFile::root(root);
    let mut level = vec![Conditioned::new(root, Condition::Always)];
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
                if seen.insert(child.file.path.clone()) {
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

/// A file to read, and the builds that it is part of.
struct Conditioned {
    file: SourceFile,
    condition: Condition,
}

impl Conditioned {
    fn new(file: SourceFile, condition: Condition) -> Self {
        Self { file, condition }
    }

    /// Its facts and the files it pulls in.
    fn read(&self) -> (FileScan, Vec<Self>) {
        // Unreadable and not UTF-8 are the same here: unknown.
        let Ok(text) = regular_file::read_to_string(&self.file.path) else {
            let scan = FileScan {
                unsure: Unsure::ALL,
                ..FileScan::default()
            };
            return (scan, Vec::new());
        };
        let mut scan = scan::scan(&text);
        let mut files = Vec::new();
        for module in std::mem::take(&mut scan.modules) {
            let found = self.file.modules(&module.place);
            if found.is_empty() {
                scan.unsure = Unsure::ALL;
            }
            let found = found.into_iter();
            files.extend(found.map(|file| Self::new(file, module.condition)));
        }
        for include in &scan.includes {
            let file = SourceFile::root(&self.file.beside(include));
            files.push(Self::new(file, Condition::Always));
        }
        for include in std::mem::take(&mut scan.doc_includes) {
            match regular_file::read_to_string(self.file.beside(&include)) {
                Ok(text) => {
                    let blocks = markdown::compiled_blocks(&text).len();
                    scan.doctest_blocks += u32::try_from(blocks).unwrap_or(u32::MAX);
                }
                Err(_) => scan.unsure.docs = true,
            }
        }
        (scan, files)
    }
}

#[cfg(test)]
mod tests;
