//! Control flow as far as concurrency is concerned: blocks, loops, awaits, selects, guards.

use serde::{Deserialize, Serialize};

use super::{AwaitId, BlockId, BodyId, CallId, LocalId, LoopId, Span, Ty, Use, Value, Witness};

/// A block with its statements.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Block {
    pub body: BodyId,
    pub parent: Option<BlockId>,
    pub within: Option<LoopId>,
    pub span: Span,
    pub statements: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// With its semicolon.
    pub span: Span,
    pub kind: StatementKind,
    /// The await that it is, or that its `let` is set to, `?` and `unwrap` looked through.
    pub awaits: Option<AwaitId>,
    /// Whether `return`, `break` or `continue` stands in it, `?` not counted.
    pub exits: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum StatementKind {
    /// With the variables that it binds.
    Let(Vec<LocalId>),
    /// `…;`
    Expression,
    /// The last expression of a block, without a semicolon.
    Tail,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Loop {
    pub body: BodyId,
    pub within: Option<LoopId>,
    pub span: Span,
    pub kind: LoopKind,
    /// The loop's own block; none where it is not known.
    pub block: Option<BlockId>,
    /// Whether `break` or `return` leaves it, `?` not counted.
    pub leaves: bool,
    pub witness: Witness,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum LoopKind {
    /// `loop`.
    #[default]
    Forever,
    /// `while condition`.
    While,
    /// `while let pattern = value`, with the variables that it binds.
    WhileLet(Vec<LocalId>, Value),
    /// `for pattern in value`, with the variables that it binds.
    For(Vec<LocalId>, Value),
}

/// A suspension: `future.await`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Await {
    pub body: BodyId,
    pub within: Option<LoopId>,
    pub block: Option<BlockId>,
    /// The whole expression.
    pub span: Span,
    /// The word `await` alone; for a macro that awaits (`join!`), the macro's name.
    pub dot: Span,
    /// The future.
    pub value: Value,
    pub output: Ty,
    pub goes: Use,
    /// Whether `?`, `unwrap` or `expect` follows before it goes there.
    pub tried: bool,
    pub witness: Witness,
}

/// A `select!`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Select {
    pub body: BodyId,
    pub within: Option<LoopId>,
    pub span: Span,
    /// The macro's path: `tokio::select`.
    pub path: String,
    pub arms: Vec<Arm>,
    /// Whether there is an `else`, `default` or `complete` arm.
    pub otherwise: bool,
}

/// One branch: `pattern = future, if condition => handler`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    pub future: Value,
    pub binds: Vec<LocalId>,
    pub handler: Span,
    /// Whether the handler ends in `return`, `break` or a panic, so that no further round follows.
    pub leaves: bool,
}

/// A lock or a borrow that is held.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Guard {
    pub body: BodyId,
    /// Its type; the source observer names the guard's type too, not the lock's.
    pub ty: Ty,
    /// The variable; none for a temporary.
    pub name: Option<String>,
    /// Where it is taken: the call that gives it.
    pub taken: Span,
    pub call: Option<CallId>,
    /// The awaits at which it is held.
    pub held_across: Vec<AwaitId>,
    pub end: GuardEnd,
    pub witness: Witness,
}

/// How a guard's life ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum GuardEnd {
    /// With the block that its variable is bound in.
    #[default]
    Scope,
    /// `drop(guard)`.
    Dropped(Span),
    /// It is given away.
    Moved(Span),
    /// A temporary: with the statement.
    Statement,
}
