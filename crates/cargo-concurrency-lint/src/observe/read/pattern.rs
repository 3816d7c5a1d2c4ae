//! Patterns: which names they bind, and what of.

use syn::{Member, Pat};

use super::super::sketch::TypeSketch;
use super::super::sketch::expr::{Name, Parts, PartsKind, Pattern};
use super::{extent, types};

/// The pattern, and the type that is written beside it.
pub fn typed(pattern: &Pat) -> (Pattern, TypeSketch) {
    match pattern {
        Pat::Type(typed) => (self::pattern(&typed.pat), types::ty(&typed.ty)),
        other => (self::pattern(other), TypeSketch::Unknown),
    }
}

pub fn pattern(pattern: &Pat) -> Pattern {
    match pattern {
        Pat::Ident(ident) => {
            let name = ident.ident.to_string();
            let plain = ident.by_ref.is_none() && ident.mutability.is_none();
            // `None`, `MAX`: a constant, for no variable is spelt so.
            if plain && ident.subpat.is_none() && name.starts_with(char::is_uppercase) {
                return Pattern::Nothing;
            }
            Pattern::Name(Name {
                name,
                extent: extent(ident.ident.span()),
                mutable: ident.mutability.is_some(),
                inner: ident
                    .subpat
                    .as_ref()
                    .map(|(_, inner)| Box::new(self::pattern(inner))),
            })
        }
        Pat::Type(typed) => self::pattern(&typed.pat),
        Pat::Paren(inner) => self::pattern(&inner.pat),
        Pat::Guard(inner) => self::pattern(&inner.pat),
        Pat::Reference(inner) => self::pattern(&inner.pat),
        Pat::Tuple(tuple) => parts(PartsKind::Tuple, numbered(&tuple.elems)),
        Pat::TupleStruct(it) => {
            let path = types::qualified(it.qself.as_ref(), &it.path);
            parts(PartsKind::TupleStruct(path), numbered(&it.elems))
        }
        Pat::Struct(it) => {
            let path = types::qualified(it.qself.as_ref(), &it.path);
            let fields = it.fields.iter().map(|field| {
                let name = member(&field.member);
                (name, self::pattern(&field.pat))
            });
            parts(PartsKind::Struct(path), fields.collect())
        }
        Pat::Slice(slice) => parts(PartsKind::Other, numbered(&slice.elems)),
        Pat::Or(or) => parts(PartsKind::Other, numbered(&or.cases)),
        _ => Pattern::Nothing,
    }
}

pub fn member(member: &Member) -> String {
    match member {
        Member::Named(name) => name.to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}

fn numbered<'a>(patterns: impl IntoIterator<Item = &'a Pat>) -> Vec<(String, Pattern)> {
    let patterns = patterns.into_iter().enumerate();
    patterns
        .map(|(index, pattern)| (index.to_string(), self::pattern(pattern)))
        .collect()
}

fn parts(kind: PartsKind, parts: Vec<(String, Pattern)>) -> Pattern {
    Pattern::Parts(Parts { kind, parts })
}
