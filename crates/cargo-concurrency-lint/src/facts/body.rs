//! What runs as one piece: a function's own body, a closure, an `async` block; and the variables in
//! them.

use serde::{Deserialize, Serialize};

use super::{BodyId, LocalId, Span, Ty, Use, Value, Witness};

/// A function's own body, a closure, or an `async` block.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Body {
    pub kind: BodyKind,
    /// Whether running it means polling it: `async fn`, `async {}`, `async || {}`, and a function that
    /// `#[async_trait]` makes async.
    pub is_async: bool,
    pub span: Span,
    pub parent: Option<BodyId>,
    pub params: Vec<LocalId>,
    /// Where the closure or the block goes: to whom it is passed, or which variable holds it.
    pub goes: Use,
    /// What it gives, by its last expression.
    pub tail: Option<Value>,
    /// What it gives; for an `async` body without the future around.
    pub output: Ty,
    /// Whether `?` stands directly in it.
    pub tries: bool,
    /// The future's size in bytes, from the compiler's layout.
    pub size: Option<u64>,
    pub witness: Witness,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BodyKind {
    #[default]
    Function,
    Closure,
    AsyncBlock,
}

/// A variable: a parameter, or what a pattern binds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Local {
    pub name: String,
    pub kind: LocalKind,
    pub body: BodyId,
    /// Its name where it is bound.
    pub span: Span,
    pub ty: Ty,
    /// Bound by `mut`, or by reference to something mutable.
    pub mutable: bool,
    /// What it is set to where it is bound, if the pattern is the variable alone.
    pub init: Option<Value>,
    /// Every later mention, in any body.
    pub touches: Vec<Touch>,
    pub witness: Witness,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LocalKind {
    #[default]
    Let,
    Parameter,
    /// `self`.
    Receiver,
    /// Bound by the pattern of a `for` loop.
    ForPattern,
    /// Bound by the pattern of a `match`, `if let`, `while let` or `select!`, or by a `let` that
    /// takes something apart.
    Pattern,
}

/// A mention of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touch {
    pub span: Span,
    pub body: BodyId,
    pub kind: TouchKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TouchKind {
    /// Read, copied, or borrowed shared; also a method's receiver of which no more is known.
    Read,
    /// Its value as a whole goes elsewhere: an argument, a `let`, a return.
    Moved,
    /// `&mut x`, `x.field = …`, `x += …`, or the receiver of a method that is known to change it.
    Changed,
    /// `x = …`.
    Set,
}
