//! Follows a path through modules, re-exports and crates to what it names, and gathers the conditions
//! on the way.

use std::collections::BTreeSet;

use super::cfg::Cfg;
use super::item::{Kind, Vis};
use super::library::Library;
use super::model::{Meaning, Module};

/// Conditions of several crates that must hold together.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gates(pub Vec<(usize, Cfg)>);

impl Gates {
    #[must_use]
    pub fn and(&self, krate: usize, gate: &Cfg) -> Self {
        let mut gates = self.clone();
        if *gate == Cfg::ALWAYS {
            return gates;
        }
        match gates.0.iter_mut().find(|(of, _)| *of == krate) {
            Some((_, have)) => *have = have.clone().and(gate.clone()),
            None => gates.0.push((krate, gate.clone())),
        }
        gates
    }
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub gates: Gates,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Index into the names of a crate.
    Name(usize, usize),
    Module(usize, usize),
    /// A method, an associated item, a variant.
    Member,
    /// In a crate that is not read, as `std`.
    Outside,
}

/// Which of the things of one name are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// A path in code or in `use`: everything but derive and attribute macros, which are not used
    /// unless they are called.
    Code,
    /// `name!`, `#[name]`, `#[derive(name)]`.
    Macro,
}

/// No real path is re-exported more often.
const DEEPEST: usize = 24;

/// Everything that `path`, which begins below the crate, can mean.
pub fn resolve(library: &Library, krate: usize, path: &[String], space: Space) -> Vec<Found> {
    let mut search = Search {
        library,
        space,
        under_way: Vec::new(),
        globs: BTreeSet::new(),
        found: Vec::new(),
    };
    search.within(krate, 0, path, &Gates::default(), 0);
    search.found.dedup();
    search.found
}

struct Search<'l> {
    library: &'l Library,
    space: Space,
    /// Names that are being followed: an import may lead back to itself.
    under_way: Vec<(usize, usize)>,
    /// Modules whose globs were looked through, with what was looked for. Crates import each other's
    /// modules whole in so many ways that following each anew would never end.
    globs: BTreeSet<(usize, usize, Vec<String>)>,
    found: Vec<Found>,
}

