//! What one source file says, read from its tokens: code blocks in documentation, tests, exported
//! symbols, and which other files it pulls in.

use std::collections::BTreeSet;

use pitcrew_core::source::documentation::Documentation;
use pitcrew_core::source::lexer::{Kind, Token, lex};
use pitcrew_core::source::markdown::compiled_blocks;
use pitcrew_core::source::modules::ModulePlace;
use pitcrew_core::source::tokens::{closing, string};

use super::attributes::{self, Attribute};

/// One file's share of its target's facts.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FileScan {
    pub doctest_blocks: u32,
    pub tests: u32,
    pub exports: bool,
    /// By `#![cfg(…)]`.
    pub condition: Condition,
    /// `mod x;`
    pub modules: Vec<ModuleRef>,
    /// `include!("x.rs")`, relative to the file.
    pub includes: Vec<String>,
    /// `#[doc = include_str!("x.md")]`, relative to the file.
    pub doc_includes: Vec<String>,
    /// Macros called where an item may stand, by the last segment of their path: their expansion
    /// may hold anything.
    pub item_macros: BTreeSet<String>,
    /// The same in what is only compiled for tests.
    pub test_item_macros: BTreeSet<String>,
    /// Macros that `macro_rules!` defines: what they expand to was read with the rest.
    pub defined_macros: BTreeSet<String>,
    /// Something in it generates documentation, tests or items that its text does not show.
    pub unsure: Unsure,
}

/// What a scan may have missed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Unsure {
    pub docs: bool,
    pub tests: bool,
    pub exports: bool,
}

impl Unsure {
    pub const ALL: Self = Self {
        docs: true,
        tests: true,
        exports: true,
    };

    pub fn or(self, other: Self) -> Self {
        Self {
            docs: self.docs || other.docs,
            tests: self.tests || other.tests,
            exports: self.exports || other.exports,
        }
    }
}

/// A module in a file of its own.
#[derive(Debug, PartialEq, Eq)]
pub struct ModuleRef {
    pub place: ModulePlace,
    pub condition: Condition,
}

/// Which builds a module is part of.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    #[default]
    Always,
    /// It, or a module around it, has a `#[cfg]`.
    Cfg,
    /// `#[cfg(test)]`: rustdoc and the finished library do not see it.
    Test,
}

/// Reads a file; one that cannot be split into tokens tells nothing for sure.
pub fn scan(text: &str) -> FileScan {
    let Some(tokens) = lex(text) else {
        return FileScan {
            unsure: Unsure::ALL,
            ..FileScan::default()
        };
    };
    let mut scanner = Scanner {
        tokens: &tokens,
        at: 0,
        found: FileScan::default(),
        docs: Documentation::default(),
        frames: Vec::new(),
        paths: Vec::new(),
        condition: Condition::Always,
        item_start: true,
        public: false,
        unknown_macro: false,
    };
    scanner.run();
    scanner.found
}

/// An open bracket.
enum Frame {
    /// `mod name {`
    Module {
        dir: String,
        condition: Condition,
    },
    Other,
}

struct Scanner<'a> {
    tokens: &'a [Token<'a>],
    at: usize,
    found: FileScan,
    docs: Documentation,
    frames: Vec<Frame>,
    /// `#[path]` attributes of the item that follows.
    paths: Vec<String>,
    /// The `#[cfg]` of the item that follows.
    condition: Condition,
    /// An item may start at the current token.
    item_start: bool,
    /// The current item has a `pub`.
    public: bool,
    /// It has an attribute macro that nothing is known of.
    unknown_macro: bool,
}

impl<'a> Scanner<'a> {
    fn run(&mut self) {
        while let Some(token) = self.tokens.get(self.at).copied() {
            match token.kind {
                Kind::OuterDoc | Kind::InnerDoc => {
                    let inner = token.kind == Kind::InnerDoc;
                    let before = self.docs.comment(token.text, inner);
                    self.count_docs(before);
                    self.at += 1;
                }
                Kind::Punct(b'#') if self.attribute() => {}
                _ => {
                    let ended = self.docs.end();
                    self.count_docs(ended);
                    self.code(token);
                }
            }
        }
        let ended = self.docs.end();
        self.count_docs(ended);
    }

