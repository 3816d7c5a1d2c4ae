//! Finds the function that a path means.
//!
//! A path is printed in the words of the caller: by the way that the callee is visible to it, behind
//! aliases and re-exports, while the callee's own crate prints where it is defined. The two have in
//! common the crate, the function's name, and the name of its type or trait. Where that fits more than
//! one, the modules that they share decide, and where these do not, nothing is followed.

use std::collections::HashMap;

use crate::mir::path::Path;
use crate::mir::summary::Body;
use crate::mir::ty::{Type, last};

use super::world::{Id, World, head};

/// Finds functions, and remembers what it found.
pub struct Resolver<'w, 'a> {
    world: &'w World<'a>,
    /// By crate.
    plain: Vec<HashMap<String, Option<Id>>>,
    /// By crate, path and type.
    of_traits: Vec<HashMap<String, HashMap<String, Option<Id>>>>,
}

impl<'w, 'a> Resolver<'w, 'a> {
    pub fn new(world: &'w World<'a>) -> Self {
        Self {
            world,
            plain: vec![HashMap::new(); world.units.len()],
            of_traits: vec![HashMap::new(); world.units.len()],
        }
    }

    /// A function or a type's own method, as `unit` prints it.
    pub fn plain(&mut self, unit: usize, text: &str) -> Option<Id> {
        if let Some(known) = self.plain[unit].get(text) {
            return *known;
        }
        let found = self.find_plain(unit, &Path::read(text));
        self.plain[unit].insert(text.to_owned(), found);
        found
    }

    fn find_plain(&self, unit: usize, path: &Path<'_>) -> Option<Id> {
        let names = path.names.as_slice();
        let (name, before) = names.split_last()?;
        if let Some((other, rest)) = self.world.root(unit, before) {
            // A module of one's own may be called as a crate is.
            let own = self.best(unit, name, before);
            let own = own.filter(|id| {
                let path = Path::read(self.world.text(unit, self.world.body(*id).path));
                path.names.first() == before.first()
            });
            return own.or_else(|| {
                self.best(other, name, rest)
                    .or_else(|| self.reexported(other, name, rest))
            });
        }
        match before.first() {
            Some(first) if is_std(first) => None,
            _ => self.best(unit, name, before),
        }
    }

    /// The one function of a crate that fits best.
    fn best(&self, unit: usize, name: &str, before: &[&str]) -> Option<Id> {
        let bodies = &self.world.units[unit].summary.bodies;
        let mut best: Option<(usize, usize)> = None;
        let mut tied = false;
        for &body in self.world.units[unit].named(name) {
            let Some(score) = self.fits(unit, &bodies[body], before) else {
                continue;
            };
            match best {
                Some((known, _)) if score < known => {}
                Some((known, _)) if score == known => tied = true,
                _ => (best, tied) = (Some((score, body)), false),
            }
        }
        let (_, body) = best.filter(|_| !tied)?;
        Some(Id { unit, body })
    }

    /// How well a function fits what stands before its name; none where it does not.
    fn fits(&self, unit: usize, body: &Body, before: &[&str]) -> Option<usize> {
        let path = Path::read(self.world.text(unit, body.path));
        let modules = &path.names[..path.names.len().saturating_sub(1)];
        match &body.of {
            Some(of) => {
                let owner = before.last()?;
                let written = Type::read(self.world.text(unit, of.ty));
                let ty = match head(&written) {
                    Some(written) => written.to_owned(),
                    None => self.self_type(unit, body)?,
                };
                let of_trait = of.of.is_some();
                (!of_trait && last(&ty) == *owner)
                    .then(|| 1 + shared(modules, &before[..before.len() - 1]))
            }
            None if modules == before => Some(usize::MAX),
            // Re-exported: the function of this name, if it stands in a module of a name that fits, or
            // at the root.
            None => {
                let common = shared(modules, before);
                (common > 0 || before.is_empty()).then_some(common)
            }
        }
    }

    /// The type that a method's receiver is of.
    fn self_type(&self, unit: usize, body: &Body) -> Option<String> {
        let first = body.params.first().filter(|_| body.method)?;
        let ty = self.world.ty(unit, *first);
        head(&ty).map(str::to_owned)
    }