impl Search<'_> {
    fn push(&mut self, gates: &Gates, what: What) {
        let found = Found {
            gates: gates.clone(),
            what,
        };
        if !self.found.contains(&found) {
            self.found.push(found);
        }
    }

    /// Looks `path` up in a module, as it is seen from outside of it.
    fn within(
        &mut self,
        krate: usize,
        module: usize,
        path: &[String],
        gates: &Gates,
        depth: usize,
    ) {
        let Some((first, rest)) = path.split_first() else {
            self.push(gates, What::Module(krate, module));
            return;
        };
        if depth > DEEPEST {
            return;
        }
        let library = self.library;
        let model = library.model(krate);
        let Some(this) = model.modules.get(module) else {
            return;
        };
        // What is declared hides what a glob brings.
        if let Some(indices) = this.names.get(first) {
            for index in indices {
                self.name(krate, *index, rest, gates, depth);
            }
            return;
        }
        if this.globs.is_empty() || !self.globs.insert((krate, module, path.to_vec())) {
            return;
        }
        for glob in &this.globs {
            let gates = gates.and(krate, &this.gate).and(krate, &glob.gate);
            let mut whole = glob.path.clone();
            whole.extend(path.iter().cloned());
            self.from(krate, module, &whole, &gates, depth + 1);
        }
    }

    fn name(&mut self, krate: usize, index: usize, rest: &[String], gates: &Gates, depth: usize) {
        if self.under_way.contains(&(krate, index)) {
            return;
        }
        self.under_way.push((krate, index));
        self.meaning(krate, index, rest, gates, depth);
        self.under_way.pop();
    }

    fn meaning(
        &mut self,
        krate: usize,
        index: usize,
        rest: &[String],
        gates: &Gates,
        depth: usize,
    ) {
        let library = self.library;
        let name = &library.model(krate).names[index];
        let gates = gates.and(krate, &name.gate);
        match &name.meaning {
            Meaning::Module(module) => self.within(krate, *module, rest, &gates, depth + 1),
            Meaning::Import(path) => {
                let mut whole = path.clone();
                whole.extend(rest.iter().cloned());
                self.from(krate, name.module, &whole, &gates, depth + 1);
            }
            Meaning::Macro => {
                if rest.is_empty() {
                    self.push(&gates, What::Name(krate, index));
                }
            }
            Meaning::ProcMacro => {
                if rest.is_empty() && self.space == Space::Macro {
                    self.push(&gates, What::Name(krate, index));
                }
            }
            Meaning::Item(kind) => match rest {
                [] => {
                    if self.space == Space::Code {
                        self.push(&gates, What::Name(krate, index));
                    }
                }
                [member, ..] => self.member(krate, index, *kind, member, &gates),
            },
        }
    }

    fn member(&mut self, krate: usize, index: usize, kind: Kind, member: &str, gates: &Gates) {
        let library = self.library;
        let model = library.model(krate);
        let name = &model.names[index];
        for (_, gate) in name.parts.iter().filter(|(part, _)| part == member) {
            self.push(&gates.and(krate, gate), What::Member);
        }
        let members = library.index(krate).members.get(&name.name);
        let mut any = false;
        for member_at in members.into_iter().flatten() {
            let found = &model.members[*member_at];
            if found.owner.name == member && found.vis == Vis::Public {
                any = true;
                self.push(&gates.and(krate, &found.gate), What::Member);
            }
        }
        // An alias, or a method of a trait: the type at least must be there.
        if !any && kind != Kind::Enum {
            self.push(gates, What::Name(krate, index));
        }
    }

    /// Looks `path` up as it is written in a module of a crate.
    fn from(&mut self, krate: usize, module: usize, path: &[String], gates: &Gates, depth: usize) {
        let Some((first, rest)) = path.split_first() else {
            return;
        };
        let library = self.library;
        let model = library.model(krate);
        let Some(this) = model.modules.get(module) else {
            return;
        };
        match first.as_str() {
            "crate" => return self.within(krate, 0, rest, gates, depth + 1),
            "self" => return self.within(krate, module, rest, gates, depth + 1),
            "super" => {
                let parent = this.parent.unwrap_or(0);
                return match rest.first().map(String::as_str) {
                    Some("super") => self.from(krate, parent, rest, gates, depth + 1),
                    _ => self.within(krate, parent, rest, gates, depth + 1),
                };
            }
            _ => {}
        }
        let before = self.found.len();
        // An import of the same name would only lead back here.
        let leads_on = |module: &Module| {
            let named = module.names.get(first).into_iter().flatten();
            named
                .into_iter()
                .any(|index| match &model.names[*index].meaning {
                    Meaning::Import(target) => target.first() != Some(first),
                    Meaning::Item(_) | Meaning::Module(_) => true,
                    Meaning::Macro | Meaning::ProcMacro => false,
                })
        };
        if leads_on(this) {
            self.within(krate, module, path, gates, depth + 1);
        }
        if self.found.len() > before {
            return;
        }
        match library.source(krate).externs.get(first) {
            Some(other) => self.within(*other, 0, rest, gates, depth + 1),
            None if matches!(first.as_str(), "std" | "core" | "alloc" | "proc_macro") => {
                self.push(gates, What::Outside);
            }
            // Paths of the first edition begin at the root; others name what nobody reads.
            None if module != 0 && leads_on(&model.modules[0]) => {
                self.within(krate, 0, path, gates, depth + 1);
            }
            None => {}
        }
    }
}

/// The names that `use path::*` may bring in.
pub fn names_in(library: &Library, krate: usize, path: &[String]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut visited = BTreeSet::new();
    let mut waiting = vec![(krate, path.to_vec())];
    while let Some((krate, path)) = waiting.pop() {
        for found in resolve(library, krate, &path, Space::Code) {
            let What::Module(krate, module) = found.what else {
                continue;
            };
            if !visited.insert((krate, module)) {
                continue;
            }
            let this = &library.model(krate).modules[module];
            names.extend(this.names.keys().cloned());
            for glob in &this.globs {
                waiting.extend(absolute(library, krate, module, &glob.path));
            }
        }
    }
    names
}

/// Where a path that is written in a module leads, from the root of a crate.
fn absolute(
    library: &Library,
    krate: usize,
    module: usize,
    path: &[String],
) -> Option<(usize, Vec<String>)> {
    let model = library.model(krate);
    let this = &model.modules[module];
    let (first, rest) = path.split_first()?;
    let below = |module: &Module, rest: &[String]| {
        let mut whole = module.path.clone();
        whole.extend(rest.iter().cloned());
        Some((krate, whole))
    };
    match first.as_str() {
        "crate" => Some((krate, rest.to_vec())),
        "self" => below(this, rest),
        "super" => below(&model.modules[this.parent.unwrap_or(0)], rest),
        name if this.names.contains_key(name) => below(this, path),
        name => {
            let other = library.source(krate).externs.get(name)?;
            Some((*other, rest.to_vec()))
        }
    }
}
