//! Walking over token trees: where things end, and what they mention.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The trees of a stream. Groups without delimiters, in which macros hand fragments on, are opened.
pub(crate) fn trees(stream: TokenStream) -> Vec<TokenTree> {
    let mut out = Vec::new();
    push_trees(stream, &mut out);
    out
}

fn push_trees(stream: TokenStream, out: &mut Vec<TokenTree>) {
    for tree in stream {
        match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                push_trees(group.stream(), out);
            }
            tree => out.push(tree),
        }
    }
}

pub(crate) fn is_punct(tree: Option<&TokenTree>, c: char) -> bool {
    matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == c)
}

pub(crate) fn is_ident(tree: Option<&TokenTree>, name: &str) -> bool {
    matches!(tree, Some(TokenTree::Ident(ident)) if *ident == name)
}

pub(crate) fn ident(tree: Option<&TokenTree>) -> Option<String> {
    match tree {
        Some(TokenTree::Ident(ident)) => {
            let name = ident.to_string();
            Some(match name.strip_prefix("r#") {
                Some(bare) => bare.to_owned(),
                None => name,
            })
        }
        _ => None,
    }
}

pub(crate) fn group(tree: Option<&TokenTree>, delimiter: Delimiter) -> Option<&Group> {
    match tree {
        Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

pub(crate) fn any_group(tree: Option<&TokenTree>) -> Option<&Group> {
    match tree {
        Some(TokenTree::Group(group)) => Some(group),
        _ => None,
    }
}

/// `=>`, `->` and the like.
pub(crate) fn is_arrow(tokens: &[TokenTree], at: usize, first: char) -> bool {
    is_punct(tokens.get(at), first) && is_punct(tokens.get(at + 1), '>')
}

pub(crate) fn is_path_separator(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':')
}

/// Past the generic arguments that begin with the `<` at `at`.
pub(crate) fn skip_angles(tokens: &[TokenTree], at: usize) -> usize {
    let mut depth = 0_usize;
    let mut index = at;
    while let Some(tree) = tokens.get(index) {
        if is_arrow(tokens, index, '-') || is_arrow(tokens, index, '=') {
            index += 2;
            continue;
        }
        if is_punct(Some(tree), '<') {
            depth += 1;
        } else if is_punct(Some(tree), '>') {
            depth -= 1;
            if depth == 0 {
                return index + 1;
            }
        }
        index += 1;
    }
    index
}

/// The first index at or behind `at` where `ends` says so outside of angle brackets, or the end.
pub(crate) fn until(
    tokens: &[TokenTree],
    at: usize,
    ends: &dyn Fn(&[TokenTree], usize) -> bool,
) -> usize {
    let mut index = at;
    while index < tokens.len() {
        if ends(tokens, index) {
            return index;
        }
        index = if is_punct(tokens.get(index), '<') {
            skip_angles(tokens, index)
        } else if is_arrow(tokens, index, '-') {
            index + 2
        } else {
            index + 1
        };
    }
    tokens.len()
}

pub(crate) fn line_of(tree: Option<&TokenTree>) -> u32 {
    let line = tree.map_or(0, |tree| tree.span().start().line);
    u32::try_from(line).unwrap_or(u32::MAX)
}

/// What a stretch of code says and names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Every identifier that is no keyword.
    pub names: BTreeSet<String>,
    /// It makes or holds text that is not the message of a panic.
    pub text: bool,
}

/// Words that name nothing.
const KEYWORDS: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub",
    "ref", "return", "self", "Self", "static", "struct", "super", "trait", "true", "type",
    "unsafe", "use", "where", "while", "_",
];

/// Macros and methods whose text is shown where the program is at fault, and nowhere else.
const OF_PANICS: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "compile_error",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "expect",
    "panic",
    "todo",
    "unimplemented",
    "unreachable",
];

const OF_TEXT: &[&str] = &[
    "eprint",
    "eprintln",
    "format",
    "format_args",
    "print",
    "println",
    "write",
    "writeln",
];

impl Mentions {
    pub(crate) fn of(tokens: &[TokenTree]) -> Self {
        let mut mentions = Self::default();
        mentions.read(tokens, true);
        mentions
    }

    fn read(&mut self, tokens: &[TokenTree], counts_text: bool) {
        let mut index = 0;
        while let Some(tree) = tokens.get(index) {
            match tree {
                TokenTree::Ident(_) => {
                    let Some(name) = ident(Some(tree)) else { break };
                    let is_macro = is_punct(tokens.get(index + 1), '!');
                    let arguments = index + 1 + usize::from(is_macro);
                    let inner = any_group(tokens.get(arguments));
                    if let Some(inner) = inner.filter(|_| OF_PANICS.contains(&name.as_str())) {
                        self.read(&trees(inner.stream()), false);
                        index = arguments + 1;
                        continue;
                    }
                    self.text |= counts_text && is_macro && OF_TEXT.contains(&name.as_str());
                    if !KEYWORDS.contains(&name.as_str()) {
                        self.names.insert(name);
                    }
                }
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    self.text |= counts_text && text.contains('"');
                }
                TokenTree::Group(group) => {
                    if is_attribute(tokens, index) {
                        index += 1;
                        continue;
                    }
                    self.read(&trees(group.stream()), counts_text);
                }
                TokenTree::Punct(_) => {}
            }
            index += 1;
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.names.extend(other.names.iter().cloned());
        self.text |= other.text;
    }
}

/// Whether the group at `at` is that of `#[..]` or `#![..]`.
fn is_attribute(tokens: &[TokenTree], at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else {
        return false;
    };
    group(tokens.get(at), Delimiter::Bracket).is_some()
        && (is_punct(tokens.get(before), '#')
            || (is_punct(tokens.get(before), '!')
                && before
                    .checked_sub(1)
                    .is_some_and(|at| is_punct(tokens.get(at), '#'))))
}

/// Whether an identifier of this name stands anywhere in the tokens.
pub(crate) fn has_ident(tokens: &[TokenTree], name: &str) -> bool {
    tokens.iter().any(|tree| match tree {
        TokenTree::Ident(ident) => *ident == name,
        TokenTree::Group(group) => has_ident(&trees(group.stream()), name),
        _ => false,
    })
}
