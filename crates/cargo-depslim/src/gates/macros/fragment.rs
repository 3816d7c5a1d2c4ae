//! How many tokens a fragment (`$x:ty`) of a macro's pattern takes.

use proc_macro2::{Delimiter, Spacing, TokenTree};
use syn::parse::{Parse, ParseStream, Parser as _};

use super::super::attributes;
use super::super::item;
use super::super::tokens::{any_group, group, ident, is_ident, is_path_separator, is_punct};

pub(super) fn length(kind: &str, tokens: &[TokenTree]) -> Option<usize> {
    match kind {
        "tt" => tree(tokens),
        "ident" => ident(tokens.first()).filter(|name| name != "_").map(|_| 1),
        "lifetime" => (is_punct(tokens.first(), '\'') && tokens.len() > 1).then_some(2),
        "literal" => literal(tokens),
        "block" => group(tokens.first(), Delimiter::Brace).map(|_| 1),
        "vis" => Some(visibility(tokens)),
        "meta" => meta(tokens),
        "item" => item::next(tokens).map(|(item, length)| {
            // The semicolon behind a macro call is the item's.
            let is_call = item.kind == item::Kind::MacroCall;
            length + usize::from(is_call && is_punct(tokens.get(length), ';'))
        }),
        "ty" => parsed::<syn::Type>(tokens),
        "path" => parsed::<syn::Path>(tokens),
        "expr" | "expr_2021" => parsed::<syn::Expr>(tokens),
        "pat" | "pat_param" => parsed_by(tokens, |input| {
            syn::Pat::parse_multi_with_leading_vert(input).map(drop)
        }),
        "stmt" => parsed::<syn::Stmt>(tokens).or_else(|| parsed::<syn::Expr>(tokens)),
        _ => None,
    }
}

/// One tree; an operator of several characters is one.
fn tree(tokens: &[TokenTree]) -> Option<usize> {
    let first = tokens.first()?;
    let TokenTree::Punct(punct) = first else {
        return Some(1);
    };
    if punct.as_char() == '\'' {
        return Some(2.min(tokens.len()));
    }
    let mut text = String::from(punct.as_char());
    let mut length = 1;
    let mut joint = punct.spacing() == Spacing::Joint;
    while joint {
        let Some(TokenTree::Punct(next)) = tokens.get(length) else {
            break;
        };
        text.push(next.as_char());
        if !OPERATORS.contains(&text.as_str()) {
            break;
        }
        length += 1;
        joint = next.spacing() == Spacing::Joint;
    }
    Some(length)
}

const OPERATORS: &[&str] = &[
    "::", "->", "=>", "==", "!=", "<=", ">=", "&&", "||", "+=", "-=", "*=", "/=", "%=", "^=", "&=",
    "|=", "<<", ">>", "<<=", ">>=", "..", "...", "..=", "<-",
];

fn literal(tokens: &[TokenTree]) -> Option<usize> {
    let sign = usize::from(is_punct(tokens.first(), '-'));
    let at = tokens.get(sign);
    let is_literal =
        matches!(at, Some(TokenTree::Literal(_))) || is_ident(at, "true") || is_ident(at, "false");
    is_literal.then_some(sign + 1)
}

fn visibility(tokens: &[TokenTree]) -> usize {
    item::visibility(tokens, 0).1
}

/// What may stand between the brackets of an attribute.
fn meta(tokens: &[TokenTree]) -> Option<usize> {
    let mut at = 0;
    ident(tokens.first())?;
    at += 1;
    while is_path_separator(tokens, at) {
        ident(tokens.get(at + 2))?;
        at += 3;
    }
    if any_group(tokens.get(at)).is_some() {
        return Some(at + 1);
    }
    if is_punct(tokens.get(at), '=') {
        return Some(at + 1 + parsed::<syn::Expr>(tokens.get(at + 1..)?)?);
    }
    Some(at)
}

fn parsed<T: Parse>(tokens: &[TokenTree]) -> Option<usize> {
    parsed_by(tokens, |input| input.parse::<T>().map(drop))
}

/// How much of the tokens the parser takes.
fn parsed_by(
    tokens: &[TokenTree],
    parser: impl FnOnce(ParseStream<'_>) -> syn::Result<()>,
) -> Option<usize> {
    // Attributes in front of an expression would hide where it starts.
    if attributes::leading(tokens).1 == tokens.len() {
        return None;
    }
    let counted = |input: ParseStream<'_>| {
        parser(input)?;
        let rest: proc_macro2::TokenStream = input.parse()?;
        Ok(rest.into_iter().count())
    };
    let rest = counted.parse2(tokens.iter().cloned().collect()).ok()?;
    tokens.len().checked_sub(rest).filter(|length| *length > 0)
}
