//! Expands `macro_rules!` of a crate's own, as far as gates need it: crates wrap their conditions in
//! macros (`cfg_net! { .. }`), and which condition that is stands in the macro and nowhere else.

mod fragment;
mod matching;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::cfg::Cfg;
use super::tokens::{
    any_group, group, has_ident, ident, is_arrow, is_ident, is_path_separator, is_punct, trees,
};
use matching::{Binding, Bindings};

/// One definition of a macro.
#[derive(Debug, Clone)]
pub(super) struct Definition {
    /// When it is there.
    pub gate: Cfg,
    pub rules: Vec<Rule>,
    /// Its text holds a condition, or calls a macro that may.
    pub conditional: bool,
    /// Conditions are among its arguments, as with `cfg_if!`.
    pub takes_conditions: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Rule {
    pattern: Vec<Pattern>,
    pub body: Vec<TokenTree>,
}

#[derive(Debug, Clone)]
enum Pattern {
    Token(TokenTree),
    Group(Delimiter, Vec<Pattern>),
    Fragment {
        name: String,
        kind: String,
    },
    Repeat {
        inner: Vec<Pattern>,
        separator: Vec<TokenTree>,
        operator: char,
    },
}

/// Expansions that one crate may cost; past it macros are read as they stand.
const MOST: u32 = 20_000;
/// No macro that is written by hand goes deeper.
const DEEPEST: u32 = 48;

/// What is left to spend.
#[derive(Debug)]
pub(super) struct Fuel {
    left: Cell<u32>,
}

impl Default for Fuel {
    fn default() -> Self {
        Self {
            left: Cell::new(MOST),
        }
    }
}

impl Fuel {
    /// Takes one expansion at `depth`; false where there is none left.
    pub fn take(&self, depth: u32) -> bool {
        let left = self.left.get();
        if left == 0 || depth > DEEPEST {
            return false;
        }
        self.left.set(left - 1);
        true
    }
}

impl Definition {
    /// Reads the body of `macro_rules! name { .. }`.
    pub fn parse(body: &Group, gate: Cfg) -> Self {
        let tokens = trees(body.stream());
        let mut rules = Vec::new();
        let mut takes_conditions = false;
        let mut at = 0;
        while let Some(pattern) = any_group(tokens.get(at)) {
            let Some(transcriber) = any_group(tokens.get(at + 3)) else {
                break;
            };
            if !is_arrow(&tokens, at + 1, '=') {
                break;
            }
            takes_conditions |= has_ident(&trees(pattern.stream()), "cfg");
            rules.push(Rule {
                pattern: patterns(&trees(pattern.stream())),
                body: trees(transcriber.stream()),
            });
            at += 4;
            at += usize::from(is_punct(tokens.get(at), ';'));
        }
        let holds_cfg = |rule: &Rule| {
            has_ident(&rule.body, "cfg")
                || has_ident(&rule.body, "cfg_attr")
                || has_ident(&rule.body, "cfg_if")
        };
        Self {
            gate,
            conditional: rules.iter().any(holds_cfg),
            takes_conditions,
            rules,
        }
    }

    /// The paths of the macro's own crate that it may name: `$crate::a::b`.
    pub fn paths(&self) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        for rule in &self.rules {
            own_paths(&rule.body, &mut found);
        }
        found.sort();
        found.dedup();
        found
    }

    /// What a call with these arguments stands for; none where no rule takes them.
    pub fn expand(&self, arguments: &[TokenTree]) -> Option<Vec<TokenTree>> {
        self.rules.iter().find_map(|rule| {
            let bindings = matching::matched(&rule.pattern, arguments)?;
            transcribe(&rule.body, &bindings, &[])
        })
    }
}

fn patterns(tokens: &[TokenTree]) -> Vec<Pattern> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(tree) = tokens.get(at) {
        if !is_punct(Some(tree), '$') {
            out.push(match tree {
                TokenTree::Group(group) => {
                    Pattern::Group(group.delimiter(), patterns(&trees(group.stream())))
                }
                tree => Pattern::Token(tree.clone()),
            });
            at += 1;
            continue;
        }
        if let Some(inner) = group(tokens.get(at + 1), Delimiter::Parenthesis) {
            let (separator, operator, length) = repetition(&tokens[at + 2..]);
            out.push(Pattern::Repeat {
                inner: patterns(&trees(inner.stream())),
                separator,
                operator,
            });
            at += 2 + length;
            continue;
        }
        match (ident(tokens.get(at + 1)), ident(tokens.get(at + 3))) {
            (Some(name), Some(kind)) if is_punct(tokens.get(at + 2), ':') => {
                out.push(Pattern::Fragment { name, kind });
                at += 4;
            }
            _ => {
                out.push(Pattern::Token(tree.clone()));
                at += 1;
            }
        }
    }
    out
}

