//! Matches the arguments of a macro against a pattern. Repetitions take as much as they can, which is
//! what the compiler does wherever it does not call the macro ambiguous.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, TokenTree};

use super::super::tokens::trees;
use super::Pattern;
use super::fragment;

/// What a variable stands for.
#[derive(Debug, Clone)]
pub(super) enum Binding {
    Tokens(Vec<TokenTree>),
    Turns(Vec<Binding>),
}

pub(super) type Bindings = BTreeMap<String, Binding>;

/// The variables, where the pattern takes all of the tokens.
pub(super) fn matched(pattern: &[Pattern], tokens: &[TokenTree]) -> Option<Bindings> {
    let mut bindings = Bindings::new();
    let end = sequence(pattern, tokens, 0, &mut bindings)?;
    (end == tokens.len()).then_some(bindings)
}

fn sequence(
    pattern: &[Pattern],
    tokens: &[TokenTree],
    mut at: usize,
    bindings: &mut Bindings,
) -> Option<usize> {
    for (index, part) in pattern.iter().enumerate() {
        at = match part {
            Pattern::Token(expected) => {
                let found = tokens.get(at)?;
                if !is_same(expected, found) {
                    return None;
                }
                at + 1
            }
            Pattern::Group(delimiter, inner) => {
                let inside = delimited(tokens.get(at)?, *delimiter)?;
                let end = sequence(inner, &inside, 0, bindings)?;
                if end != inside.len() {
                    return None;
                }
                at + 1
            }
            Pattern::Fragment { name, kind } => {
                let length = fragment::length(kind, tokens.get(at..)?)?;
                let taken = tokens.get(at..at + length)?.to_vec();
                bindings.insert(name.clone(), Binding::Tokens(taken));
                at + length
            }
            Pattern::Repeat {
                inner,
                separator,
                operator,
            } => {
                let repetition = Repetition {
                    inner,
                    separator,
                    operator: *operator,
                    follow: pattern.get(index + 1),
                };
                repetition.take(tokens, at, bindings)?
            }
        };
    }
    Some(at)
}

struct Repetition<'p> {
    inner: &'p [Pattern],
    separator: &'p [TokenTree],
    operator: char,
    follow: Option<&'p Pattern>,
}

impl Repetition<'_> {
    fn take(&self, tokens: &[TokenTree], mut at: usize, bindings: &mut Bindings) -> Option<usize> {
        let mut turns: Vec<Bindings> = Vec::new();
        let most = if self.operator == '?' { 1 } else { usize::MAX };
        while at < tokens.len() && turns.len() < most {
            let mut start = at;
            if !turns.is_empty() && !self.separator.is_empty() {
                let Some(after) = literal(self.separator, tokens, at) else {
                    break;
                };
                start = after;
            } else if self.is_follow(&tokens[at]) {
                break;
            }
            let mut own = Bindings::new();
            match sequence(self.inner, tokens, start, &mut own) {
                Some(end) if end > at => {
                    turns.push(own);
                    at = end;
                }
                _ => break,
            }
        }
        if self.operator == '+' && turns.is_empty() {
            return None;
        }
        let mut names = Vec::new();
        variables(self.inner, &mut names);
        for name in names {
            let of_turns = turns.iter().filter_map(|turn| turn.get(&name).cloned());
            let of_turns = of_turns.collect();
            bindings.insert(name, Binding::Turns(of_turns));
        }
        Some(at)
    }

    /// A repetition of anything ends before the literal token that follows it.
    fn is_follow(&self, token: &TokenTree) -> bool {
        let starts_loose = matches!(
            self.inner.first(),
            Some(Pattern::Fragment { kind, .. }) if kind == "tt" || kind == "ident"
        );
        match self.follow {
            Some(Pattern::Token(expected)) => starts_loose && is_same(expected, token),
            _ => false,
        }
    }
}

fn literal(expected: &[TokenTree], tokens: &[TokenTree], at: usize) -> Option<usize> {
    let found = tokens.get(at..at + expected.len())?;
    let same = expected.iter().zip(found).all(|(a, b)| is_same(a, b));
    same.then_some(at + expected.len())
}

fn delimited(tree: &TokenTree, delimiter: Delimiter) -> Option<Vec<TokenTree>> {
    match tree {
        TokenTree::Group(group) if group.delimiter() == delimiter => Some(trees(group.stream())),
        _ => None,
    }
}

fn is_same(expected: &TokenTree, found: &TokenTree) -> bool {
    match (expected, found) {
        (TokenTree::Ident(a), TokenTree::Ident(b)) => a == b,
        (TokenTree::Punct(a), TokenTree::Punct(b)) => a.as_char() == b.as_char(),
        (TokenTree::Literal(a), TokenTree::Literal(b)) => a.to_string() == b.to_string(),
        _ => false,
    }
}

fn variables(pattern: &[Pattern], found: &mut Vec<String>) {
    for part in pattern {
        match part {
            Pattern::Fragment { name, .. } => found.push(name.clone()),
            Pattern::Group(_, inner) | Pattern::Repeat { inner, .. } => variables(inner, found),
            Pattern::Token(_) => {}
        }
    }
}
