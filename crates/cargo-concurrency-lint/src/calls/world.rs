//! All crates of a check, with what finds a function in them.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::mir::path::Path;
use crate::mir::summary::{Body, Kind, Summary, Text};
use crate::mir::ty::{Type, last};

/// A crate's summary, and the name that other crates have for its metadata.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    pub stem: &'a str,
    pub summary: &'a Summary,
}

/// A function: the numbers of its crate and of its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    pub unit: usize,
    pub body: usize,
}

#[derive(Debug)]
pub struct World<'a> {
    pub units: Vec<Unit<'a>>,
    /// By the crate's name.
    named: HashMap<&'a str, Vec<usize>>,
    types: RefCell<HashMap<(usize, Text), Rc<Type>>>,
}

#[derive(Debug)]
pub struct Unit<'a> {
    pub summary: &'a Summary,
    /// The crates that it names, by the names that it has for them.
    pub externs: HashMap<&'a str, usize>,
    /// These and all that they need.
    pub below: Vec<usize>,
    /// Functions and methods by their own names.
    named: HashMap<&'a str, Vec<usize>>,
    /// Closures and coroutines by their types.
    own: HashMap<&'a str, usize>,
    /// The names of the types that have methods or traits, and of the modules at the root.
    types: HashSet<String>,
    modules: HashSet<&'a str>,
}

impl<'a> World<'a> {
    pub fn new(sources: &[Source<'a>]) -> Self {
        let stems: HashMap<&str, usize> = sources
            .iter()
            .enumerate()
            .map(|(index, source)| (source.stem, index))
            .collect();
        let mut units: Vec<Unit<'a>> = sources
            .iter()
            .map(|source| Unit::new(source.summary, &stems))
            .collect();
        let direct: Vec<Vec<usize>> = units
            .iter()
            .map(|unit| unit.externs.values().copied().collect())
            .collect();
        for (index, unit) in units.iter_mut().enumerate() {
            unit.below = below(&direct, index);
        }
        let mut named: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, unit) in units.iter().enumerate() {
            named
                .entry(unit.summary.name.as_str())
                .or_default()
                .push(index);
        }
        Self {
            units,
            named,
            types: RefCell::default(),
        }
    }

    pub fn body(&self, id: Id) -> &'a Body {
        &self.units[id.unit].summary.bodies[id.body]
    }

    pub fn text(&self, unit: usize, text: Text) -> &'a str {
        self.units[unit].summary.text(text)
    }

    /// A type by its text, read once.
    pub fn ty(&self, unit: usize, text: Text) -> Rc<Type> {
        let mut types = self.types.borrow_mut();
        let read = || Rc::new(Type::read(self.text(unit, text)));
        Rc::clone(types.entry((unit, text)).or_insert_with(read))
    }

    /// A type's path with its crate in front; what may be a parameter, a primitive or already has a
    /// crate stays as it is.
    pub fn absolute_type(&self, unit: usize, path: &str) -> String {
        if path.starts_with("impl ")
            || path.is_empty()
            || !path.contains("::") && !self.units[unit].types.contains(path)
        {
            return path.to_owned();
        }
        let first = path.split("::").next().unwrap_or_default();
        if self.named.contains_key(first) && !self.units[unit].modules.contains(first) {
            return path.to_owned();
        }
        self.absolute(unit, path)
    }

    /// The crates of a name: several where there are several versions.
    pub fn crates(&self, name: &str) -> &[usize] {
        self.named.get(name).map_or(&[], Vec::as_slice)
    }

    /// A plain path with its crate in front, whoever prints it.
    pub fn absolute(&self, unit: usize, plain: &str) -> String {
        let first = plain.split("::").next().unwrap_or_default();
        let summary = self.units[unit].summary;
        let foreign = matches!(first, "std" | "core" | "alloc")
            || summary.externs.iter().any(|(name, _)| name == first);
        if foreign {
            plain.to_owned()
        } else {
            format!("{}::{plain}", summary.name)
        }
    }

    /// The crate's name for a path that starts with one; the crate and the rest.
    pub fn root<'p>(&self, unit: usize, names: &'p [&'p str]) -> Option<(usize, &'p [&'p str])> {
        let (first, rest) = names.split_first()?;
        let other = self.units[unit].externs.get(first)?;
        Some((*other, rest))
    }
}

impl<'a> Unit<'a> {
    fn new(summary: &'a Summary, stems: &HashMap<&str, usize>) -> Self {
        let externs = summary.externs.iter();
        let mut unit = Self {
            summary,
            externs: externs
                .filter_map(|(name, stem)| Some((name.as_str(), *stems.get(stem.as_str())?)))
                .collect(),
            below: Vec::new(),
            named: HashMap::new(),
            own: HashMap::new(),
            types: HashSet::new(),
            modules: HashSet::new(),
        };
        for (index, body) in summary.bodies.iter().enumerate() {
            let path = summary.text(body.path);
            if let Some((module, _)) = path.split_once("::") {
                unit.modules.insert(module);
            }
            if let Some(of) = body.of {
                unit.types
                    .extend(head(&Type::read(summary.text(of.ty))).map(str::to_owned));
            }
            match (body.kind, body.own) {
                (Kind::Closure | Kind::Coroutine, Some(own)) => {
                    // Of several closures of one place, as a macro makes them, none is certain.
                    unit.own
                        .entry(summary.text(own))
                        .and_modify(|known| *known = usize::MAX)
                        .or_insert(index);
                }
                _ => {
                    let name = Path::read(path).name();
                    unit.named.entry(name).or_default().push(index);
                }
            }
        }
        unit
    }

    pub fn named(&self, name: &str) -> &[usize] {
        self.named.get(name).map_or(&[], Vec::as_slice)
    }

    /// The body of a closure or coroutine of this type.
    pub fn own(&self, ty: &str) -> Option<usize> {
        self.own.get(ty).copied().filter(|body| *body != usize::MAX)
    }
}

/// All crates that are reached from one.
fn below(direct: &[Vec<usize>], from: usize) -> Vec<usize> {
    let mut seen = HashSet::new();
    let mut waiting = direct[from].clone();
    while let Some(unit) = waiting.pop() {
        if seen.insert(unit) {
            waiting.extend(&direct[unit]);
        }
    }
    let mut all: Vec<usize> = seen.into_iter().collect();
    all.sort_unstable();
    all
}

/// The last name of the type that a method is of, as a caller writes it.
pub fn head(ty: &Type) -> Option<&str> {
    ty.behind_refs().path().map(last)
}
