//! Types and paths as they are written.

use syn::{
    AngleBracketedGenericArguments, GenericArgument, Generics, Path, PathArguments, QSelf,
    ReturnType, Type, TypeParamBound, WherePredicate,
};

use super::super::sketch::expr::Extent;
use super::super::sketch::{Generic, PathSketch, Segment, TypeSketch};
use super::extent;
use crate::facts::By;

pub fn ty(ty: &Type) -> TypeSketch {
    match ty {
        Type::Path(path) => TypeSketch::Path(qualified(path.qself.as_ref(), &path.path)),
        Type::Reference(reference) => {
            let by = by(reference.mutability.is_some());
            TypeSketch::Ref(by, Box::new(self::ty(&reference.elem)))
        }
        Type::Tuple(tuple) => TypeSketch::Tuple(tuple.elems.iter().map(self::ty).collect()),
        Type::Slice(slice) => TypeSketch::Slice(Box::new(self::ty(&slice.elem))),
        Type::Array(array) => TypeSketch::Array(Box::new(self::ty(&array.elem))),
        Type::ImplTrait(it) => TypeSketch::Bounds(bounds(&it.bounds)),
        Type::TraitObject(it) => TypeSketch::Bounds(bounds(&it.bounds)),
        Type::FnPtr(function) => TypeSketch::Fn(Box::new(output(&function.output))),
        Type::Paren(inner) => self::ty(&inner.elem),
        Type::Group(inner) => self::ty(&inner.elem),
        _ => TypeSketch::Unknown,
    }
}

pub fn by(mutable: bool) -> By {
    if mutable { By::RefMut } else { By::Ref }
}

pub fn output(output: &ReturnType) -> TypeSketch {
    match output {
        ReturnType::Default => TypeSketch::unit(),
        ReturnType::Type(_, ty) => self::ty(ty),
    }
}

pub fn bounds<'a>(bounds: impl IntoIterator<Item = &'a TypeParamBound>) -> Vec<PathSketch> {
    let traits = bounds.into_iter().filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => Some(path(&bound.path)),
        _ => None,
    });
    traits.collect()
}

/// The type parameters with their bounds, those of the `where` clause too.
pub fn generics(generics: &Generics) -> Vec<Generic> {
    let mut out: Vec<Generic> = generics
        .type_params()
        .map(|param| Generic {
            name: param.ident.to_string(),
            bounds: bounds(&param.bounds),
        })
        .collect();
    let predicates = generics
        .where_clause
        .iter()
        .flat_map(|clause| &clause.predicates);
    for predicate in predicates {
        let WherePredicate::Type(predicate) = predicate else {
            continue;
        };
        let Type::Path(bounded) = &predicate.bounded_ty else {
            continue;
        };
        let known = out
            .iter_mut()
            .find(|generic| bounded.path.is_ident(&generic.name));
        if let Some(generic) = known {
            generic.bounds.extend(bounds(&predicate.bounds));
        }
    }
    out
}

pub fn path(path: &Path) -> PathSketch {
    PathSketch {
        global: path.leading_colon.is_some(),
        on: None,
        segments: path.segments.iter().map(segment).collect(),
        extent: path_extent(path),
    }
}

/// `<T as Trait>::f`; `<T>::f` is `f` on `T` alone.
pub fn qualified(on: Option<&QSelf>, written: &Path) -> PathSketch {
    let mut sketch = path(written);
    if let Some(on) = on {
        sketch.extent.start = extent(on.lt_token.span).start;
        let ty = ty(&on.ty);
        match ty {
            // `<Vec<u8>>::new` is `Vec::<u8>::new`.
            TypeSketch::Path(mut of) if on.position == 0 => {
                of.segments.append(&mut sketch.segments);
                of.extent = sketch.extent;
                sketch = of;
            }
            ty => sketch.on = Some(Box::new(ty)),
        }
    }
    sketch
}

fn segment(segment: &syn::PathSegment) -> Segment {
    let mut out = Segment {
        name: segment.ident.to_string(),
        ..Segment::default()
    };
    match &segment.arguments {
        PathArguments::None => {}
        PathArguments::AngleBracketed(written) => {
            out.args = args(written);
            out.output = written.args.iter().find_map(|arg| match arg {
                GenericArgument::AssocType(it) if it.ident == "Output" || it.ident == "Item" => {
                    Some(Box::new(ty(&it.ty)))
                }
                _ => None,
            });
        }
        PathArguments::Parenthesized(function) => {
            out.output = Some(Box::new(output(&function.output)));
        }
    }
    out
}

pub fn args(written: &AngleBracketedGenericArguments) -> Vec<TypeSketch> {
    let types = written.args.iter().filter_map(|arg| match arg {
        GenericArgument::Type(it) => Some(ty(it)),
        _ => None,
    });
    types.collect()
}

/// From the first to the last segment, its arguments included.
pub fn path_extent(path: &Path) -> Extent {
    let Some(first) = path.segments.first() else {
        return Extent::default();
    };
    let mut whole = extent(first.ident.span());
    if let Some(colons) = &path.leading_colon {
        whole.start = extent(colons.spans[0]).start;
    }
    if let Some(last) = path.segments.last() {
        whole.end = match &last.arguments {
            PathArguments::None => extent(last.ident.span()).end,
            PathArguments::AngleBracketed(args) => extent(args.gt_token.span).end,
            PathArguments::Parenthesized(args) => extent(args.paren_token.span.close()).end,
        };
    }
    whole
}