    /// What a crate re-exports from those below it; only where there is one such function.
    fn reexported(&self, unit: usize, name: &str, before: &[&str]) -> Option<Id> {
        let owner = before.last().filter(|name| is_type(name))?;
        let below = self.world.units[unit].below.iter();
        let mut found = below.filter_map(|unit| self.best(*unit, name, &[owner]));
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// The method of a trait for a type that is known.
    pub fn of_trait(&mut self, unit: usize, text: &str, on: &Type) -> Option<Id> {
        let key = on.key();
        let known = self.of_traits[unit].get(text);
        if let Some(known) = known.and_then(|types| types.get(&key)) {
            return *known;
        }
        let found = self.find_of_trait(unit, &Path::read(text), on);
        let types = self.of_traits[unit].entry(text.to_owned()).or_default();
        types.insert(key, found);
        found
    }

    fn find_of_trait(&self, unit: usize, path: &Path<'_>, on: &Type) -> Option<Id> {
        let (_, of) = path.of?;
        let of = Path::read(of);
        let named = self.where_implemented(unit, &of, on);
        // What a crate gives away under its own name may be of one below it.
        let below = named.iter().flat_map(|unit| &self.world.units[*unit].below);
        let below = below.copied().collect();
        for units in [named.clone(), below] {
            match self.best_of_trait(units, of.name(), path.name(), on) {
                Ok(None) => {}
                Ok(found) => return found,
                Err(()) => return None,
            }
        }
        self.provided(unit, &of, path.name())
    }

    /// The one method that fits best; an error where there are several.
    fn best_of_trait(
        &self,
        mut units: Vec<usize>,
        of: &str,
        name: &str,
        on: &Type,
    ) -> Result<Option<Id>, ()> {
        units.sort_unstable();
        units.dedup();
        let mut fitting = Vec::new();
        for unit in units {
            for &body in self.world.units[unit].named(name) {
                let id = Id { unit, body };
                fitting.extend(self.implements(id, of, on).map(|score| (score, id)));
            }
        }
        let best = fitting.iter().map(|(score, _)| *score).max();
        let mut best = fitting.iter().filter(|(score, _)| Some(*score) == best);
        match (best.next(), best.next()) {
            (Some((_, only)), None) => Ok(Some(*only)),
            (Some(_), Some(_)) => Err(()),
            (None, _) => Ok(None),
        }
    }

    /// The crates that may implement a trait for a type: who has one of the two. That is Rust's rule,
    /// and it tells types of one name apart.
    fn where_implemented(&self, unit: usize, of: &Path<'_>, on: &Type) -> Vec<usize> {
        let crates = |path: &Path<'_>| {
            let first = path.names.first().copied().unwrap_or_default();
            match self.world.root(unit, &path.names) {
                Some((other, _)) => vec![other],
                // A type that a caller put in the place of a parameter may be of any crate.
                None if !self.world.crates(first).is_empty() => self.world.crates(first).to_vec(),
                None if is_std(first) => Vec::new(),
                None => vec![unit],
            }
        };
        let mut units = crates(of);
        if let Some(path) = on.behind_refs().path() {
            units.extend(crates(&Path::read(path)));
        }
        units
    }

    /// How exactly a method implements a trait for a type.
    fn implements(&self, id: Id, of: &str, on: &Type) -> Option<usize> {
        let body = self.world.body(id);
        let header = body.of?;
        let written = header.of.map(|of| last(self.world.text(id.unit, of)));
        if written.is_some_and(|written| written != of) {
            return None;
        }
        let ty = Type::read(self.world.text(id.unit, header.ty));
        let ty = if matches!(&ty, Type::Path { path, .. } if path.is_empty())
            || matches!(ty, Type::Other(_))
        {
            let first = body.params.first().filter(|_| body.method)?;
            self.world.ty(id.unit, *first).behind_refs().clone()
        } else {
            ty
        };
        let score = similarity(&ty, on)?;
        // Where the header could not be read, the trait is a guess.
        (written.is_some() || score > 1).then_some(score)
    }

    /// The method that a trait provides itself.
    fn provided(&self, unit: usize, of: &Path<'_>, name: &str) -> Option<Id> {
        let (home, before) = match self.world.root(unit, &of.names) {
            Some((other, rest)) => (other, rest),
            None if of.names.first().is_some_and(|first| is_std(first)) => return None,
            None => (unit, of.names.as_slice()),
        };
        let owner = before.last()?;
        let all = self.world.units[home].named(name);
        let mut fitting = all.iter().filter(|body| {
            let body = &self.world.units[home].summary.bodies[**body];
            let path = Path::read(self.world.text(home, body.path));
            body.of.is_none() && path.owner() == Some(owner)
        });
        let body = *fitting.next()?;
        fitting.next().is_none().then_some(Id { unit: home, body })
    }
}

/// How many names two lists of modules share, in order.
fn shared(a: &[&str], b: &[&str]) -> usize {
    let mut rest = b;
    let mut count = 0;
    for name in a {
        if let Some(at) = rest.iter().position(|other| other == name) {
            rest = &rest[at + 1..];
            count += 1;
        }
    }
    count
}

fn is_std(name: &str) -> bool {
    matches!(name, "std" | "core" | "alloc")
}

fn is_type(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
}

/// How much of the type that an implementation is written for is that of the call; none where they
/// differ. A parameter fits anything, and says nothing.
fn similarity(written: &Type, on: &Type) -> Option<usize> {
    match (written, on) {
        (
            Type::Path { path, args },
            Type::Path {
                path: other,
                args: others,
            },
        ) if last(path) == last(other) => {
            let parts = args.iter().zip(others).map(|(a, b)| similarity(a, b));
            let parts: Option<usize> = parts.sum();
            Some(2 + parts?)
        }
        (Type::Path { path, args }, _)
            if args.is_empty() && super::substitution::is_parameter(path) && path.len() <= 3 =>
        {
            Some(0)
        }
        (
            Type::Ref { mutable, to },
            Type::Ref {
                mutable: other,
                to: others,
            },
        ) if mutable == other => Some(1 + similarity(to, others)?),
        (Type::Tuple(types), Type::Tuple(others)) if types.len() == others.len() => {
            let parts = types.iter().zip(others).map(|(a, b)| similarity(a, b));
            let parts: Option<usize> = parts.sum();
            Some(1 + parts?)
        }
        (Type::Slice(item), Type::Slice(other)) | (Type::Array(item), Type::Array(other)) => {
            Some(1 + similarity(item, other)?)
        }
        (Type::Dyn { path, .. }, Type::Dyn { path: other, .. }) => {
            (last(path) == last(other)).then_some(2)
        }
        _ => None,
    }
}
