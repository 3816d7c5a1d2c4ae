//! The types that a caller puts in the place of a function's parameters.

use std::collections::HashMap;

use crate::mir::ty::{Type, last};

use super::world::World;

/// Types for parameters, by the parameters' names, sorted.
pub type Bindings = Vec<(String, Type)>;

/// An environment, by its number in [`Environments`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Env(usize);

/// Every environment once: a crate, whose names the types of closures are in, and its bindings.
#[derive(Debug)]
pub struct Environments {
    all: Vec<(usize, Bindings)>,
    numbers: HashMap<(usize, Bindings), Env>,
}

/// A larger type is not worth following: it only grows.
const HEAVIEST: usize = 40;

/// Marks the environment of a closure behind its type's text.
const MARK: char = '\u{1}';

impl Environments {
    pub fn new() -> Self {
        Self {
            all: Vec::new(),
            numbers: HashMap::new(),
        }
    }

    pub fn intern(&mut self, unit: usize, bindings: Bindings) -> Env {
        let key = (unit, bindings);
        if let Some(known) = self.numbers.get(&key) {
            return *known;
        }
        let env = Env(self.all.len());
        self.all.push(key.clone());
        self.numbers.insert(key, env);
        env
    }

    pub fn is_empty(&self, env: Env) -> bool {
        self.all[env.0].1.is_empty()
    }

    pub fn unit(&self, env: Env) -> usize {
        self.all[env.0].0
    }

    /// The type as it is in an environment: parameters filled in, closures with where they are from.
    pub fn close(&self, ty: &Type, env: Env, world: &World<'_>) -> Type {
        let closed = |ty: &Type| self.close(ty, env, world);
        let all = |types: &[Type]| types.iter().map(closed).collect();
        match ty {
            Type::Path { path, args } if args.is_empty() && is_parameter(path) => {
                let bound = self.bound(path, env).cloned();
                bound.unwrap_or_else(|| Type::Path {
                    path: world.absolute_type(self.unit(env), path),
                    args: Vec::new(),
                })
            }
            Type::Path { path, args } => Type::Path {
                path: world.absolute_type(self.unit(env), path),
                args: all(args),
            },
            Type::Ref { mutable, to } => Type::Ref {
                mutable: *mutable,
                to: Box::new(closed(to)),
            },
            Type::Tuple(types) => Type::Tuple(all(types)),
            Type::Slice(item) => Type::Slice(Box::new(closed(item))),
            Type::Array(item) => Type::Array(Box::new(closed(item))),
            Type::Dyn { .. } | Type::Other(_) => ty.clone(),
            Type::Fn { path, output } => Type::Fn {
                path: path.as_ref().map(|path| marked(path, env)),
                output: output.clone(),
            },
            Type::Body(text) => Type::Body(marked(text, env)),
        }
    }

    fn bound(&self, parameter: &str, env: Env) -> Option<&Type> {
        let (_, bindings) = &self.all[env.0];
        let at = bindings.binary_search_by(|(name, _)| name.as_str().cmp(parameter));
        at.ok().map(|at| &bindings[at].1)
    }

    /// The text of a closure's or a function's type, and where it is from.
    pub fn origin<'t>(&self, text: &'t str) -> Option<(&'t str, Env)> {
        let (text, number) = text.rsplit_once(MARK)?;
        let number = number
            .parse()
            .ok()
            .filter(|number| *number < self.all.len())?;
        Some((text, Env(number)))
    }
}

fn marked(text: &str, env: Env) -> String {
    if text.contains(MARK) {
        text.to_owned()
    } else {
        format!("{text}{MARK}{}", env.0)
    }
}

