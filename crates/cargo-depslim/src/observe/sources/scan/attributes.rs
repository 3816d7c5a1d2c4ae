//! Attributes: the `cfg`s that gate what follows, documentation, and the paths and strings in which
//! others name crates.

use pitcrew_core::source::lexer::{Kind, Token};
use pitcrew_core::source::tokens::{
    DEEPEST_ATTRIBUTE, argument_ranges, arguments, closing, string,
};

use super::super::gate::{self, Gate};
use super::super::text;
use super::{MentionKind, Scanner};

/// Attributes whose meaning rustc itself knows.
const BUILTIN: [&str; 46] = [
    "allow",
    "automatically_derived",
    "bench",
    "cold",
    "crate_name",
    "crate_type",
    "default",
    "deny",
    "deprecated",
    "derive",
    "doc",
    "expect",
    "export_name",
    "feature",
    "forbid",
    "global_allocator",
    "ignore",
    "inline",
    "link",
    "link_name",
    "link_section",
    "macro_export",
    "macro_use",
    "must_use",
    "no_implicit_prelude",
    "no_main",
    "no_mangle",
    "no_std",
    "non_exhaustive",
    "panic_handler",
    "path",
    "proc_macro",
    "proc_macro_attribute",
    "proc_macro_derive",
    "recursion_limit",
    "repr",
    "rustfmt",
    "should_panic",
    "target_feature",
    "test",
    "track_caller",
    "type_length_limit",
    "unsafe",
    "used",
    "warn",
    "clippy",
];

/// Derives of the standard library.
const STD_DERIVES: [&str; 9] = [
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Eq",
    "Hash",
    "Ord",
    "PartialEq",
    "PartialOrd",
];

impl<'a> Scanner<'a> {
    /// Reads the attribute at the current `#`; false where there is none.
    pub(super) fn attribute(&mut self) -> bool {
        let inner = self.is(self.at + 1, b'!');
        let open = self.at + 1 + usize::from(inner);
        if !self.is(open, b'[') {
            return false;
        }
        let Some(close) = closing(self.tokens, open) else {
            return false;
        };
        if inner {
            let gate = self.cfg_of(open + 1, close);
            self.frame().gate = self.frame().gate.and(gate);
        } else if self.gated_until <= self.at {
            self.gates_ahead();
        }
        self.attribute_body(open + 1, close, self.gate(), inner, 0);
        self.at = close + 1;
        true
    }

    /// Takes the `cfg`s of all attributes of the item that begins here: they hold for each other too.
    fn gates_ahead(&mut self) {
        let mut at = self.at;
        let mut gate = Gate::default();
        loop {
            match self.kind(at) {
                Some(Kind::OuterDoc) => at += 1,
                Some(Kind::Punct(b'#')) if self.is(at + 1, b'[') => {
                    let Some(close) = closing(self.tokens, at + 1) else {
                        break;
                    };
                    gate = gate.and(self.cfg_of(at + 2, close));
                    at = close + 1;
                }
                _ => break,
            }
        }
        self.gated_until = at;
        let frame = self.frame();
        frame.pending = frame.pending.and(gate);
        // What follows decides where the item ends.
        frame.ends = None;
        frame.angle = 0;
    }

    /// The gate of `cfg(…)`, and none of any other attribute.
    fn cfg_of(&mut self, start: usize, end: usize) -> Gate {
        match &self.tokens[start..end] {
            [cfg, open, inside @ .., _] if cfg.text == "cfg" && open.kind == Kind::Punct(b'(') => {
                // A comma may follow the predicate.
                let predicate = arguments(inside).next().unwrap_or_default();
                let named = &mut self.found.named_features;
                gate::read(predicate, self.scope.features, named)
            }
            _ => Gate::default(),
        }
    }

