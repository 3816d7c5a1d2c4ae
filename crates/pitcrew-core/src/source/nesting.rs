//! How deep a source nests, told by its tokens before anything recursive reads it. A parser and all that
//! walks a syntax tree go one step deeper for each step that the source does, and a stack that runs out
//! ends the process: so a file beyond the bound is reported instead of read.
//!
//! It is not only brackets that nest. `!!!!x`, `a.b.c`, `a + b + c`, `A<A<A<…` and `else if` are one
//! level each as well. What counts is therefore, from the outside in, the tokens between two places
//! where a new branch begins: `,`, `;`, `=>`, and the end of a block. That is never less than the depth
//! of the tree, and in sources that people write it stays under a few hundred.

use super::lexer::{self, Kind, Token};

/// What [`check`] lets through at most, in tokens. Of 95,000 files of published crates none is beyond it,
/// and two are beyond half of it, both tables that a program wrote.
pub const DEEPEST: usize = 8 * 1024;

/// A level of brackets takes a parser through as many of its functions as this many plain tokens.
const GROUP: usize = 8;
/// The same of `<`, on top of the token itself.
const ANGLE: usize = 4;

/// The same of `&`, and of `*` for pointers: a type behind a reference takes 33 kB of stack in a debug build.
const REFERENCE: usize = 2;

/// The stack that everything needs which walks a tree within the bound. Only what is used of it takes
/// memory.
pub const STACK: usize = 256 * 1024 * 1024;

/// Why a source is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("it nests too deep to be read")]
    TooDeep {
        /// The byte where the bound was passed.
        at: usize,
    },
    #[error("a string or a comment does not end")]
    Endless,
}

impl Refused {
    /// The byte that it speaks of.
    pub fn at(&self) -> usize {
        match self {
            Self::TooDeep { at } => *at,
            Self::Endless => 0,
        }
    }
}

/// Whether `text` may be parsed on a stack of [`STACK`] bytes.
///
/// # Errors
///
/// A source beyond the bound, and one whose tokens have no end, so that its depth is not known.
pub fn check(text: &str) -> Result<(), Refused> {
    within(text, DEEPEST)
}

fn within(text: &str, bound: usize) -> Result<(), Refused> {
    let mut levels = vec![Level::default()];
    // The sum over the levels around, so that a hostile file is refused where it passes the bound.
    let mut around = 0_usize;
    let mut before = None;
    for token in lexer::each(text) {
        let (at, token) = token.ok_or(Refused::Endless)?;
        match token.kind {
            Kind::OuterDoc | Kind::InnerDoc => continue,
            Kind::Punct(b'(' | b'[' | b'{') => {
                if let Some(level) = levels.last_mut() {
                    level.run += GROUP;
                    around += level.run;
                }
                levels.push(Level::default());
            }
            Kind::Punct(close @ (b')' | b']' | b'}')) => {
                // More brackets closed than opened: no parser gets far with it.
                if levels.len() > 1 {
                    let inside = levels.pop().map_or(0, |level| level.deepest());
                    if let Some(level) = levels.last_mut() {
                        around -= level.run;
                        level.child = level.child.max(inside);
                        level.after_block = close == b'}';
                    }
                }
            }
            _ => {
                if let Some(level) = levels.last_mut() {
                    level.token(token, before);
                }
            }
        }
        let here = levels.last().map_or(0, Level::deepest);
        if around + here > bound {
            return Err(Refused::TooDeep { at });
        }
        before = Some(token);
    }
    Ok(())
}

/// What is known of the brackets that are open at a place.
#[derive(Debug, Default)]
struct Level {
    /// Tokens since a branch began.
    run: usize,
    /// The deepest of the brackets within the branch.
    child: usize,
    /// `<` without their `>`: the commas between them begin no branch.
    angles: usize,
    /// Between the bars of a closure's parameters, whose commas begin none either.
    in_bars: bool,
    after_block: bool,
}

impl Level {
    /// Of the branch that is being read: those before it are behind us.
    fn deepest(&self) -> usize {
        self.run + self.child
    }

    fn token(&mut self, token: Token<'_>, before: Option<Token<'_>>) {
        if std::mem::take(&mut self.after_block) && begins_anew(token) {
            self.branch();
        }
        let punct = |token: Option<Token<'_>>| match token?.kind {
            Kind::Punct(byte) => Some(byte),
            _ => None,
        };
        self.run += 1;
        match punct(Some(token)) {
            Some(b';') => self.branch(),
            Some(b',') if self.angles == 0 && !self.in_bars => self.branch(),
            Some(b'<') => {
                self.angles += 1;
                self.run += ANGLE;
            }
            Some(b'&' | b'*') => self.run += REFERENCE,
            Some(b'>') => match punct(before) {
                Some(b'=') => self.branch(),
                Some(b'-') => {}
                _ => self.angles = self.angles.saturating_sub(1),
            },
            Some(b'|') => self.in_bars = !self.in_bars && !before.is_some_and(is_operand),
            _ => {}
        }
    }

    fn branch(&mut self) {
        *self = Self::default();
    }
}

