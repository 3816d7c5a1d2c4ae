//! What one source file says of the names that are looked for: where each heads a path, under which
//! `cfg`, and what shadows it; and which other files it pulls in.
//!
//! It goes by tokens and keeps the brackets that are open, so that it reads what no parser can: the
//! arguments of macros, and files that do not parse. Where the text does not tell for sure whether
//! code is compiled, it is taken to be conditional.

use pitcrew_core::source::documentation::Documentation;
use pitcrew_core::source::lexer::{Kind, Token, lex};
use pitcrew_core::source::modules::ModulePlace;

use super::gate::{FeatureBits, Gate};
use super::names::{NameId, Names};
use super::text;

mod attributes;
mod docs;
mod frames;
mod imports;
mod words;

pub use docs::document;
use frames::{Ends, Frame, FrameKind};

#[cfg(test)]
mod tests;

/// What a scan needs to know of the package.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    pub names: &'a Names,
    pub features: &'a FeatureBits,
    /// In the edition of 2015 imports start at the crate's root.
    pub edition_2015: bool,
    /// Every string may become code: build scripts.
    pub all_strings: bool,
}

/// One file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FileScan {
    /// Its own modules: the file's, then the inline ones.
    pub locals: Vec<LocalModule>,
    /// `mod x;`
    pub modules: Vec<ModuleRef>,
    pub includes: Vec<IncludeRef>,
    /// Markdown files that are documentation, relative to the file.
    pub documents: Vec<String>,
    pub doctests: u32,
    /// Features that `cfg`s name.
    pub named_features: Vec<String>,
    /// The features that gate a macro, an attribute or an included file, as bits of a [`Gate`].
    pub opaque: u64,
    /// It includes what a build script or a macro wrote.
    pub generated: bool,
    /// It reads a `DEP_*` variable, or tells the linker what to link.
    pub links: bool,
    /// It could not be split into tokens; its words stand in for mentions.
    pub unreadable: bool,
    /// It holds nothing but white space and comments.
    pub empty: bool,
    /// `#[test]`
    pub tests: u32,
    /// Something in it may be a test: an attribute or a macro that speaks of tests.
    pub may_test: bool,
}

/// A module within a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LocalModule {
    pub name: String,
    /// What stands for it in the paths of its modules' files.
    pub folder: String,
    /// Index of the module around it; its own for the file's.
    pub parent: usize,
    pub gate: Gate,
    /// The names looked for that mean something of the crate's own here.
    pub declared: Vec<NameId>,
    /// The paths of its glob imports.
    pub globs: Vec<Vec<String>>,
    pub mentions: Vec<Mention>,
}

/// A name that is looked for, at the head of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mention {
    pub name: NameId,
    pub kind: MentionKind,
    pub gate: Gate,
    /// From 1.
    pub line: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MentionKind {
    /// `name::x`
    Path,
    /// `use name::x`
    Import,
    /// `::name::x`, `extern crate name`: nothing shadows it.
    Absolute,
    /// In a string that an attribute or a macro may read as code.
    Text,
    Doctest,
    DocLink,
    /// In a file that could not be read.
    Bytes,
}

/// A module in a file of its own.
#[derive(Debug, PartialEq, Eq)]
pub struct ModuleRef {
    pub place: ModulePlace,
    /// The module that declares it.
    pub local: usize,
    pub gate: Gate,
}

/// `include!("…")`
#[derive(Debug, PartialEq, Eq)]
pub struct IncludeRef {
    pub path: String,
    /// From the package's folder rather than the file's.
    pub from_package: bool,
    pub local: usize,
    pub gate: Gate,
}

/// Reads a file.
pub fn scan(text: &str, scope: Scope<'_>) -> FileScan {
    match lex(text) {
        Some(tokens) => {
            let mut scanner = Scanner::new(text, &tokens, scope);
            scanner.found.empty = tokens.is_empty();
            scanner.run();
            scanner.finish()
        }
        None => unreadable(text.as_bytes(), scope.names),
    }
}

/// What the bytes of a file that is no Rust source say.
pub fn unreadable(bytes: &[u8], names: &Names) -> FileScan {
    let words = text::words(bytes, names);
    let mention = |name| Mention {
        name,
        kind: MentionKind::Bytes,
        gate: Gate::OTHER,
        line: 1,
    };
    FileScan {
        locals: vec![LocalModule {
            mentions: words.into_iter().map(mention).collect(),
            ..LocalModule::default()
        }],
        unreadable: true,
        ..FileScan::default()
    }
}