/// Whether a path without arguments may be a parameter: MIR does not say.
pub fn is_parameter(path: &str) -> bool {
    path.starts_with("impl ")
        || !path.contains("::") && path.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Finds what a callee's parameters stand for, from the type that it declares and the one it is given.
pub fn unify(declared: &Type, given: &Type, bindings: &mut HashMap<String, Type>) {
    let list = |declared: &[Type], given: &[Type], bindings: &mut HashMap<String, Type>| {
        for (declared, given) in declared.iter().zip(given) {
            unify(declared, given, bindings);
        }
    };
    match (declared, given) {
        (
            Type::Path { path, args },
            Type::Path {
                path: other,
                args: others,
            },
        ) if last(path) == last(other) => {
            list(args, others, bindings);
        }
        (Type::Path { path, args }, _) if args.is_empty() && is_parameter(path) => {
            let known = !matches!(given, Type::Other(_)) && !is_unknown(given);
            if known && given.weight() <= HEAVIEST {
                bindings
                    .entry(path.clone())
                    .or_insert_with(|| given.clone());
            }
        }
        (Type::Ref { to, .. }, Type::Ref { to: other, .. }) => unify(to, other, bindings),
        (Type::Tuple(types), Type::Tuple(others)) => list(types, others, bindings),
        (Type::Slice(item) | Type::Array(item), Type::Slice(other) | Type::Array(other)) => {
            unify(item, other, bindings);
        }
        (Type::Dyn { args, .. }, Type::Dyn { args: others, .. }) => list(args, others, bindings),
        _ => {}
    }
}

/// A parameter of the caller that nobody filled tells nothing.
fn is_unknown(ty: &Type) -> bool {
    matches!(ty, Type::Path { path, args } if args.is_empty() && is_parameter(path) && path.len() <= 2)
        || matches!(ty, Type::Path { path, .. } if path.starts_with("impl ") || path == "Self" || path.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::world::Source;
    use crate::mir::summary::Summary;

    fn bindings(declared: &str, given: &str) -> Vec<(String, String)> {
        let mut found = HashMap::new();
        unify(&Type::read(declared), &Type::read(given), &mut found);
        let mut found: Vec<_> = found
            .into_iter()
            .map(|(name, ty)| (name, ty.key()))
            .collect();
        found.sort();
        found
    }

    fn pair(name: &str, ty: &str) -> (String, String) {
        (name.to_owned(), ty.to_owned())
    }

    #[test]
    fn parameters_are_found_where_they_stand() {
        assert_eq!(
            bindings("&mut R", "&mut std::fs::File"),
            [pair("R", "std::fs::File")]
        );
        assert_eq!(
            bindings("io::Lines<R>", "dep::Lines<std::fs::File>"),
            [pair("R", "std::fs::File")],
            "one type has two names"
        );
        assert_eq!(
            bindings("(A, [B; 2])", "(u8, [u16; 2])"),
            [pair("A", "u8"), pair("B", "u16")]
        );
        assert!(bindings("State", "dep::State").is_empty());
        assert!(bindings("R", "T").is_empty(), "nobody filled it");
        assert_eq!(
            bindings("impl AsRef<Path>", "&str"),
            [pair("impl AsRef<Path>", "&str")]
        );
    }

    #[test]
    fn a_closure_keeps_where_it_is_from() {
        let summary = Summary {
            name: "app".to_owned(),
            ..Summary::default()
        };
        let source = Source {
            stem: "app",
            summary: &summary,
        };
        let world = World::new(&[source]);
        let mut environments = Environments::new();
        let outer = environments.intern(0, vec![("T".to_owned(), Type::read("u8"))]);
        let ty = Type::read("a::B<T, {closure@a.rs:1:1: 1:2}>");
        let closed = environments.close(&ty, outer, &world);
        assert_eq!(closed.path(), Some("app::a::B"));
        assert_eq!(closed.args()[0], Type::read("u8"));
        let Type::Body(text) = &closed.args()[1] else {
            panic!("{closed:?}")
        };
        let (text, env) = environments.origin(text).unwrap();
        assert_eq!((text, env), ("{closure@a.rs:1:1: 1:2}", outer));
        assert_eq!(environments.unit(env), 0);
        let other = environments.intern(0, Vec::new());
        assert_eq!(
            environments.close(&closed.args()[1], other, &world),
            closed.args()[1],
            "marked once"
        );
    }
}
