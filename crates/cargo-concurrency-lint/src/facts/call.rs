//! Calls of functions, methods and expression macros, their arguments, and where their results go.

use serde::{Deserialize, Serialize};

use super::{AwaitId, BodyId, CallId, LocalId, LoopId, SelectId, Span, Ty, Witness};

/// One call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Call {
    pub body: BodyId,
    /// The innermost loop of the same body around it.
    pub within: Option<LoopId>,
    /// The whole expression, the receiver included.
    pub span: Span,
    /// The path, or the method's name.
    pub name: Span,
    pub form: Form,
    pub callee: Callee,
    /// A method's receiver.
    pub receiver: Option<Value>,
    pub args: Vec<Value>,
    /// The arguments between `::<` and `>`.
    pub generics: Vec<Ty>,
    pub output: Ty,
    pub goes: Use,
    /// Whether `?`, `unwrap` or `expect` follows before it goes there.
    pub tried: bool,
    pub witness: Witness,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    #[default]
    Function,
    Method,
    /// A macro whose arguments are expressions: `join!(a, b)`. A `select!` is a
    /// [`Select`](super::Select) instead.
    Macro,
}

/// Who is called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callee {
    /// The absolute path; empty where it is not known.
    pub path: String,
    /// The last segment: always known.
    pub name: String,
}

/// An operand: a receiver, an argument, what a variable is set to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Value {
    pub span: Span,
    pub ty: Ty,
    /// `&x` and `&mut x` are the value `x` by reference.
    pub by: By,
    pub origin: Origin,
}

#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum By {
    #[default]
    Value,
    Ref,
    RefMut,
}

/// Where a value comes from. Parentheses, casts, `?`, blocks with one expression and `unsafe` are
/// looked through.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum Origin {
    #[default]
    Other,
    Call(CallId),
    Await(AwaitId),
    Select(SelectId),
    Local(LocalId),
    /// A field of a value: `self.client`.
    Field(Box<Value>, String),
    /// A closure or an `async` block.
    Body(BodyId),
    Int(i128),
    Text(String),
    /// A constant, static, function or unit struct, by its absolute path, with its value where that
    /// is a literal number.
    Item(String, Option<i128>),
    /// `[a, b]`, and `vec![a, b]`.
    Array(Vec<Value>),
    /// `[a; n]`, and `vec![a; n]`: the number.
    Repeat(Box<Value>),
    /// `(a, b)`.
    Tuple(Vec<Value>),
    /// `a..b` and `a..=b`; where the second is inclusive it says so.
    Range {
        from: Option<Box<Value>>,
        to: Option<Box<Value>>,
        inclusive: bool,
    },
}

/// Where a result goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Use {
    /// Into something that is none of the others: a field, an operator, a condition.
    #[default]
    Other,
    Awaited(AwaitId),
    /// A method is called on it.
    Receiver(CallId),
    /// It is passed, as the argument of this number.
    Argument(CallId, u32),
    /// An arm of a `select!` waits for it.
    Selected(SelectId),
    /// `let x = …`.
    Bound(LocalId),
    /// `let _ = …`.
    Discarded,
    /// A statement of its own: `…;`
    Ignored,
    /// The body gives it.
    Returned,
}

impl Call {
    /// Whether nobody takes its result.
    pub fn goes_nowhere(&self) -> bool {
        matches!(self.goes, Use::Ignored | Use::Discarded)
    }
}

impl Value {
    /// The call that it is the result of.
    pub fn call(&self) -> Option<CallId> {
        match self.origin {
            Origin::Call(id) => Some(id),
            _ => None,
        }
    }

    pub fn local(&self) -> Option<LocalId> {
        match self.origin {
            Origin::Local(id) => Some(id),
            _ => None,
        }
    }

    pub fn body(&self) -> Option<BodyId> {
        match self.origin {
            Origin::Body(id) => Some(id),
            _ => None,
        }
    }

    /// The number that it is: a literal, or a constant that is one.
    pub fn number(&self) -> Option<i128> {
        match self.origin {
            Origin::Int(number) | Origin::Item(_, Some(number)) => Some(number),
            _ => None,
        }
    }

    /// The path of the constant, function or unit struct that it is.
    pub fn item(&self) -> Option<&str> {
        match &self.origin {
            Origin::Item(path, _) => Some(path),
            _ => None,
        }
    }
}