/// Whether a token behind the `}` of a block belongs to something new: an operator goes on with the
/// block's value, and `else` with the `if`.
fn begins_anew(token: Token<'_>) -> bool {
    match token.kind {
        Kind::Punct(b'#') => true,
        Kind::Punct(_) => false,
        _ => token.text != "else",
    }
}

/// Whether an expression may end with a token, so that `|` behind it is an operator.
fn is_operand(token: Token<'_>) -> bool {
    const BEFORE_A_VALUE: &[&str] = &[
        "as", "async", "await", "break", "const", "else", "for", "if", "in", "let", "match",
        "move", "mut", "ref", "return", "static", "unsafe", "use", "while", "yield",
    ];
    match token.kind {
        Kind::Ident => token.text == "await" || !BEFORE_A_VALUE.contains(&token.text),
        Kind::Str | Kind::Literal => true,
        Kind::Punct(byte) => matches!(byte, b')' | b']' | b'}' | b'>' | b'?'),
        Kind::Lifetime | Kind::OuterDoc | Kind::InnerDoc => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANY: usize = 20_000;

    fn nested(before: &str, opening: &str, middle: &str, closing: &str, after: &str) -> String {
        let (opening, closing) = (opening.repeat(MANY), closing.repeat(MANY));
        format!("{before}{opening}{middle}{closing}{after}")
    }

    #[test]
    fn whatever_nests_without_end_is_refused() {
        let value = |opening: &str, closing: &str| {
            nested("fn f() { let x = ", opening, "1", closing, "; }")
        };
        let kind = |opening: &str, closing: &str| nested("type T = ", opening, "u8", closing, ";");
        for text in [
            value("(", ")"),
            value("[", "]"),
            value("{", "}"),
            value("f(1, ", ")"),
            value("!", ""),
            value("&", ""),
            value("return ", ""),
            value("|a, b| ", ""),
            value("move |a, b| ", ""),
            value("|| ", ""),
            value("a = ", ""),
            value("", "+ a"),
            value("", ".a"),
            value("", ".a(1, 2)"),
            value("", " as u8"),
            value("", "?"),
            value("S {} + ", ""),
            value("if a { b } else ", ""),
            value("match a { b => ", "}"),
            value("vec![1, ", "]"),
            kind("A<", ">"),
            kind("A<B, ", ">"),
            kind("fn(A) -> ", ""),
            kind("fn(A, B) -> C<D, ", ">"),
            kind("&", ""),
            kind("*const ", ""),
            kind("impl Fn(A) -> ", ""),
            kind("dyn for<'a, 'b> Fn(A) -> ", ""),
            nested("use ", "a::", "b", "", ";"),
            nested("use ", "a::{b, ", "c", "}", ";"),
            nested("fn f(", "&", "a", "", ": u8) {}"),
            nested("", "mod a {", "", "}", ""),
            nested("", "fn a() {", "", "}", ""),
        ] {
            let refused = check(&text);
            assert!(
                matches!(refused, Err(Refused::TooDeep { at }) if at < text.len()),
                "{refused:?}: {}…",
                &text[..60]
            );
        }
    }

    #[test]
    fn what_is_only_long_is_read() {
        for piece in [
            "fn f(a: u8, b: u8) -> u8 { a + b }\n",
            "/// Words.\n#[derive(Debug)]\nstruct S;\n",
            "const A: u8 = (1 + 2) * 3;",
        ] {
            assert_eq!(check(&piece.repeat(MANY)), Ok(()), "{piece}");
        }
        for piece in [
            "f(1);",
            "if a < b { c } ",
            "a::<B, C>();",
            "let f = |a, b| a | b;",
        ] {
            let text = format!("fn f() {{ {} }}", piece.repeat(MANY));
            assert_eq!(check(&text), Ok(()), "{piece}");
        }
        for (start, piece, end) in [
            ("fn f() { match a {", "(A | B, C) => {} ", "} }"),
            (
                "fn f() { match a {",
                "A | B if a < b => f(|a, b| a), ",
                "} }",
            ),
            ("const A: [T; 9] = [", "T::<A, B>::new(1, \"2\"), ", "];"),
            ("enum E {", "A(Vec<u8>, Option<(u8, u8)>), ", "}"),
            ("struct S {", "a: HashMap<String, Vec<u8>>, ", "}"),
        ] {
            let text = format!("{start}{}{end}", piece.repeat(MANY));
            assert_eq!(check(&text), Ok(()), "{start}{piece}");
        }
    }

    #[test]
    fn what_has_no_end_is_refused() {
        assert_eq!(check("fn f() { \"a }"), Err(Refused::Endless));
        assert_eq!(check("/* a"), Err(Refused::Endless));
    }

    #[test]
    fn brackets_that_do_not_match_are_left_to_the_parser() {
        assert_eq!(check(")]} fn f() {"), Ok(()));
    }
}
