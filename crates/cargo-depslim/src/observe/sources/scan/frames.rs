//! Open brackets and the items between them: how long a `cfg` holds, and what a name means where.

use pitcrew_core::source::tokens::closing;

use super::super::gate::Gate;
use super::super::names::NameId;
use super::{Mention, MentionKind, Scanner};

/// An open bracket, or the file.
#[derive(Debug, Default)]
pub(super) struct Frame {
    pub(super) kind: FrameKind,
    /// Of everything within.
    pub(super) gate: Gate,
    /// Of the item at hand.
    pub(super) pending: Gate,
    /// Where the item at hand ends; none before its first token.
    pub(super) ends: Option<Ends>,
    /// Open angle brackets of the item at hand, as far as they can be told.
    pub(super) angle: u32,
    /// The mentions from here on stand within.
    pub(super) mentions: usize,
    pub(super) declared: Vec<NameId>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum FrameKind {
    /// By its index.
    Module(usize),
    /// The arguments of a macro: what they declare is usually declared around it.
    Macro,
    #[default]
    Other,
}

/// What ends an item that has a `cfg`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    Semicolon,
    Block,
    Comma,
}

impl Scanner<'_> {
    pub(super) fn open(&mut self) {
        let gate = self.gate();
        let mentions = self.mentions.len();
        let frame = match self.next_macro.take() {
            Some(own) => Frame {
                kind: FrameKind::Macro,
                gate: gate.and(own),
                mentions,
                ..Frame::default()
            },
            None => Frame {
                kind: self.kind_of_block(),
                gate,
                mentions,
                ..Frame::default()
            },
        };
        self.frames.push(frame);
        self.at += 1;
    }

    /// The branches of `cfg_if!` and its like are as good as their macro's arguments.
    fn kind_of_block(&self) -> FrameKind {
        let in_macro = self.frames.last().map(|frame| frame.kind) == Some(FrameKind::Macro);
        let before = self.at.checked_sub(1);
        let branch = before.is_some_and(|at| {
            self.is(at, b']') || self.is(at, b'>') || self.ident(at) == Some("else")
        });
        if in_macro && branch && self.is(self.at, b'{') {
            FrameKind::Macro
        } else {
            FrameKind::Other
        }
    }

    pub(super) fn open_module(&mut self, local: usize) {
        let frame = Frame {
            kind: FrameKind::Module(local),
            gate: self.gate(),
            mentions: self.mentions.len(),
            ..Frame::default()
        };
        self.frames.push(frame);
    }

    pub(super) fn pop(&mut self) {
        // One bracket too many closes nothing: the file goes on.
        if self.frames.len() > 1
            && let Some(frame) = self.frames.pop()
        {
            self.close(frame);
        }
    }

    /// What is declared within a bracket is known in all of it, and beyond it nothing is.
    pub(super) fn close(&mut self, frame: Frame) {
        let start = frame.mentions.min(self.mentions.len());
        let edition_2015 = self.scope.edition_2015;
        if !frame.declared.is_empty() {
            let shadowed = |mention: &Mention| match mention.kind {
                MentionKind::Path | MentionKind::Text | MentionKind::DocLink => true,
                MentionKind::Import => !edition_2015,
                MentionKind::Absolute | MentionKind::Doctest | MentionKind::Bytes => false,
            };
            let kept: Vec<Mention> = self.mentions[start..]
                .iter()
                .filter(|mention| !(shadowed(mention) && frame.declared.contains(&mention.name)))
                .copied()
                .collect();
            self.mentions.truncate(start);
            self.mentions.extend(kept);
        }
        match frame.kind {
            FrameKind::Module(local) => {
                let within = self.mentions.split_off(start);
                if let Some(module) = self.found.locals.get_mut(local) {
                    module.mentions.extend(within);
                    module.declared.extend(frame.declared);
                    module.gate = frame.gate;
                }
            }
            FrameKind::Macro => self.frame().declared.extend(frame.declared),
            FrameKind::Other => {}
        }
    }

    pub(super) fn end_item(&mut self) {
        let frame = self.frame();
        frame.pending = Gate::default();
        frame.ends = None;
        frame.angle = 0;
        self.paths.clear();
    }

    /// A closed brace ends most items.
    pub(super) fn after_block(&mut self) {
        let next = self.at + 1;
        let goes_on = matches!(self.ident(next), Some("else" | "in" | "as"))
            || b".?=|+>".iter().any(|punct| self.is(next, *punct));
        if !goes_on && self.frame().ends != Some(Ends::Semicolon) {
            self.end_item();
        }
    }

    /// At the first token of an item, tells what will end it.
    pub(super) fn begin_item(&mut self) {
        let at = self.at;
        if self.frame().ends.is_some() {
            return;
        }
        let mut at_word = at;
        if self.ident(at) == Some("pub") {
            at_word += 1;
            if self.is(at_word, b'(') {
                let close = closing(self.tokens, at_word);
                at_word = close.map_or(at_word, |close| close + 1);
            }
        }
        let ends = match self.ident(at_word) {
            Some("let" | "return" | "static" | "use" | "type" | "break") => Ends::Semicolon,
            Some("const")
                if !matches!(self.ident(at_word + 1), Some("fn" | "unsafe" | "extern")) =>
            {
                Ends::Semicolon
            }
            Some(
                "fn" | "impl" | "trait" | "struct" | "enum" | "union" | "mod" | "unsafe" | "async"
                | "extern" | "macro_rules" | "if" | "match" | "for" | "while" | "loop" | "const",
            ) => Ends::Block,
            _ => Ends::Comma,
        };
        self.frame().ends = Some(ends);
    }
}
