//! How the path begins whose name stands among tokens.

use pitcrew_core::source::lexer::{Kind, Token};

/// How a path begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// `a::b`
    Relative,
    /// `::a::b`
    Absolute,
}

/// How the path begins whose name stands at `at`; none where another name stands before it.
pub fn head(tokens: &[Token<'_>], at: usize) -> Option<Head> {
    let is = |at: usize, punct: u8| tokens.get(at).is_some_and(|t| t.kind == Kind::Punct(punct));
    let Some(before) = at.checked_sub(1) else {
        return Some(Head::Relative);
    };
    match tokens.get(before)?.kind {
        Kind::Punct(b'$') => None,
        // A method's, but not behind a range.
        Kind::Punct(b'.') => (before > 0 && is(before - 1, b'.')).then_some(Head::Relative),
        Kind::Punct(b':') => {
            let colons = (0..=before).rev().take_while(|&i| is(i, b':')).count();
            match colons {
                1 => Some(Head::Relative),
                2 if before > 1 && ends_segment(tokens, before - 2) => None,
                _ => Some(Head::Absolute),
            }
        }
        _ => Some(Head::Relative),
    }
}

/// Whether the token before a `::` is a part of the same path.
fn ends_segment(tokens: &[Token<'_>], at: usize) -> bool {
    /// Words that a path may follow; any other is a part of it.
    const LEADING: [&str; 28] = [
        "as", "await", "box", "break", "const", "dyn", "else", "for", "if", "impl", "in", "let",
        "loop", "match", "move", "mut", "pub", "ref", "return", "static", "type", "unsafe", "use",
        "where", "while", "yield", "extern", "raw",
    ];
    let Some(token) = tokens.get(at) else {
        return false;
    };
    match token.kind {
        Kind::Ident => !LEADING.contains(&token.text),
        Kind::Punct(b'>') => {
            let before = at.checked_sub(1).and_then(|at| tokens.get(at));
            !before.is_some_and(|t| matches!(t.kind, Kind::Punct(b'-' | b'=')))
        }
        _ => false,
    }
}