/// The separator and the operator behind `$(..)`, and how many tokens they are.
fn repetition(tokens: &[TokenTree]) -> (Vec<TokenTree>, char, usize) {
    let operator = |tree: Option<&TokenTree>| match tree {
        Some(TokenTree::Punct(punct)) if matches!(punct.as_char(), '*' | '+' | '?') => {
            Some(punct.as_char())
        }
        _ => None,
    };
    // `$(..)+*` repeats with `+` between.
    for length in 0..3 {
        if let Some(found) = operator(tokens.get(length)) {
            let is_separator = length == 0 && operator(tokens.get(1)).is_some() && found != '*';
            if !is_separator {
                return (tokens[..length].to_vec(), found, length + 1);
            }
        }
    }
    (Vec::new(), '*', 0)
}

/// The body with its variables filled in. `indices` tell which turn of each repetition this is.
fn transcribe(
    body: &[TokenTree],
    bindings: &Bindings,
    indices: &[usize],
) -> Option<Vec<TokenTree>> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(tree) = body.get(at) {
        match tree {
            TokenTree::Group(group) => {
                let inner = transcribe(&trees(group.stream()), bindings, indices)?;
                let mut filled = Group::new(group.delimiter(), inner.into_iter().collect());
                filled.set_span(group.span());
                out.push(TokenTree::Group(filled));
                at += 1;
            }
            tree if is_punct(Some(tree), '$') => {
                if let Some(inner) = group(body.get(at + 1), Delimiter::Parenthesis) {
                    let (separator, _, length) = repetition(&body[at + 2..]);
                    let inner = trees(inner.stream());
                    repeat(&inner, &separator, bindings, indices, &mut out)?;
                    at += 2 + length;
                } else {
                    at += 1 + variable(body.get(at + 1), bindings, indices, &mut out)?;
                }
            }
            tree => {
                out.push(tree.clone());
                at += 1;
            }
        }
    }
    Some(out)
}

/// `$name`, `$crate` or a lone `$`; returns how many tokens follow the dollar.
fn variable(
    name: Option<&TokenTree>,
    bindings: &Bindings,
    indices: &[usize],
    out: &mut Vec<TokenTree>,
) -> Option<usize> {
    let Some(name) = ident(name) else {
        return Some(0);
    };
    if name == "crate" {
        let stream: TokenStream = "crate".parse().ok()?;
        out.extend(stream);
        return Some(1);
    }
    match bindings.get(&name) {
        Some(binding) => out.extend(binding.at(indices)?.iter().cloned()),
        None => {
            // A variable of a macro that is defined in this one.
            let stream: TokenStream = format!("$ {name}").parse().ok()?;
            out.extend(stream);
        }
    }
    Some(1)
}

fn repeat(
    inner: &[TokenTree],
    separator: &[TokenTree],
    bindings: &Bindings,
    indices: &[usize],
    out: &mut Vec<TokenTree>,
) -> Option<()> {
    let mut used = Vec::new();
    variables(inner, &mut used);
    let turns = used
        .iter()
        .filter_map(|name| bindings.get(name)?.turns(indices))
        .max()?;
    for turn in 0..turns {
        if turn > 0 {
            out.extend(separator.iter().cloned());
        }
        let mut inside = indices.to_vec();
        inside.push(turn);
        out.extend(transcribe(inner, bindings, &inside)?);
    }
    Some(())
}

fn own_paths(tokens: &[TokenTree], found: &mut Vec<Vec<String>>) {
    for (index, tree) in tokens.iter().enumerate() {
        if let TokenTree::Group(group) = tree {
            own_paths(&trees(group.stream()), found);
        }
        let is_own = is_punct(Some(tree), '$') && is_ident(tokens.get(index + 1), "crate");
        let mut path = Vec::new();
        let mut at = index + 2;
        while is_own && is_path_separator(tokens, at) {
            match ident(tokens.get(at + 2)) {
                Some(name) => path.push(name),
                None => break,
            }
            at += 3;
        }
        // A call of another macro, or of itself, is read where that macro is.
        if !path.is_empty() && !is_punct(tokens.get(at), '!') {
            found.push(path);
        }
    }
}

fn variables(tokens: &[TokenTree], found: &mut Vec<String>) {
    for (index, tree) in tokens.iter().enumerate() {
        match tree {
            TokenTree::Group(group) => variables(&trees(group.stream()), found),
            tree if is_punct(Some(tree), '$') => {
                found.extend(ident(tokens.get(index + 1)));
            }
            _ => {}
        }
    }
}

impl Binding {
    /// The tokens of this turn; a variable that does not repeat is the same in all.
    fn at(&self, indices: &[usize]) -> Option<&[TokenTree]> {
        match (self, indices) {
            (Self::Tokens(tokens), _) => Some(tokens),
            (Self::Turns(turns), [first, rest @ ..]) => turns.get(*first)?.at(rest),
            (Self::Turns(_), []) => None,
        }
    }

    fn turns(&self, indices: &[usize]) -> Option<usize> {
        match (self, indices) {
            (Self::Tokens(_), _) => None,
            (Self::Turns(turns), []) => Some(turns.len()),
            (Self::Turns(turns), [first, rest @ ..]) => turns.get(*first)?.turns(rest),
        }
    }
}

/// All macros that are known by name. Of several definitions of one name each has its condition.
pub(super) type Macros = BTreeMap<String, Rc<Vec<Definition>>>;

#[cfg(test)]
mod tests;
