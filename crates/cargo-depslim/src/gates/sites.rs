//! Finds conditions inside of bodies: on statements, arms, fields, elements, and in `cfg!`. It goes by
//! tokens and not by a syntax tree, so that the arguments of macros are read like any other code.

use std::rc::Rc;

use proc_macro2::{Delimiter, TokenTree};

use super::attributes::{self, Attribute};
use super::cfg::Cfg;
use super::macros::{Fuel, Macros};
use super::model::{Owner, Place, Shape, Site};
use super::tokens::{
    Mentions, any_group, group, has_ident, ident, is_arrow, is_ident, is_path_separator, is_punct,
    line_of, trees,
};

/// What the scan of a body needs to know of the crate around it.
pub(super) struct Body<'a> {
    pub macros: &'a Macros,
    pub fuel: &'a Fuel,
    pub owner: &'a Owner,
    pub outer: &'a Cfg,
    pub file: usize,
    pub sites: &'a mut Vec<Site>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Inside {
    /// Statements, arms, or the fields of a struct expression.
    Braces,
    /// Fields of a struct, variants of an enum.
    Declaration,
    /// Elements and arguments.
    List,
    /// Parameters of a function.
    Parameters,
}

/// What one turn of the scan is under.
#[derive(Clone, Copy)]
struct Under<'g> {
    gate: &'g Cfg,
    inside: Inside,
    depth: u32,
}

