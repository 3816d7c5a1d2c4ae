//! The macros that let their arguments into a build, or keep them out, by a feature.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenTree};

use crate::gates::tokens::{group, ident, is_ident, is_punct, trees};

/// Adds the `macro_rules!` in `tokens` that write a condition on a feature.
pub fn gather(tokens: &[TokenTree], found: &mut BTreeSet<String>) {
    for (at, tree) in tokens.iter().enumerate() {
        if let TokenTree::Group(inner) = tree {
            gather(&trees(inner.stream()), found);
        }
        if !is_ident(Some(tree), "macro_rules") || !is_punct(tokens.get(at + 1), '!') {
            continue;
        }
        let body = group(tokens.get(at + 3), Delimiter::Brace);
        let body = body.or_else(|| group(tokens.get(at + 3), Delimiter::Parenthesis));
        if let (Some(name), Some(body)) = (ident(tokens.get(at + 2)), body)
            && names_feature(&trees(body.stream()))
        {
            found.insert(name);
        }
    }
}

fn names_feature(tokens: &[TokenTree]) -> bool {
    tokens.iter().any(|tree| match tree {
        TokenTree::Group(group) => names_feature(&trees(group.stream())),
        tree => is_ident(Some(tree), "feature"),
    })
}

/// Whether the macro is one of them, or has the name of one of another crate.
pub fn chooses(name: &str, own: &BTreeSet<String>) -> bool {
    name.starts_with("cfg_") || own.contains(name)
}