    fn kind(&self, ahead: usize) -> Option<Kind> {
        self.tokens.get(self.at + ahead).map(|token| token.kind)
    }

    fn is(&self, ahead: usize, punct: u8) -> bool {
        self.kind(ahead) == Some(Kind::Punct(punct))
    }

    fn ident(&self, ahead: usize) -> Option<&'a str> {
        let token = self.tokens.get(self.at + ahead)?;
        (token.kind == Kind::Ident).then_some(token.text)
    }

    /// Reads the attribute at the current `#`; false where there is none.
    fn attribute(&mut self) -> bool {
        let inner = self.is(1, b'!');
        let open = self.at + 1 + usize::from(inner);
        if self.tokens.get(open).map(|t| t.kind) != Some(Kind::Punct(b'[')) {
            return false;
        }
        let Some(end) = closing(self.tokens, open) else {
            return false;
        };
        for attribute in attributes::read(&self.tokens[open + 1..end]) {
            match attribute {
                Attribute::Test => self.found.tests += 1,
                Attribute::Export => self.found.exports = true,
                Attribute::Cfg { test } => self.cfg(test, inner),
                Attribute::Macro => self.unknown_macro |= !inner,
                Attribute::Path(path) => self.paths.push(path),
                Attribute::Doc(text) => {
                    let before = self.docs.text(&text, inner);
                    self.count_docs(before);
                }
                Attribute::DocFile(path) => self.found.doc_includes.push(path),
                Attribute::DocUnknown => self.found.unsure.docs = true,
            }
        }
        self.at = end + 1;
        true
    }

    fn cfg(&mut self, test: bool, inner: bool) {
        let condition = if test {
            Condition::Test
        } else {
            Condition::Cfg
        };
        match self.frames.last_mut() {
            _ if !inner => self.condition = self.condition.max(condition),
            None => self.found.condition = self.found.condition.max(condition),
            Some(Frame::Module { condition: c, .. }) => *c = condition.max(*c),
            Some(Frame::Other) => {}
        }
    }

    /// The strictest condition at this place.
    fn condition_here(&self) -> Condition {
        let around = self.frames.iter().map(|frame| match frame {
            Frame::Module { condition, .. } => *condition,
            // In a macro's arguments, as `cfg_if!` has them.
            Frame::Other => Condition::Cfg,
        });
        around.fold(self.condition.max(self.found.condition), Condition::max)
    }

    fn count_docs(&mut self, text: Option<String>) {
        let Some(text) = text else { return };
        let blocks = compiled_blocks(&text).len();
        if blocks > 0 && self.condition_here() != Condition::Test {
            self.found.doctest_blocks += u32::try_from(blocks).unwrap_or(u32::MAX);
        }
    }

    fn code(&mut self, token: Token<'a>) {
        match token.kind {
            Kind::Ident => self.word(token.text),
            Kind::Punct(b'{') => self.open(Frame::Other),
            // The parentheses of `pub(crate)` end nothing.
            Kind::Punct(b'(' | b'[') => {
                self.frames.push(Frame::Other);
                self.at += 1;
                self.item_start = false;
            }
            Kind::Punct(b')' | b']') => {
                self.frames.pop();
                self.at += 1;
            }
            Kind::Punct(b'}') => {
                self.frames.pop();
                self.at += 1;
                self.end_item();
            }
            Kind::Punct(b';' | b',') => {
                self.at += 1;
                self.end_item();
            }
            // `::a::b!` starts where its path does.
            Kind::Punct(b':') => self.at += 1,
            _ => {
                self.at += 1;
                self.item_start = false;
            }
        }
    }

    fn open(&mut self, frame: Frame) {
        self.frames.push(frame);
        self.at += 1;
        self.end_item();
    }

    fn end_item(&mut self) {
        self.item_start = true;
        self.public = false;
        self.unknown_macro = false;
        self.condition = Condition::Always;
        self.paths.clear();
    }

    fn word(&mut self, word: &str) {
        match word {
            // Of these a macro can make functions that are called from outside.
            "fn" | "impl" | "mod" | "static" if self.unknown_macro => {
                self.found.unsure.exports |= self.condition_here() != Condition::Test;
            }
            // What stands above a type with derives is mostly theirs.
            "struct" | "enum" | "union" | "trait" => self.unknown_macro = false,
            _ => {}
        }
        match word {
            "mod" => {
                if self.module() {
                    return;
                }
            }
            "pub" => self.public = true,
            "extern" => self.extern_fn(),
            "macro_rules" if self.is(1, b'!') => {
                if let Some(name) = self.ident(2) {
                    self.found.defined_macros.insert(name.to_owned());
                    self.at += 2;
                }
            }
            _ => self.macro_call(word),
        }
        self.at += 1;
        self.item_start = false;
    }

    /// `mod x;` or `mod x {`.
    fn module(&mut self) -> bool {
        if self.is(1, b'$') {
            // A macro names the module: its file is anybody's guess.
            self.found.unsure = Unsure::ALL;
        }
        let Some(name) = self.ident(1) else {
            return false;
        };
        if self.is(2, b'{') {
            let dir = self.paths.pop().unwrap_or_else(|| name.to_owned());
            self.at += 2;
            let condition = self.condition;
            self.open(Frame::Module { dir, condition });
            return true;
        }
        if !self.is(2, b';') {
            return false;
        }
        let inside = self.frames.iter().filter_map(|frame| match frame {
            Frame::Module { dir, .. } => Some(dir.clone()),
            Frame::Other => None,
        });
        self.found.modules.push(ModuleRef {
            condition: self.condition_here(),
            place: ModulePlace {
                name: name.to_owned(),
                inside: inside.collect(),
                paths: std::mem::take(&mut self.paths),
            },
        });
        self.at += 3;
        self.end_item();
        true
    }

    /// `pub extern "C" fn name` is callable from outside wherever its symbol is kept.
    fn extern_fn(&mut self) {
        let fn_at = if self.kind(1) == Some(Kind::Str) {
            2
        } else {
            1
        };
        let is_fn = self.ident(fn_at) == Some("fn") && self.ident(fn_at + 1).is_some();
        self.found.exports |= is_fn && self.public;
    }

    fn macro_call(&mut self, name: &str) {
        if !self.is(1, b'!') || !(self.is(2, b'(') || self.is(2, b'[') || self.is(2, b'{')) {
            return self.macro_path();
        }
        match name {
            "include" => self.include(),
            "include_str" | "include_bytes" | "include_dir" => {}
            _ if attributes::names_test(name) => self.found.unsure.tests = true,
            _ => {}
        }
        if name != "include" && self.item_start && self.at_module_level() {
            let macros = if self.condition_here() == Condition::Test || attributes::names_test(name)
            {
                &mut self.found.test_item_macros
            } else {
                &mut self.found.item_macros
            };
            macros.insert(name.to_owned());
        }
    }

    /// Keeps the start of an item through the path before a macro's last segment: `a::b!`.
    fn macro_path(&mut self) {
        if self.item_start && self.is(1, b':') && self.is(2, b':') && self.ident(3).is_some() {
            self.at += 3;
            if let Some(name) = self.ident(0) {
                self.macro_call(name);
            }
        }
    }

    fn at_module_level(&self) -> bool {
        let is_module = |frame: &Frame| matches!(frame, Frame::Module { .. });
        self.frames.iter().all(is_module)
    }

    fn include(&mut self) {
        let path = self
            .tokens
            .get(self.at + 3)
            .and_then(|token| string(*token));
        match path {
            Some(path) => self.found.includes.push(path),
            // Usually a file that a build script writes.
            None => self.found.unsure = Unsure::ALL,
        }
    }
}

#[cfg(test)]
mod tests;
