//! One function of MIR: its header, its variables, its blocks.

use super::lex::{closing, find, split};
use super::place::Place;
use super::span::Span;
use super::statement::{NotUnderstood, Statement, Terminator};

/// A function, a closure, or a coroutine's `poll`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body<'a> {
    /// As printed: `db::<impl at src/db.rs:1:1: 2:2>::new::{closure#0}`.
    pub path: &'a str,
    /// The types of the parameters.
    pub params: Vec<&'a str>,
    pub output: &'a str,
    /// The locals by number; without a type where one is not declared.
    pub locals: Vec<Local<'a>>,
    /// The variables of the source.
    pub variables: Vec<Variable<'a>>,
    pub blocks: Vec<Block<'a>>,
    /// The lines that are not understood, the first few as they are.
    pub unread: Vec<&'a str>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Local<'a> {
    pub ty: &'a str,
    pub span: Option<Span<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable<'a> {
    pub name: &'a str,
    pub place: Place<'a>,
    pub span: Option<Span<'a>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Block<'a> {
    /// Only reached by unwinding: empty here.
    pub cleanup: bool,
    pub statements: Vec<(Statement<'a>, Option<Span<'a>>)>,
    pub end: Option<(Terminator<'a>, Option<Span<'a>>)>,
    /// The span of the path or the name in the call that ends it.
    pub name: Option<Span<'a>>,
    /// The signature of what is called, as `for<'a> fn(&'a T) -> U`.
    pub signature: Option<&'a str>,
}

impl<'a> Body<'a> {
    /// Reads a function's text; none where not even its header is understood.
    pub fn read(text: &'a str) -> Option<Self> {
        let mut lines = text.lines();
        let mut body = header(lines.next()?)?;
        let mut block: Option<usize> = None;
        for line in lines {
            let trimmed = line.trim_start();
            if let Some(comment) = trimmed.strip_prefix("// ") {
                if let Some(block) = block.and_then(|at| body.blocks.get_mut(at)) {
                    block.remark(comment);
                }
            } else if trimmed.is_empty() {
            } else if trimmed.starts_with('}') {
                block = None;
            } else if let Some((number, cleanup)) = block_header(trimmed) {
                block = body.open(number, cleanup);
            } else if let Some(at) = block {
                body.line(at, trimmed);
            } else {
                body.declaration(trimmed);
            }
        }
        Some(body)
    }

    /// The type of a local; empty where it is not known.
    pub fn local(&self, number: u32) -> &'a str {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        self.locals.get(index).map_or("", |local| local.ty)
    }

    pub fn block(&self, number: u32) -> Option<&Block<'a>> {
        self.blocks.get(usize::try_from(number).ok()?)
    }

    fn open(&mut self, number: u32, cleanup: bool) -> Option<usize> {
        /// More blocks than any text that is read can hold.
        const MOST: usize = 4 << 20;
        let at = usize::try_from(number).ok().filter(|at| *at < MOST)?;
        if self.blocks.len() <= at {
            self.blocks.resize(at + 1, Block::default());
        }
        self.blocks[at].cleanup = cleanup;
        Some(at)
    }

    fn line(&mut self, at: usize, line: &'a str) {
        if self.blocks[at].cleanup {
            return;
        }
        let (text, span) = without_comment(line);
        let block = &mut self.blocks[at];
        if let Some(end) = Terminator::read(text) {
            block.end = Some((end, span));
            return;
        }
        match Statement::read(text) {
            Ok(Some(statement)) => block.statements.push((statement, span)),
            Ok(None) => {}
            Err(NotUnderstood) => self.unread.push(line),
        }
    }

    /// `let mut _3: T; // ...`, `debug x => _3; // ...`, `scope 1 {`
    fn declaration(&mut self, line: &'a str) {
        let (text, span) = without_comment(line);
        if let Some(local) = text.strip_prefix("let ") {
            let local = local.strip_prefix("mut ").unwrap_or(local);
            let Some((name, ty)) = local.split_once(": ") else {
                return;
            };
            if let Some(number) = Place::read(name).and_then(|place| place.as_local()) {
                self.declare(number, Local { ty, span });
            }
        } else if let Some(variable) = text.strip_prefix("debug ")
            && let Some((name, place)) = variable.split_once(" => ")
            && let Some(place) = Place::read(place)
        {
            self.variables.push(Variable { name, place, span });
        }
    }

    fn declare(&mut self, number: u32, local: Local<'a>) {
        /// More locals than any text that is read can hold.
        const MOST: usize = 1 << 20;
        let Some(at) = usize::try_from(number).ok().filter(|at| *at < MOST) else {
            return;
        };
        if self.locals.len() <= at {
            self.locals.resize(at + 1, Local::default());
        }
        self.locals[at] = local;
    }
}

impl<'a> Block<'a> {
    /// Takes what rustc remarks on the constants of the last line: the first is the callee.
    fn remark(&mut self, comment: &'a str) {
        if !matches!(self.end, Some((Terminator::Call(_), _))) {
            return;
        }
        if let Some(span) = comment.strip_prefix("+ span: ") {
            if self.name.is_none() {
                self.name = Span::read(span);
            }
        } else if let Some(constant) = comment.strip_prefix("+ const_: Const { ty: ")
            && self.signature.is_none()
        {
            self.signature = find(constant, ", val: ").map(|at| &constant[..at]);
        }
    }
}

/// `fn path(_1: T, _2: U) -> V {`
fn header(line: &str) -> Option<Body<'_>> {
    let line = line.strip_prefix("fn ")?.trim_end().strip_suffix('{')?;
    let open = find(line, "(")?;
    let close = closing(line, open)?;
    let params = split(line.get(open + 1..close - 1)?, b',');
    let types: Vec<&str> = params
        .iter()
        .filter_map(|param| Some(param.split_once(": ")?.1))
        .collect();
    let output = line[close..].trim().strip_prefix("->").unwrap_or("()");
    let mut body = Body {
        path: &line[..open],
        params: types,
        output: output.trim(),
        locals: Vec::new(),
        variables: Vec::new(),
        blocks: Vec::new(),
        unread: Vec::new(),
    };
    for (number, ty) in (1..).zip(body.params.clone()) {
        body.declare(number, Local { ty, span: None });
    }
    Some(body)
}

/// `bb3: {`, `bb3 (cleanup): {`
fn block_header(line: &str) -> Option<(u32, bool)> {
    let rest = line.strip_prefix("bb")?.trim_end().strip_suffix(": {")?;
    match rest.strip_suffix(" (cleanup)") {
        Some(number) => Some((number.parse().ok()?, true)),
        None => Some((rest.parse().ok()?, false)),
    }
}

/// Cuts the comment and the semicolon off, and reads the place in it.
fn without_comment(line: &str) -> (&str, Option<Span<'_>>) {
    let comment = line.rfind(" // ").filter(|at| {
        let before = line[..*at].trim_end();
        before.ends_with(';') && line[at + 4..].contains("scope ")
    });
    let (text, span) = match comment {
        Some(at) => (line[..at].trim_end(), place_in(&line[at + 4..])),
        None => (line.trim_end(), None),
    };
    (text.strip_suffix(';').unwrap_or(text), span)
}

/// `scope 3 at src/db.rs:8:14: 8:19`, `in scope 0 at ...`, `return place in scope 0 at ...`
fn place_in(comment: &str) -> Option<Span<'_>> {
    let at = comment.find("scope ")?;
    let (_, place) = comment[at..].split_once(" at ")?;
    Span::read(place)
}

#[cfg(test)]
mod tests;