impl Body<'_> {
    pub fn scan(&mut self, tokens: &[TokenTree], inside: Inside) {
        let under = Under {
            gate: &Cfg::ALWAYS,
            inside,
            depth: 0,
        };
        self.tokens(tokens, under);
    }

    fn tokens(&mut self, tokens: &[TokenTree], under: Under<'_>) {
        let mut at = attributes::inner(tokens).1;
        while at < tokens.len() {
            if is_punct(tokens.get(at), '#') {
                let (found, length) = attributes::leading(&tokens[at..]);
                if length > 0 {
                    let start = at + length;
                    let end = self.attributed(&found, tokens, start, under);
                    at = end.max(start);
                    continue;
                }
            }
            if let Some(end) = self.macro_call(tokens, at, under) {
                at = end;
                continue;
            }
            if let Some(inner) = any_group(tokens.get(at)) {
                let inside = match inner.delimiter() {
                    Delimiter::Brace => Inside::Braces,
                    _ => Inside::List,
                };
                let under = Under { inside, ..under };
                self.tokens(&trees(inner.stream()), under);
            }
            at += 1;
        }
    }

    /// What these attributes stand before; returns where it ends.
    fn attributed(
        &mut self,
        found: &[Attribute],
        tokens: &[TokenTree],
        start: usize,
        under: Under<'_>,
    ) -> usize {
        let (end, shape) = extent(tokens, start, under.inside);
        let part = &tokens[start..end];
        let own = attributes::gate(found);
        let gate = under.gate.clone().and(own.clone());
        if own.names_features() {
            self.push(
                gate.clone(),
                shape,
                Mentions::of(part),
                line_of(part.first()),
            );
        }
        for attribute in attributes::conditional(found) {
            let gate = gate.clone().and(attribute.gate.clone());
            let line = line_of(part.first());
            self.push(gate, Shape::Attribute, Mentions::of(&attribute.args), line);
        }
        self.tokens(
            part,
            Under {
                gate: &gate,
                ..under
            },
        );
        end
    }

    fn push(&mut self, gate: Cfg, shape: Shape, mentions: Mentions, line: u32) {
        self.sites.push(Site {
            owner: self.owner.clone(),
            outer: self.outer.clone(),
            gate,
            shape,
            mentions,
            place: Place {
                file: self.file,
                line,
            },
        });
    }

    /// A call of a macro at `at`; returns where it ends, where it was read here.
    fn macro_call(&mut self, tokens: &[TokenTree], at: usize, under: Under<'_>) -> Option<usize> {
        let name = ident(tokens.get(at))?;
        if !is_punct(tokens.get(at + 1), '!') {
            return None;
        }
        let arguments = any_group(tokens.get(at + 2))?;
        let arguments = trees(arguments.stream());
        let end = at + 3;
        if name == "cfg" {
            let own = Cfg::parse(&arguments)?;
            if own.names_features() {
                let gate = under.gate.clone().and(own);
                let mentions = Mentions::of(statement_around(tokens, at));
                self.push(gate, Shape::Value, mentions, line_of(tokens.get(at)));
            }
            return Some(end);
        }
        if name == "cfg_select" {
            self.select(&arguments, under);
            return Some(end);
        }
        let definitions = Rc::clone(self.macros.get(&name)?);
        let asks = has_ident(&arguments, "cfg");
        for definition in definitions.iter() {
            let depends = definition.gate.names_features();
            if !(depends || definition.conditional || asks) || !self.fuel.take(under.depth) {
                continue;
            }
            let gate = under.gate.clone().and(definition.gate.clone());
            let expanded = definition.expand(&arguments);
            if depends {
                let mut mentions = Mentions::of(&arguments);
                if let Some(expanded) = &expanded {
                    mentions.add(&Mentions::of(expanded));
                }
                let line = line_of(tokens.get(at));
                self.push(gate.clone(), Shape::Statement, mentions, line);
            }
            let under = Under {
                gate: &gate,
                inside: under.inside,
                depth: under.depth + 1,
            };
            self.tokens(expanded.as_deref().unwrap_or(&arguments), under);
        }
        Some(end)
    }

    /// `cfg_select! { a => { .. } _ => { .. } }`, which is the standard library's.
    fn select(&mut self, arms: &[TokenTree], under: Under<'_>) {
        let mut before = Vec::new();
        let mut at = 0;
        while at < arms.len() {
            let Some(arrow) = (at..arms.len()).find(|index| is_arrow(arms, *index, '=')) else {
                return;
            };
            let own = if is_ident(arms.get(at), "_") {
                Some(Cfg::ALWAYS)
            } else {
                Cfg::parse(&arms[at..arrow])
            };
            let Some(own) = own else { return };
            let none_before = Cfg::any(before.clone()).negated();
            let own_alone = own.clone().and(none_before);
            let gate = under.gate.clone().and(own_alone.clone());
            before.push(own);
            let end = match any_group(arms.get(arrow + 2)) {
                Some(_) => arrow + 3,
                None => (arrow..arms.len())
                    .find(|index| is_punct(arms.get(*index), ','))
                    .unwrap_or(arms.len()),
            };
            let part = &arms[arrow + 2..end];
            if own_alone.names_features() {
                let line = line_of(part.first());
                self.push(gate.clone(), Shape::Statement, Mentions::of(part), line);
            }
            self.tokens(
                part,
                Under {
                    gate: &gate,
                    ..under
                },
            );
            at = end + usize::from(is_punct(arms.get(end), ','));
        }
    }
}

/// The statement that holds the token at `at`.
fn statement_around(tokens: &[TokenTree], at: usize) -> &[TokenTree] {
    let is_end = |tree: &TokenTree| is_punct(Some(tree), ';');
    let start = tokens[..at].iter().rposition(is_end).map_or(0, |at| at + 1);
    let end = tokens[at..].iter().position(is_end);
    &tokens[start..end.map_or(tokens.len(), |end| at + end)]
}

/// Where that ends which begins at `start`, and what it is.
fn extent(tokens: &[TokenTree], start: usize, inside: Inside) -> (usize, Shape) {
    match inside {
        Inside::List => (comma(tokens, start, false), Shape::Element),
        Inside::Parameters => (comma(tokens, start, true), Shape::Parameter),
        Inside::Declaration => (comma(tokens, start, true), Shape::FieldOrVariant),
        Inside::Braces => {
            if let Some(end) = arm(tokens, start) {
                return (end, Shape::Arm);
            }
            if is_field_value(tokens, start) {
                return (comma(tokens, start, false), Shape::FieldValue);
            }
            (statement(tokens, start), Shape::Statement)
        }
    }
}

