//! Expressions, statements and patterns of a sketch.

use super::{FunctionSketch, Import, PathSketch, TypeSketch};
use crate::facts::Pos;

/// A place within a file that is known from elsewhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    pub start: Pos,
    pub end: Pos,
}

impl Extent {
    /// From the start of this to the end of `other`.
    pub fn to(self, other: Self) -> Self {
        Self {
            start: self.start,
            end: other.end,
        }
    }
}

#[derive(Debug)]
pub struct Expr {
    pub extent: Extent,
    pub kind: Kind,
}

#[derive(Debug)]
pub enum Kind {
    Path(PathSketch),
    Int(i128),
    Text(String),
    /// Any other literal.
    Literal,
    Call(Box<Expr>, Vec<Expr>),
    Method(Box<Method>),
    Macro(Box<MacroCall>),
    Await(Box<Expr>, Extent),
    Try(Box<Expr>),
    Block(Block),
    Async(Block),
    Closure(Box<Closure>),
    If(Box<If>),
    Match(Box<Expr>, Vec<MatchArm>),
    Loop(Block),
    While(Box<Expr>, Block),
    For(Box<Pattern>, Box<Expr>, Block),
    /// `let pattern = value`, as a condition.
    Let(Box<Pattern>, Box<Expr>),
    /// `a = b`, and with `true` `a += b` and the like.
    Assign(Box<Expr>, Box<Expr>, bool),
    Ref(bool, Box<Expr>),
    Field(Box<Expr>, String),
    Index(Box<Expr>, Box<Expr>),
    Range(Option<Box<Expr>>, Option<Box<Expr>>, bool),
    Tuple(Vec<Expr>),
    Array(Vec<Expr>),
    Repeat(Box<Expr>, Box<Expr>),
    Struct(PathSketch, Vec<(String, Expr)>, Option<Box<Expr>>),
    Return(Option<Box<Expr>>),
    Break(Option<Box<Expr>>),
    Continue,
    Cast(Box<Expr>, TypeSketch),
    Deref(Box<Expr>),
    /// Operands of which nothing more needs to be known.
    Operands(Vec<Expr>),
}

#[derive(Debug)]
pub struct Method {
    pub receiver: Expr,
    pub name: String,
    pub name_extent: Extent,
    pub generics: Vec<TypeSketch>,
    pub args: Vec<Expr>,
}

#[derive(Debug)]
pub struct If {
    pub condition: Expr,
    pub then: Block,
    pub otherwise: Option<Expr>,
}

#[derive(Debug)]
pub struct MatchArm {
    pub pattern: Pattern,
    pub guard: Option<Expr>,
    pub body: Expr,
}

#[derive(Debug)]
pub struct Closure {
    pub is_async: bool,
    pub params: Vec<Pattern>,
    pub body: Expr,
}

/// A macro of which the inside could be read.
#[derive(Debug)]
pub struct MacroCall {
    pub path: PathSketch,
    pub inside: Inside,
}

#[derive(Debug)]
pub enum Inside {
    /// Expressions between commas, or `[a; n]`.
    Args(Vec<Expr>),
    /// `vec![a; n]`.
    Repeat(Box<Expr>, Box<Expr>),
    Select(Select),
    /// `stream! { … }`: the body of an async block.
    Stream(Block),
    /// Statements.
    Statements(Block),
    Unread,
}

#[derive(Debug)]
pub struct Select {
    pub arms: Vec<SelectArm>,
    pub otherwise: Option<Expr>,
}

#[derive(Debug)]
pub struct SelectArm {
    pub pattern: Pattern,
    pub future: Expr,
    pub condition: Option<Expr>,
    pub handler: Expr,
}

#[derive(Debug, Default)]
pub struct Block {
    pub extent: Extent,
    /// Of the `use` items in it.
    pub uses: Vec<Import>,
    /// Of the functions in it.
    pub functions: Vec<FunctionSketch>,
    pub statements: Vec<Statement>,
}

#[derive(Debug)]
pub struct Statement {
    pub extent: Extent,
    pub kind: StatementKind,
}

#[derive(Debug)]
pub enum StatementKind {
    Let(Box<Let>),
    /// With whether a semicolon follows.
    Expr(Expr, bool),
}

#[derive(Debug)]
pub struct Let {
    pub pattern: Pattern,
    pub ty: TypeSketch,
    pub init: Option<Expr>,
    pub otherwise: Option<Expr>,
}

#[derive(Debug)]
pub enum Pattern {
    /// `_`, literals, constants, `..`.
    Nothing,
    Name(Name),
    /// Patterns within: fields, elements, alternatives. The path is the variant's or struct's.
    Parts(Parts),
}

#[derive(Debug)]
pub struct Name {
    pub name: String,
    pub extent: Extent,
    pub mutable: bool,
    /// `x @ pattern`.
    pub inner: Option<Box<Pattern>>,
}

#[derive(Debug)]
pub struct Parts {
    pub kind: PartsKind,
    pub parts: Vec<(String, Pattern)>,
}

#[derive(Debug)]
pub enum PartsKind {
    Tuple,
    Struct(PathSketch),
    /// `Some(x)`, `Wrapper(a, b)`.
    TupleStruct(PathSketch),
    /// Alternatives, slices, references.
    Other,
}
