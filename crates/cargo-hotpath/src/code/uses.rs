//! How variables are named and used in an expression.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Expr, ExprField, ExprPath, Member};

/// The variable or field that an expression begins with: `out` of `out.rows[3]` is `out.rows`, `self.a`
/// of `&mut self.a.iter()`.
pub fn root(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Path(path) => plain(path),
        Expr::Field(field) => of_field(field),
        Expr::Index(index) => root(&index.expr),
        Expr::MethodCall(call) => root(&call.receiver),
        Expr::Reference(reference) => root(&reference.expr),
        Expr::Paren(inner) => root(&inner.expr),
        Expr::Try(inner) => root(&inner.expr),
        Expr::Unary(unary) => root(&unary.expr),
        _ => None,
    }
}

/// A path of one segment.
pub fn plain(path: &ExprPath) -> Option<String> {
    let mut segments = path.path.segments.iter();
    let first = segments.next()?.ident.to_string();
    segments.next().is_none().then_some(first)
}

fn of_field(field: &ExprField) -> Option<String> {
    let base = root(&field.base)?;
    match &field.member {
        Member::Named(name) if !base.contains('.') => Some(format!("{base}.{name}")),
        _ => Some(base),
    }
}

/// A field of a variable.
pub fn own_field(field: &ExprField) -> Option<String> {
    matches!(*field.base, Expr::Path(_))
        .then(|| of_field(field))
        .flatten()
}

/// A variable or a field of one, and nothing else.
pub fn variable(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Path(path) => plain(path),
        Expr::Field(field) => own_field(field),
        Expr::Paren(inner) => variable(&inner.expr),
        _ => None,
    }
}

/// The identifiers of a piece of code that may be variables: those in lower case that are no method, no
/// field and no path. Names in the text of a format string count too.
pub fn names(tokens: TokenStream) -> Vec<String> {
    let mut names = Vec::new();
    collect(tokens, &mut names);
    names.sort();
    names.dedup();
    names
}

fn collect(tokens: TokenStream, names: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is = |at: usize, wanted: char| match tokens.get(at) {
        Some(TokenTree::Punct(punct)) => punct.as_char() == wanted,
        _ => false,
    };
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => collect(group.stream(), names),
            TokenTree::Ident(ident) => {
                let name = ident.to_string();
                let after_dot = at > 0 && is(at - 1, '.') && !(at > 1 && is(at - 2, '.'));
                let in_path = is(at + 1, ':') && is(at + 2, ':')
                    || at > 1 && is(at - 1, ':') && is(at - 2, ':');
                let calls = is(at + 1, '!');
                let called = matches!(tokens.get(at + 1), Some(TokenTree::Group(group))
                    if group.delimiter() == proc_macro2::Delimiter::Parenthesis);
                if !after_dot && !in_path && !calls && !called && !is_keyword(&name) {
                    names.push(name);
                }
            }
            TokenTree::Literal(literal) => names.extend(in_format(&literal.to_string())),
            TokenTree::Punct(_) => {}
        }
    }
}

fn is_keyword(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "as", "mut", "ref", "move", "if", "else", "match", "let", "in", "for", "while", "loop",
        "return", "true", "false", "async", "await", "unsafe", "const", "static", "fn", "dyn",
        "impl", "where", "_",
    ];
    WORDS.contains(&name)
}

/// `{name}` and `{name:>5}` in a string.
pub fn in_format(literal: &str) -> Vec<String> {
    if !literal.starts_with('"') {
        return Vec::new();
    }
    let inside = literal.split('{').skip(1);
    let name = |text: &str| -> Option<String> {
        let end = text.find([':', '}'])?;
        let name = text[..end].trim();
        let is_name = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        is_name.then(|| name.to_owned())
    };
    inside.filter_map(name).collect()
}