/// Past the next comma; commas between angle brackets are the type's where types stand.
fn comma(tokens: &[TokenTree], start: usize, of_types: bool) -> usize {
    let mut depth = 0_i32;
    let mut at = start;
    while at < tokens.len() {
        if is_arrow(tokens, at, '-') || is_arrow(tokens, at, '=') {
            at += 2;
            continue;
        }
        if of_types && is_punct(tokens.get(at), '<') {
            depth += 1;
        } else if of_types && is_punct(tokens.get(at), '>') {
            depth -= 1;
        } else if depth <= 0 && is_punct(tokens.get(at), ',') {
            return at + 1;
        }
        at += 1;
    }
    tokens.len()
}

/// The end of a `match` arm: an arrow comes before any end of a statement.
fn arm(tokens: &[TokenTree], start: usize) -> Option<usize> {
    let arrow = (start..tokens.len())
        .take_while(|at| !is_punct(tokens.get(*at), ';') && !is_punct(tokens.get(*at), '#'))
        .find(|at| is_arrow(tokens, *at, '='))?;
    let body = arrow + 2;
    let is_block = group(tokens.get(body), Delimiter::Brace).is_some();
    if is_block {
        // `=> {}.x(),` goes on to its comma.
        let goes_on = is_punct(tokens.get(body + 1), '.') || is_punct(tokens.get(body + 1), '?');
        if !goes_on {
            return Some(body + 1 + usize::from(is_punct(tokens.get(body + 1), ',')));
        }
    }
    Some(comma(tokens, body, false))
}

/// `name: value` or `name,` in a struct expression or pattern.
fn is_field_value(tokens: &[TokenTree], start: usize) -> bool {
    let mut at = start;
    while is_ident(tokens.get(at), "ref") || is_ident(tokens.get(at), "mut") {
        at += 1;
    }
    let is_name = ident(tokens.get(at)).is_some();
    let colon = is_punct(tokens.get(at + 1), ':') && !is_path_separator(tokens, at + 1);
    // `'a: loop {}` begins with a punct, and so is no name.
    is_name && (colon || is_punct(tokens.get(at + 1), ','))
}

/// Words after which the next braces end the statement.
const BLOCKS: &[&str] = &[
    "if",
    "match",
    "for",
    "while",
    "loop",
    "unsafe",
    "fn",
    "impl",
    "mod",
    "struct",
    "trait",
    "enum",
    "async",
    "const",
    "pub",
    "extern",
    "macro_rules",
    "union",
];

fn statement(tokens: &[TokenTree], start: usize) -> usize {
    let first = tokens.get(start);
    let word = ident(first).unwrap_or_default();
    let is_block = group(first, Delimiter::Brace).is_some()
        || BLOCKS.contains(&word.as_str())
        // A label.
        || is_punct(first, '\'');
    let mut at = start;
    while at < tokens.len() {
        if is_punct(tokens.get(at), ';') {
            return at + 1;
        }
        let braces = group(tokens.get(at), Delimiter::Brace).is_some();
        // `m! { .. }` ends with its braces too.
        let of_macro = braces && at > start + 1 && is_punct(tokens.get(at - 1), '!');
        if braces && (is_block || (of_macro && at == start + 2)) {
            let next = tokens.get(at + 1);
            let goes_on = is_ident(next, "else")
                || is_punct(next, '.')
                || is_punct(next, '?')
                || is_ident(next, "as");
            if !goes_on {
                return at + 1 + usize::from(is_punct(next, ';'));
            }
        }
        at += 1;
    }
    tokens.len()
}
