//! What code of libraries can be reached from one of them, read off their object files as a linker
//! would: a library's own callers are not there yet, so that no program tells what they will get.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::hash::{Hash, Hasher as _};

use camino::Utf8Path;
use object::read::archive::ArchiveFile;
use object::read::{
    File, Object as _, ObjectSection as _, ObjectSymbol as _, RelocationTarget, Symbol,
    SymbolSection,
};
use object::{SectionKind, SymbolKind};

use super::name::demangled;
use super::{LinkedError, Program, fold};

/// A symbol or a section, as a number: names would fill the memory.
type Node = u64;

/// The functions that code of the libraries `roots` leads to, in them and in `others`. A generic
/// function that nobody instantiated is not among them.
pub fn reachable(roots: &[&Utf8Path], others: &[&Utf8Path]) -> Result<Program, LinkedError> {
    let mut graph = Graph::default();
    for (path, is_root) in roots
        .iter()
        .map(|path| (path, true))
        .chain(others.iter().map(|path| (path, false)))
    {
        let bytes = fs::read(path).map_err(|source| LinkedError::Read {
            path: (*path).to_owned(),
            source,
        })?;
        let added = graph.archive(&bytes, is_root);
        added.map_err(|error| LinkedError::Malformed {
            path: (*path).to_owned(),
            reason: error.to_string(),
        })?;
    }
    Ok(graph.program())
}

#[derive(Default)]
struct Graph {
    edges: HashMap<Node, Vec<Node>>,
    starts: Vec<Node>,
    functions: Vec<Function>,
    objects: u64,
}

struct Function {
    section: Node,
    name: String,
    size: u64,
}

impl Graph {
    fn archive(&mut self, bytes: &[u8], is_root: bool) -> Result<(), object::Error> {
        let archive = ArchiveFile::parse(bytes)?;
        for member in archive.members() {
            let member = member?;
            // Metadata and the like are no object files.
            if let Ok(object) = File::parse(member.data(bytes)?) {
                self.object(&object, is_root);
            }
        }
        Ok(())
    }

    fn object(&mut self, object: &File<'_>, is_root: bool) {
        self.objects += 1;
        let this = self.objects;
        for section in object.sections() {
            let holds_code = matches!(
                section.kind(),
                SectionKind::Text
                    | SectionKind::Data
                    | SectionKind::ReadOnlyData
                    | SectionKind::ReadOnlyDataWithRel
                    | SectionKind::ReadOnlyString
                    | SectionKind::Tls
            );
            if !holds_code {
                continue;
            }
            let node = section_node(this, section.index().0);
            if is_root {
                self.starts.push(node);
            }
            for (_, relocation) in section.relocations() {
                let target = match relocation.target() {
                    RelocationTarget::Section(index) => Some(section_node(this, index.0)),
                    RelocationTarget::Symbol(index) => object
                        .symbol_by_index(index)
                        .ok()
                        .and_then(|symbol| symbol_node(this, &symbol)),
                    _ => None,
                };
                if let Some(target) = target {
                    self.edges.entry(node).or_default().push(target);
                }
            }
        }
        for symbol in object.symbols() {
            self.symbol(this, &symbol);
        }
    }

    fn symbol(&mut self, object: u64, symbol: &Symbol<'_, '_>) {
        let SymbolSection::Section(index) = symbol.section() else {
            return;
        };
        let section = section_node(object, index.0);
        if let Some(node) = symbol_node(object, symbol).filter(|node| *node != section) {
            self.edges.entry(node).or_default().push(section);
        }
        if symbol.kind() == SymbolKind::Text
            && let Ok(name) = symbol.name()
        {
            let demangled = demangled(name);
            if demangled.is_rust {
                self.functions.push(Function {
                    section,
                    name: demangled.text,
                    size: symbol.size().max(1),
                });
            }
        }
    }

    fn program(&self) -> Program {
        let mut seen: HashSet<Node> = self.starts.iter().copied().collect();
        let mut waiting = self.starts.clone();
        while let Some(node) = waiting.pop() {
            for next in self.edges.get(&node).into_iter().flatten() {
                if seen.insert(*next) {
                    waiting.push(*next);
                }
            }
        }
        let mut program = Program::default();
        for function in &self.functions {
            if seen.contains(&function.section) {
                program.add(fold(&function.name), function.size);
            }
        }
        program
    }
}

fn section_node(object: u64, section: usize) -> Node {
    hash(&(1_u8, object, section))
}

/// A symbol that other files see has the same number in all of them.
fn symbol_node(object: u64, symbol: &Symbol<'_, '_>) -> Option<Node> {
    if symbol.kind() == SymbolKind::Section {
        return match symbol.section() {
            SymbolSection::Section(index) => Some(section_node(object, index.0)),
            _ => None,
        };
    }
    let name = symbol.name_bytes().ok()?;
    Some(if symbol.is_local() {
        hash(&(2_u8, object, name))
    } else {
        hash(&(3_u8, 0_u64, name))
    })
}

fn hash(of: &impl Hash) -> Node {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}
