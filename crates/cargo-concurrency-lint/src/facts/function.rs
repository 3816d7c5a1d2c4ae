//! A function of the workspace with all that stands in it, closures and `async` blocks included.

use std::ops::Index;

use serde::{Deserialize, Serialize};

use super::{
    Await, AwaitId, Block, BlockId, Body, BodyId, By, Call, CallId, CrateId, Guard, Local, LocalId,
    Loop, LoopId, Select, SelectId, Span, Ty,
};

/// A function or a method.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// `mini_redis::server::Listener::run`; the same for a method of a trait's implementation, with
    /// the type that it is implemented for.
    pub path: String,
    /// The trait's method that this implements, or whose default this is: `crate::Store::get`.
    pub implements: Option<String>,
    pub krate: CrateId,
    /// The whole item, its attributes left out.
    pub span: Span,
    /// The name alone.
    pub name: Span,
    pub receiver: Option<Receiver>,
    /// What a call of it gives, without the future that an `async fn` wraps it in.
    pub output: Ty,
    /// Whether only tests run it: a test, or code under `#[cfg(test)]`, in `tests/` or `benches/`.
    pub test: bool,
    pub entry: Option<Entry>,
    /// The first is the function's own.
    pub bodies: Vec<Body>,
    pub locals: Vec<Local>,
    /// In the order in which they are evaluated.
    pub calls: Vec<Call>,
    pub awaits: Vec<Await>,
    pub loops: Vec<Loop>,
    pub selects: Vec<Select>,
    pub blocks: Vec<Block>,
    pub guards: Vec<Guard>,
}

/// How a method takes itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receiver {
    pub by: By,
}

/// What starts a function from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry {
    /// `main`, with the runtime that an attribute wraps around it.
    Main(Option<Flavor>),
    /// An attribute of a test framework.
    Test,
}

/// How a runtime polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flavor {
    MultiThread,
    CurrentThread,
}

impl Function {
    /// The last segment of its path.
    pub fn short(&self) -> &str {
        self.path.rsplit("::").next().unwrap_or(&self.path)
    }

    /// Whether calling it gives a future.
    pub fn is_async(&self) -> bool {
        self.bodies.first().is_some_and(|body| body.is_async)
    }

    pub fn body_ids(&self) -> impl Iterator<Item = BodyId> + use<> {
        (0..self.bodies.len()).map(BodyId::at)
    }

    pub fn call_ids(&self) -> impl Iterator<Item = CallId> + use<> {
        (0..self.calls.len()).map(CallId::at)
    }

    /// The loop and the loops around it within the same body, innermost first.
    pub fn loops_around(&self, within: Option<LoopId>) -> impl Iterator<Item = (LoopId, &Loop)> {
        std::iter::successors(within, |id| self[*id].within).map(|id| (id, &self[id]))
    }

    /// The body and the bodies around it, innermost first.
    pub fn bodies_around(&self, body: BodyId) -> impl Iterator<Item = (BodyId, &Body)> {
        std::iter::successors(Some(body), |id| self[*id].parent).map(|id| (id, &self[id]))
    }
}

macro_rules! indexed {
    ($($id:ty => $list:ident: $item:ty),* $(,)?) => {$(
        impl Index<$id> for Function {
            type Output = $item;

            fn index(&self, id: $id) -> &$item {
                &self.$list[id.index()]
            }
        }
    )*};
}

indexed! {
    BodyId => bodies: Body,
    LocalId => locals: Local,
    CallId => calls: Call,
    AwaitId => awaits: Await,
    LoopId => loops: Loop,
    SelectId => selects: Select,
    BlockId => blocks: Block,
}
