//! Patterns bind variables; what they take apart tells the types.

use super::Digest;
use crate::facts::{By, Local, LocalId, LocalKind, Ty, Value};
use crate::observe::sketch::PathSketch;
use crate::observe::sketch::expr::{Name, Parts, PartsKind, Pattern};

impl<'w> Digest<'w> {
    /// The variables that `pattern` binds of a value of type `ty`; `init` is that value.
    pub(super) fn bind(
        &mut self,
        pattern: &Pattern,
        ty: &Ty,
        kind: LocalKind,
        init: Option<&Value>,
    ) -> Vec<LocalId> {
        let mut bound = Vec::new();
        self.bind_into(pattern, ty, kind, init, &mut bound);
        bound
    }

    fn bind_into(
        &mut self,
        pattern: &Pattern,
        ty: &Ty,
        kind: LocalKind,
        init: Option<&Value>,
        bound: &mut Vec<LocalId>,
    ) {
        match pattern {
            Pattern::Nothing => {}
            Pattern::Name(name) => {
                bound.push(self.bind_name(name, ty, kind, init));
                if let Some(inner) = &name.inner {
                    self.bind_into(inner, ty, LocalKind::Pattern, None, bound);
                }
            }
            Pattern::Parts(parts) => {
                let kind = match kind {
                    LocalKind::Let => LocalKind::Pattern,
                    other => other,
                };
                for (name, part) in &parts.parts {
                    let ty = self.part_ty(parts, name, ty);
                    self.bind_into(part, &ty, kind, None, bound);
                }
            }
        }
    }

    fn bind_name(
        &mut self,
        name: &Name,
        ty: &Ty,
        kind: LocalKind,
        init: Option<&Value>,
    ) -> LocalId {
        let span = self.span(name.extent);
        let id = self.add_local(Local {
            name: name.name.clone(),
            kind,
            span,
            mutable: name.mutable || ty.by == By::RefMut,
            ty: ty.clone(),
            init: init.cloned(),
            ..Local::default()
        });
        self.own_guard(id, ty, kind, init);
        id
    }

    /// The type of a part of what is taken apart.
    fn part_ty(&self, parts: &Parts, name: &str, ty: &Ty) -> Ty {
        match &parts.kind {
            PartsKind::Tuple => self.declared.field(ty, name),
            PartsKind::Other => match ty.path.as_str() {
                "[]" | "[;]" | "std::vec::Vec" => ty.args.first().cloned().unwrap_or_default(),
                _ => ty.clone(),
            },
            PartsKind::Struct(path) => self.variant_ty(path, name, ty),
            PartsKind::TupleStruct(path) => match path.last() {
                // A call of another crate gives its value's type without the `Result` around.
                "Some" | "Ok" => ty.success().unwrap_or(ty).clone(),
                "Err" => ty.args.get(1).cloned().unwrap_or_default(),
                _ => self.variant_ty(path, name, ty),
            },
        }
    }

    /// A field of a struct, or of the variant that the path ends in.
    fn variant_ty(&self, path: &PathSketch, name: &str, ty: &Ty) -> Ty {
        let of_variant = format!("{}::{name}", path.last());
        let meant = self.declared.path(&self.scope, path).unwrap_or_default();
        let of = meant.rsplit_once("::").map_or("", |(of, _)| of);
        let places = [
            (ty.clone(), of_variant.as_str()),
            (Ty::new(of), of_variant.as_str()),
            (ty.clone(), name),
            (Ty::new(meant.as_str()), name),
        ];
        let mut known = places
            .iter()
            .map(|(ty, name)| self.declared.field(ty, name));
        let field = known.find(Ty::is_known).unwrap_or_default();
        // What is taken apart by reference is borrowed.
        if ty.by == By::Value {
            field
        } else {
            field.by(ty.by)
        }
    }
}
