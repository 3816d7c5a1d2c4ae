//! The crates of a dependency graph, each read when it is first asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::OnceLock;

use camino::Utf8PathBuf;

use super::macros::{Definition, Macros};
use super::model::{Meaning, Model};
use super::script::{self, Script};
use super::walk;

/// Where a crate's sources are, and how it calls others.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// The root of its library; none where it has none.
    pub root: Option<Utf8PathBuf>,
    pub build_script: Option<Utf8PathBuf>,
    /// The name that paths begin with.
    pub krate: String,
    /// The crates it can name, by the name it has for them.
    pub externs: BTreeMap<String, usize>,
}

/// All crates that may be asked about.
#[derive(Debug, Default)]
pub struct Library {
    crates: Vec<Crate>,
}

#[derive(Debug, Default)]
struct Crate {
    source: Source,
    model: OnceLock<(Model, Index)>,
    exported: OnceLock<Exported>,
    script: OnceLock<Script>,
}

/// Macros hold tokens, which stay on their thread; what is kept is their text.
#[derive(Debug, Default)]
struct Exported {
    /// Names of macros that take conditions among their arguments.
    names: Vec<String>,
}

/// Where things of a name stand in a model.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Members by the name of their type or trait.
    pub members: BTreeMap<String, Vec<usize>>,
    /// All names, by name, wherever they stand.
    pub names: BTreeMap<String, Vec<usize>>,
    pub features: BTreeSet<String>,
}

impl Library {
    pub fn new(sources: Vec<Source>) -> Self {
        let crates = sources.into_iter().map(|source| Crate {
            source,
            ..Crate::default()
        });
        Self {
            crates: crates.collect(),
        }
    }

    pub fn source(&self, krate: usize) -> &Source {
        &self.crates[krate].source
    }

    pub fn len(&self) -> usize {
        self.crates.len()
    }

    pub fn is_empty(&self) -> bool {
        self.crates.is_empty()
    }

    /// What the sources of a crate say.
    pub fn model(&self, krate: usize) -> &Model {
        &self.read(krate).0
    }

    pub(super) fn index(&self, krate: usize) -> &Index {
        &self.read(krate).1
    }

    /// The names of a crate that are so called, wherever they stand; modules are not among them.
    pub fn named(&self, krate: usize, name: &str) -> &[usize] {
        let names = &self.index(krate).names;
        names.get(name).map_or(&[], Vec::as_slice)
    }

    /// The features that some condition of a crate names that holds in ordinary builds.
    pub fn named_features(&self, krate: usize) -> &BTreeSet<String> {
        &self.index(krate).features
    }

    /// What the build script of a crate asks of its features.
    pub fn script(&self, krate: usize) -> &Script {
        let krate = &self.crates[krate];
        krate
            .script
            .get_or_init(|| match &krate.source.build_script {
                Some(path) => script::read(path),
                None => Script::default(),
            })
    }

    fn read(&self, krate: usize) -> &(Model, Index) {
        let this = &self.crates[krate];
        this.model.get_or_init(|| {
            let model = match &this.source.root {
                Some(root) => {
                    let foreign = |name: &str| self.foreign(krate, name);
                    walk::read(root, &this.source.krate, &foreign)
                }
                None => empty(&this.source.krate),
            };
            let index = Index::of(&model);
            (model, index)
        })
    }

    /// The definitions of a macro that a crate has from another and that takes conditions.
    fn foreign(&self, krate: usize, name: &str) -> Rc<Vec<Definition>> {
        for other in self.crates[krate].source.externs.values() {
            let other = &self.crates[*other];
            let Some(root) = &other.source.root else {
                continue;
            };
            let exported = other.exported.get_or_init(|| {
                let macros = walk::exported_macros(root);
                Exported {
                    names: conditional_names(&macros),
                }
            });
            if exported.names.iter().any(|known| known == name) {
                return walk::exported_macros(root).remove(name).unwrap_or_default();
            }
        }
        Rc::default()
    }
}

fn conditional_names(macros: &Macros) -> Vec<String> {
    let takes = |definitions: &[Definition]| definitions.iter().any(|d| d.takes_conditions);
    let names = macros.iter().filter(|(_, definitions)| takes(definitions));
    names.map(|(name, _)| name.clone()).collect()
}

/// A package without a library: there is nothing to name in it.
fn empty(krate: &str) -> Model {
    walk::read("".into(), krate, &|_| Rc::default())
}

impl Index {
    fn of(model: &Model) -> Self {
        let mut index = Self::default();
        for (at, member) in model.members.iter().enumerate() {
            if let Some(of) = &member.owner.self_type {
                index.members.entry(of.clone()).or_default().push(at);
            }
        }
        for (at, name) in model.names.iter().enumerate() {
            let is_module = matches!(name.meaning, Meaning::Module(_));
            if !is_module {
                index.names.entry(name.name.clone()).or_default().push(at);
            }
        }
        for gate in model.gates() {
            let gate = gate.ordinary();
            let features = gate.features().into_iter();
            index.features.extend(features.map(str::to_owned));
        }
        index
    }
}