struct Scanner<'a> {
    text: &'a str,
    tokens: &'a [Token<'a>],
    at: usize,
    scope: Scope<'a>,
    found: FileScan,
    frames: Vec<Frame>,
    mentions: Vec<Mention>,
    docs: Documentation,
    /// `#[path]` attributes of the item that follows.
    paths: Vec<String>,
    /// The attributes up to here have been looked at for `cfg`s.
    gated_until: usize,
    /// The bracket that opens next is a macro's.
    next_macro: Option<Gate>,
    /// Line of `counted`, to count on from there.
    line: u32,
    counted: usize,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str, tokens: &'a [Token<'a>], scope: Scope<'a>) -> Self {
        Self {
            text,
            tokens,
            at: 0,
            scope,
            found: FileScan {
                locals: vec![LocalModule::default()],
                ..FileScan::default()
            },
            frames: vec![Frame {
                kind: FrameKind::Module(0),
                ..Frame::default()
            }],
            mentions: Vec::new(),
            docs: Documentation::default(),
            paths: Vec::new(),
            gated_until: 0,
            next_macro: None,
            line: 1,
            counted: 0,
        }
    }

    fn run(&mut self) {
        while let Some(token) = self.tokens.get(self.at).copied() {
            match token.kind {
                Kind::OuterDoc | Kind::InnerDoc => self.doc_comment(token),
                Kind::Punct(b'#') if self.attribute() => {}
                _ => {
                    if let Some(text) = self.docs.end() {
                        self.documented(&text);
                    }
                    self.code(token);
                }
            }
        }
        if let Some(text) = self.docs.end() {
            self.documented(&text);
        }
    }

    fn finish(mut self) -> FileScan {
        while let Some(frame) = self.frames.pop() {
            self.close(frame);
        }
        for local in &mut self.found.locals {
            local.mentions.sort_unstable();
            // One of each kind is enough; the first line stands for all.
            local
                .mentions
                .dedup_by_key(|mention| (mention.name, mention.kind, mention.gate));
        }
        self.found.named_features.sort_unstable();
        self.found.named_features.dedup();
        self.found
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    fn is(&self, at: usize, punct: u8) -> bool {
        self.kind(at) == Some(Kind::Punct(punct))
    }

    fn ident(&self, at: usize) -> Option<&'a str> {
        let token = self.tokens.get(at)?;
        (token.kind == Kind::Ident).then_some(token.text)
    }

    fn is_path_separator(&self, at: usize) -> bool {
        self.is(at, b':') && self.is(at + 1, b':')
    }

    fn frame(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.frames.push(Frame::default());
        }
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    /// Of the code at hand.
    fn gate(&self) -> Gate {
        self.frames
            .last()
            .map_or(Gate::OTHER, |frame| frame.gate.and(frame.pending))
    }

    /// The innermost module.
    fn local(&self) -> usize {
        let module = self.frames.iter().rev().find_map(|frame| match frame.kind {
            FrameKind::Module(local) => Some(local),
            _ => None,
        });
        module.unwrap_or(0)
    }

    fn mention(&mut self, name: NameId, kind: MentionKind, gate: Gate, token: usize) {
        let line = self.line_of(token);
        let mention = Mention {
            name,
            kind,
            gate,
            line,
        };
        let same = |m: &Mention| (m.name, m.kind, m.gate) == (name, kind, gate);
        let start = self.frames.last().map_or(0, |frame| frame.mentions);
        if !self.mentions[start.min(self.mentions.len())..]
            .iter()
            .any(same)
        {
            self.mentions.push(mention);
        }
    }

    fn line_of(&mut self, token: usize) -> u32 {
        let base = self.text.as_ptr().addr();
        let at = self
            .tokens
            .get(token)
            .map(|token| token.text.as_ptr().addr());
        let at = at
            .and_then(|at| at.checked_sub(base))
            .filter(|at| *at >= self.counted && *at <= self.text.len());
        if let Some(at) = at {
            let between = &self.text.as_bytes()[self.counted..at];
            let lines = between.iter().filter(|byte| **byte == b'\n').count();
            self.line += u32::try_from(lines).unwrap_or(u32::MAX);
            self.counted = at;
        }
        self.line
    }

    fn declare(&mut self, name: &str) {
        if let Some(id) = self.scope.names.get(name) {
            self.frame().declared.push(id);
        }
    }

    fn code(&mut self, token: Token<'a>) {
        self.begin_item();
        match token.kind {
            Kind::Ident => return self.word(token.text),
            Kind::Str => self.string(token),
            Kind::Punct(b'{' | b'(' | b'[') => return self.open(),
            Kind::Punct(b')' | b']') => self.pop(),
            Kind::Punct(b'}') => {
                self.pop();
                self.after_block();
            }
            Kind::Punct(b';') => self.end_item(),
            Kind::Punct(b',') => {
                let frame = self.frame();
                if frame.ends == Some(Ends::Comma) && frame.angle == 0 {
                    self.end_item();
                }
            }
            Kind::Punct(b'<') => self.frame().angle += 1,
            Kind::Punct(b'>') => {
                // The head of an arrow closes nothing.
                let arrow =
                    self.at > 0 && (self.is(self.at - 1, b'-') || self.is(self.at - 1, b'='));
                let frame = self.frame();
                frame.angle = frame.angle.saturating_sub(u32::from(!arrow));
            }
            _ => {}
        }
        self.at += 1;
    }

    fn string(&mut self, token: Token<'a>) {
        if self.scope.all_strings {
            self.found.links |= token.text.contains("DEP_") || token.text.contains("rustc-link");
        }
        let in_macro = self
            .frames
            .iter()
            .any(|frame| frame.kind == FrameKind::Macro && frame.gate.other);
        if self.scope.all_strings || in_macro {
            self.names_in_string(token, self.gate());
        }
    }

    fn names_in_string(&mut self, token: Token<'a>, gate: Gate) {
        let at = self.at;
        let mut found = Vec::new();
        text::heads(token.text, self.scope.names, &mut |name, _| {
            found.push(name);
        });
        for name in found {
            self.mention(name, MentionKind::Text, gate, at);
        }
    }
}
