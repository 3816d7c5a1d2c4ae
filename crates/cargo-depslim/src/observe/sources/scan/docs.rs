//! Documentation: its tests are code, and its links are paths.

use pitcrew_core::source::lexer::{Kind, Token, lex};
use pitcrew_core::source::markdown::compiled_blocks;

use super::super::text;
use super::{FileScan, MentionKind, Scanner, Scope};

impl<'a> Scanner<'a> {
    pub(super) fn doc_comment(&mut self, token: Token<'a>) {
        let inner = token.kind == Kind::InnerDoc;
        if let Some(before) = self.docs.comment(token.text, inner) {
            self.documented(&before);
        }
        self.links_in(token.text);
        self.at += 1;
    }

    pub(super) fn links_in(&mut self, text: &str) {
        if !text.contains("::") {
            return;
        }
        let at = self.at;
        let mut found = Vec::new();
        text::linked_heads(text, self.scope.names, &mut |name| found.push(name));
        for name in found {
            self.mention(name, MentionKind::DocLink, self.gate(), at);
        }
    }

    /// Reads the tests of a whole documentation.
    pub(super) fn documented(&mut self, text: &str) {
        let blocks = document(text, self.scope);
        self.found.doctests += blocks.doctests;
        let mentions = blocks.locals.into_iter().flat_map(|local| local.mentions);
        for mention in mentions {
            let at = self.at;
            let gate = self.gate().and(mention.gate);
            self.mention(mention.name, MentionKind::Doctest, gate, at);
        }
    }
}

/// The tests of a documentation, as one file.
pub fn document(text: &str, scope: Scope<'_>) -> FileScan {
    let mut found = FileScan::default();
    for block in compiled_blocks(text) {
        found.doctests += 1;
        let code = shown(&block);
        let Some(tokens) = lex(&code) else { continue };
        let mut scanner = Scanner::new(&code, &tokens, scope);
        scanner.run();
        let scan = scanner.finish();
        found.locals.extend(scan.locals);
    }
    found
}

/// The code with its hidden lines, as rustdoc compiles it.
fn shown(block: &str) -> String {
    let lines = block.lines().map(|line| {
        let trimmed = line.trim_start();
        match trimmed.strip_prefix("##") {
            Some(_) => &trimmed[1..],
            None if trimmed == "#" => "",
            None => trimmed.strip_prefix("# ").unwrap_or(line),
        }
    });
    lines.flat_map(|line| [line, "\n"]).collect()
}
