//! What a type means that is written in the sources: through imports, aliases and the bounds of
//! parameters.

use super::{Declared, Scope};
use crate::facts::Ty;
use crate::observe::sketch::{PathSketch, TypeSketch};

/// Aliases of aliases, and no circle.
pub const DEPTH: u32 = 6;

impl Declared<'_> {
    /// The type that is written.
    pub fn ty(&self, scope: &Scope<'_>, written: &TypeSketch) -> Ty {
        let mut ty = self.ty_of(scope, written, &[], DEPTH);
        self.ecosystem.canonical_ty(&mut ty);
        ty
    }

    /// `given` are the arguments of an alias, by the names of its parameters.
    fn ty_of(
        &self,
        scope: &Scope<'_>,
        written: &TypeSketch,
        given: &[(&str, Ty)],
        depth: u32,
    ) -> Ty {
        let Some(depth) = depth.checked_sub(1) else {
            return Ty::unknown();
        };
        let inner = |written: &TypeSketch| self.ty_of(scope, written, given, depth);
        match written {
            TypeSketch::Unknown => Ty::unknown(),
            TypeSketch::Ref(by, to) => inner(to).by(*by),
            TypeSketch::Tuple(parts) => Ty::new("()").with(parts.iter().map(inner)),
            TypeSketch::Slice(of) => Ty::new("[]").with([inner(of)]),
            TypeSketch::Array(of) => Ty::new("[;]").with([inner(of)]),
            TypeSketch::Fn(output) => Ty::new("fn").with([inner(output)]),
            TypeSketch::Bounds(bounds) => self.bound(scope, bounds, given, depth),
            TypeSketch::Path(path) => self.path_ty(scope, path, given, depth),
        }
    }

    fn path_ty(
        &self,
        scope: &Scope<'_>,
        path: &PathSketch,
        given: &[(&str, Ty)],
        depth: u32,
    ) -> Ty {
        if let Some(name) = path.single() {
            if let Some((_, ty)) = given.iter().find(|(param, _)| *param == name) {
                return ty.clone();
            }
            if name == "Self" {
                return scope.self_ty.clone().unwrap_or_default();
            }
            if let Some(generic) = scope.generics.iter().rev().find(|it| it.name == name) {
                return self.bound(scope, &generic.bounds, given, depth);
            }
        }
        if path.on.is_some() {
            return Ty::unknown();
        }
        let names: Vec<&str> = path.names().collect();
        // `T::Output`, `Self::Item`: who knows.
        if names.len() > 1
            && (names[0] == "Self" || scope.generics.iter().any(|it| it.name == names[0]))
        {
            return Ty::unknown();
        }
        let Some(meant) = self.names.resolve(scope.module, &scope.imports, &names) else {
            return Ty::unknown();
        };
        let Some(last) = path.segments.last() else {
            return Ty::unknown();
        };
        let output = last.output.iter().map(|written| &**written);
        let args = last.args.iter().chain(output);
        let args: Vec<Ty> = args
            .map(|arg| self.ty_of(scope, arg, given, depth))
            .collect();
        match self.aliases.get(&meant) {
            Some((module, alias)) => {
                let params = alias.generics.iter().map(|it| it.name.as_str());
                let given: Vec<(&str, Ty)> = params.zip(args).collect();
                self.ty_of(&Scope::module(*module), &alias.ty, &given, depth)
            }
            None => Ty::new(meant).with(args),
        }
    }

    /// A type of which only traits are known: the first that says something.
    pub(super) fn bound(
        &self,
        scope: &Scope<'_>,
        bounds: &[PathSketch],
        given: &[(&str, Ty)],
        depth: u32,
    ) -> Ty {
        const SAY_NOTHING: [&str; 8] = [
            "std::marker::Send",
            "std::marker::Sync",
            "std::marker::Unpin",
            "std::marker::Sized",
            "std::clone::Clone",
            "std::marker::Copy",
            "std::fmt::Debug",
            "std::default::Default",
        ];
        let types = bounds
            .iter()
            .map(|bound| self.path_ty(scope, bound, given, depth));
        let mut telling =
            types.filter(|ty| ty.is_known() && !SAY_NOTHING.contains(&ty.path.as_str()));
        telling.next().unwrap_or_default()
    }
}