    /// What stands between an attribute's brackets, or in a `cfg_attr`.
    fn attribute_body(&mut self, start: usize, end: usize, gate: Gate, inner: bool, depth: u32) {
        let tokens = &self.tokens[start..end];
        let Some(first) = tokens.first().filter(|token| token.kind == Kind::Ident) else {
            return;
        };
        let idents = tokens.iter().filter(|token| token.kind == Kind::Ident);
        self.found.may_test |= idents.map(|token| token.text).any(speaks_of_tests);
        self.found.tests += u32::from(first.text == "test");
        match first.text {
            "cfg" => {}
            // One that nests deeper is taken for an attribute that nobody knows.
            "cfg_attr" if depth < DEEPEST_ATTRIBUTE => {
                self.cfg_attr(start, end, gate, inner, depth);
            }
            "path" => {
                if let [_, _, value] = tokens {
                    self.paths.extend(string(*value));
                }
            }
            "doc" => self.doc_attribute(tokens, inner),
            name => {
                self.found.links |= name == "link";
                let foreign = match name {
                    "derive" => has_foreign_derive(&tokens[1..]),
                    _ => !BUILTIN.contains(&name),
                };
                if foreign {
                    self.opaque(gate);
                }
                self.heads_within(start, end, gate);
            }
        }
    }

    fn cfg_attr(&mut self, start: usize, end: usize, gate: Gate, inner: bool, depth: u32) {
        // Behind `cfg_attr(`, and up to its parenthesis.
        let (from, to) = (start + 2, end.saturating_sub(1));
        let Some(inside) = self.tokens.get(from..to) else {
            return;
        };
        let mut parts = argument_ranges(inside).into_iter();
        let Some(predicate) = parts.next() else {
            return;
        };
        let named = &mut self.found.named_features;
        let own = gate::read(&inside[predicate], self.scope.features, named);
        for part in parts {
            let (start, end) = (from + part.start, from + part.end);
            self.attribute_body(start, end, gate.and(own), inner, depth + 1);
        }
    }

    fn doc_attribute(&mut self, tokens: &[Token<'a>], inner: bool) {
        match tokens {
            [_, eq, value] if eq.kind == Kind::Punct(b'=') => {
                if let Some(text) = string(*value) {
                    let before = self.docs.text(&text, inner);
                    self.links_in(&text);
                    if let Some(before) = before {
                        self.documented(&before);
                    }
                }
            }
            [_, _, include, _, _, value, _] if include.text == "include_str" => {
                self.found.documents.extend(string(*value));
            }
            _ => {}
        }
    }

    /// Heads of paths, and names and paths in strings.
    fn heads_within(&mut self, start: usize, end: usize, gate: Gate) {
        for at in start..end {
            let token = self.tokens[at];
            match token.kind {
                Kind::Ident => {
                    let Some(name) = self.scope.names.get(token.text) else {
                        continue;
                    };
                    // `#[macro(crate = name)]`
                    let given =
                        at >= 2 && self.is(at - 1, b'=') && self.ident(at - 2) == Some("crate");
                    let kind = if given {
                        Some(MentionKind::Path)
                    } else if self.is_path_separator(at + 1) {
                        self.head(at)
                    } else {
                        None
                    };
                    if let Some(kind) = kind {
                        self.mention(name, kind, gate, at);
                    }
                }
                Kind::Str => {
                    let value = string(token).unwrap_or_default();
                    // `with = "humantime_serde"`
                    let mut found: Vec<_> = self.scope.names.get(&value).into_iter().collect();
                    text::heads(&value, self.scope.names, &mut |name, _| found.push(name));
                    for name in found {
                        self.mention(name, MentionKind::Text, gate, at);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether a name is that of something which makes tests: `test`, `rstest`, `test_case`, `quickcheck`.
pub(super) fn speaks_of_tests(name: &str) -> bool {
    name.contains("test") || name.contains("check")
}

/// Whether a derive of another crate stands in the list.
fn has_foreign_derive(list: &[Token<'_>]) -> bool {
    let idents = list.iter().filter(|token| token.kind == Kind::Ident);
    let mut names = idents.map(|token| token.text);
    names.any(|name| !STD_DERIVES.contains(&name) && !matches!(name, "std" | "core" | "cmp"))
}
