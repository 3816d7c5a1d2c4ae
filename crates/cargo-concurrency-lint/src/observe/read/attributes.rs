//! What attributes say: test code, and who starts a function.

use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Token};

use super::super::sketch::Attributes;
use crate::facts::Flavor;

/// Attribute macros that make a function the program's start.
const MAINS: [&str; 9] = [
    "tokio",
    "actix_web",
    "actix_rt",
    "async_std",
    "smol_potat",
    "ntex",
    "rocket",
    "macro_rules_attribute",
    "apalis",
];

pub fn of_function(attributes: &[Attribute]) -> Attributes {
    let mut out = Attributes::default();
    for attribute in attributes {
        let path = attribute.path();
        let names: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            // tokio::test, sqlx::test, test_log::test, rstest, proptest, …
            [
                ..,
                "test" | "rstest" | "test_case" | "bench" | "quickcheck" | "test_matrix",
            ] => {
                out.test = true;
                out.is_test = true;
            }
            [krate, "main"] if MAINS.contains(&krate) => out.runtime = Some(flavor(attribute)),
            ["main"] | ["launch"] => out.runtime = Some(flavor(attribute)),
            ["cfg"] => out.test |= is_test_cfg(attribute),
            _ => {}
        }
    }
    out
}

/// Whether the item is compiled for tests only.
pub fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("cfg") && is_test_cfg(attribute))
}

fn is_test_cfg(attribute: &Attribute) -> bool {
    attribute
        .parse_args::<Meta>()
        .is_ok_and(|meta| needs_test(&meta))
}

/// `test`, `all(test, …)`, and `any` of nothing else.
fn needs_test(meta: &Meta) -> bool {
    match meta {
        Meta::Path(path) => path.is_ident("test") || path.is_ident("loom"),
        Meta::List(list) => {
            let inner = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            let Ok(inner) = inner else { return false };
            if list.path.is_ident("all") {
                inner.iter().any(needs_test)
            } else {
                list.path.is_ident("any") && !inner.is_empty() && inner.iter().all(needs_test)
            }
        }
        Meta::NameValue(_) => false,
    }
}

/// `#[tokio::main(flavor = "current_thread")]`; actix runs one thread for each `main`.
fn flavor(attribute: &Attribute) -> Flavor {
    let path = attribute.path();
    let krate = path
        .segments
        .first()
        .map(|segment| segment.ident.to_string());
    if krate
        .as_deref()
        .is_some_and(|name| name.starts_with("actix"))
    {
        return Flavor::CurrentThread;
    }
    let Meta::List(list) = &attribute.meta else {
        return Flavor::MultiThread;
    };
    let pairs = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(list.tokens.clone());
    let single = pairs.into_iter().flatten().any(|meta| match meta {
        Meta::NameValue(pair) if pair.path.is_ident("flavor") => {
            text(&pair.value).is_some_and(|flavor| flavor != "multi_thread")
        }
        _ => false,
    });
    if single {
        Flavor::CurrentThread
    } else {
        Flavor::MultiThread
    }
}

/// The text of `#[path = ".."]`.
pub fn path_of(attributes: &[Attribute]) -> Option<String> {
    attributes
        .iter()
        .find_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("path") => text(&pair.value),
            _ => None,
        })
}

fn text(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}
