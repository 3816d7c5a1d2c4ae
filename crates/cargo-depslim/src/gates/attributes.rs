//! Attributes, and the condition that they put on what they stand before.

use proc_macro2::{Delimiter, TokenTree};

use super::cfg::{Cfg, split_commas};
use super::tokens::{group, ident, is_path_separator, is_punct, trees};

/// One attribute, `cfg_attr` already opened.
#[derive(Debug, Clone)]
pub(crate) struct Attribute {
    /// The last segment of its path.
    pub name: String,
    pub path: Vec<String>,
    pub args: Vec<TokenTree>,
    /// When it is there at all.
    pub gate: Cfg,
}

/// The attributes at the start of `tokens`, and how many tokens they take.
pub(crate) fn leading(tokens: &[TokenTree]) -> (Vec<Attribute>, usize) {
    read(tokens, 0, false)
}

/// The inner attributes (`#![..]`) at the start of a file, a module or a block.
pub(crate) fn inner(tokens: &[TokenTree]) -> (Vec<Attribute>, usize) {
    read(tokens, 0, true)
}

fn read(tokens: &[TokenTree], mut at: usize, inner: bool) -> (Vec<Attribute>, usize) {
    let mut found = Vec::new();
    while is_punct(tokens.get(at), '#') {
        let has_mark = is_punct(tokens.get(at + 1), '!');
        let body = at + 1 + usize::from(has_mark);
        let Some(group) = group(tokens.get(body), Delimiter::Bracket) else {
            break;
        };
        if has_mark != inner {
            break;
        }
        open(&trees(group.stream()), &Cfg::ALWAYS, &mut found);
        at = body + 1;
    }
    (found, at)
}

fn open(tokens: &[TokenTree], gate: &Cfg, found: &mut Vec<Attribute>) {
    let mut at = 0;
    let mut path = Vec::new();
    while let Some(part) = ident(tokens.get(at)) {
        path.push(part);
        at += 1;
        // `#[unsafe(no_mangle)]` and paths.
        if !is_path_separator(tokens, at) {
            break;
        }
        at += 2;
    }
    let args = match group(tokens.get(at), Delimiter::Parenthesis) {
        Some(group) => trees(group.stream()),
        None => tokens.get(at..).unwrap_or_default().to_vec(),
    };
    let name = path.last().cloned().unwrap_or_default();
    if name != "cfg_attr" {
        found.push(Attribute {
            name,
            path,
            args,
            gate: gate.clone(),
        });
        return;
    }
    let parts = split_commas(&args);
    let Some((condition, attributes)) = parts.split_first() else {
        return;
    };
    let Some(condition) = Cfg::parse(condition) else {
        return;
    };
    let gate = gate.clone().and(condition);
    for attribute in attributes {
        open(attribute, &gate, found);
    }
}

/// When that is compiled which these attributes stand before.
pub(crate) fn gate(attributes: &[Attribute]) -> Cfg {
    let conditions = attributes.iter().filter(|a| a.name == "cfg");
    conditions.fold(Cfg::ALWAYS, |gate, attribute| {
        // A condition that cannot be read, as a nightly one, is taken as met.
        let own = Cfg::parse(&attribute.args).unwrap_or(Cfg::ALWAYS);
        // `cfg_attr(a, cfg(b))`: b, where a.
        let own = match &attribute.gate {
            Cfg::Const(true) => own,
            when => Cfg::any(vec![when.clone().negated(), own]),
        };
        gate.and(own)
    })
}

/// Attributes that change no behaviour of the program, whatever their condition. How fast it is
/// belongs to its behaviour: who asks for `perf-inline` means it.
const INERT: &[&str] = &[
    "allow",
    "automatically_derived",
    "cfg",
    "clippy",
    "deny",
    "deprecated",
    "derive",
    "diagnostic",
    "doc",
    "docsrs",
    "expect",
    "feature",
    "forbid",
    "ignore",
    "macro_export",
    "macro_use",
    "must_use",
    "no_std",
    "non_exhaustive",
    "path",
    "rustfmt",
    "track_caller",
    "warn",
];

/// Attributes that are there only under some condition and could change what the program does.
pub(super) fn conditional(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    // Helpers of a derive, as `serde(rename)`, come and go with it.
    let derives = |gate: &Cfg| {
        attributes
            .iter()
            .any(|attribute| attribute.name == "derive" && attribute.gate == *gate)
    };
    attributes.iter().filter(move |attribute| {
        attribute.gate.names_features()
            && !INERT.contains(&attribute.name.as_str())
            && !derives(&attribute.gate)
    })
}

/// The names in `derive(..)`, each with when it is derived.
pub(super) fn derives(attributes: &[Attribute]) -> Vec<(String, Cfg)> {
    let mut found = Vec::new();
    for attribute in attributes.iter().filter(|a| a.name == "derive") {
        for part in split_commas(&attribute.args) {
            let last = part.iter().rev().find_map(|tree| ident(Some(tree)));
            found.extend(last.map(|name| (name, attribute.gate.clone())));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(text: &str) -> (Vec<Attribute>, usize) {
        leading(&trees(text.parse().unwrap()))
    }

    #[test]
    fn conditions_of_all_attributes_hold_together() {
        let (found, length) = attributes(
            "#[cfg(feature = \"a\")] #[doc = \"x\"] #[cfg_attr(docsrs, doc(cfg(a)))] \
             #[cfg_attr(feature = \"b\", cfg(unix))] pub fn f() {}",
        );
        assert_eq!(length, 8);
        assert_eq!(
            gate(&found).to_string(),
            "all(feature = \"a\", any(not(feature = \"b\"), unix))"
        );
    }

    #[test]
    fn only_attributes_that_may_change_behaviour_count() {
        let (found, _) = attributes(
            "#[cfg_attr(feature = \"serde\", derive(Debug, serde::Serialize), serde(rename = \"x\"))] \
             #[cfg_attr(feature = \"trace\", tracing::instrument, must_use)] \
             #[cfg_attr(not(feature = \"full\"), allow(dead_code))] struct S;",
        );
        let names: Vec<&str> = conditional(&found).map(|a| a.name.as_str()).collect();
        assert_eq!(names, ["instrument"]);
        let derived: Vec<String> = derives(&found).into_iter().map(|(name, _)| name).collect();
        assert_eq!(derived, ["Debug", "Serialize"]);
    }
}
