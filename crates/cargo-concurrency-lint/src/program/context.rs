//! Who runs a body: the code around it, an executor that polls it, or a thread where blocking is
//! right.

use super::Program;
use crate::ecosystem::As;
use crate::facts::{BodyId, BodyKind, CallId, Entry, Form, Function, LocalId, Origin, Pos, Use};

/// How a body is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    /// By the body around it, or by the function's caller.
    Here,
    /// By an executor: it must not keep the thread.
    Polled,
    /// Away from the executor.
    Apart(As),
    /// Nobody knows.
    Unknown,
}

/// Words in the name of a function that runs what it is given where blocking is right.
const APART_NAMES: [&str; 7] = [
    "spawn_blocking",
    "unblock",
    "run_blocking",
    "blocking_task",
    "offload",
    "interact",
    "spawn_thread",
];

/// Traits whose methods an executor calls.
const POLLING: [&str; 6] = [
    "poll",
    "poll_next",
    "poll_read",
    "poll_write",
    "poll_ready",
    "poll_flush",
];

/// A closure is followed through this many functions that only pass it on.
const DEPTH: u32 = 3;

/// How each body of each function is run.
pub fn all(program: &Program<'_>) -> Vec<Vec<Runs>> {
    let functions = program.functions();
    functions
        .map(|(_, function)| {
            let bodies = function.body_ids();
            bodies.map(|body| runs(program, function, body)).collect()
        })
        .collect()
}

fn runs(program: &Program<'_>, function: &Function, id: BodyId) -> Runs {
    let body = &function[id];
    if body.is_async {
        return Runs::Polled;
    }
    if body.kind == BodyKind::Function {
        let polling = function.implements.as_deref().is_some_and(|method| {
            POLLING.contains(&method.rsplit("::").next().unwrap_or_default())
        });
        return if polling { Runs::Polled } else { Runs::Here };
    }
    closure(program, function, body.goes, DEPTH)
}

/// Who runs a closure that goes there.
fn closure(program: &Program<'_>, function: &Function, goes: Use, depth: u32) -> Runs {
    match goes {
        Use::Argument(call, index) => passed(program, function, call, index, depth),
        Use::Bound(local) => held(program, function, local, depth),
        // Called where it stands: `(|| ..)()`.
        Use::Receiver(_) => Runs::Here,
        _ => Runs::Unknown,
    }
}

/// Who runs the argument of a call.
fn passed(program: &Program<'_>, function: &Function, id: CallId, index: u32, depth: u32) -> Runs {
    let call = &function[id];
    if call.form == Form::Macro {
        return Runs::Here;
    }
    if let Some(row) = program.ecosystem.runs.find(call) {
        return match row.how {
            As::Task => Runs::Polled,
            As::BlockOn => Runs::Here,
            how => Runs::Apart(how),
        };
    }
    let name = call.callee.name.as_str();
    if APART_NAMES.iter().any(|word| name.contains(word)) {
        return Runs::Apart(As::BlockingPool);
    }
    // Pointers around a closure: what holds it decides.
    if [
        "std::boxed::Box::new",
        "std::sync::Arc::new",
        "std::boxed::Box::pin",
    ]
    .contains(&call.callee.path.as_str())
    {
        return match depth.checked_sub(1) {
            Some(depth) => closure(program, function, call.goes, depth),
            None => Runs::Unknown,
        };
    }
    if let ([target], Some(depth)) = (program.targets(call), depth.checked_sub(1)) {
        let target = program.function(*target);
        // A method's first parameter is itself.
        let skipped = usize::from(target.receiver.is_some() && call.form == Form::Method);
        let param = target.bodies[0].params.get(index as usize + skipped);
        return param.map_or(Runs::Unknown, |param| held(program, target, *param, depth));
    }
    if call.form == Form::Method && program.ecosystem.runs_inline(name) {
        return Runs::Here;
    }
    Runs::Unknown
}

/// Who runs a closure that a variable holds: whoever is seen to call it or to be passed it.
fn held(program: &Program<'_>, function: &Function, local: LocalId, depth: u32) -> Runs {
    let Some(depth) = depth.checked_sub(1) else {
        return Runs::Unknown;
    };
    for id in function.call_ids() {
        let call = &function[id];
        let is = |value: &crate::facts::Value| value.local() == Some(local);
        if call.form == Form::Function
            && call.callee.path.is_empty()
            && call.receiver.as_ref().is_some_and(is)
        {
            return inherited(program, function, call.body, depth);
        }
        if let Some(index) = call.args.iter().position(is) {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            return passed(program, function, id, index, depth);
        }
    }
    Runs::Unknown
}

/// How a body within a function is run as seen by whoever calls the function.
fn inherited(program: &Program<'_>, function: &Function, body: BodyId, depth: u32) -> Runs {
    for (id, body) in function.bodies_around(body) {
        let how = match body.kind {
            _ if body.is_async => Runs::Polled,
            BodyKind::Function => return runs(program, function, id),
            _ => closure(program, function, body.goes, depth),
        };
        if how != Runs::Here {
            return how;
        }
    }
    Runs::Here
}

impl Program<'_> {
    /// How a body is run as a whole, the bodies around it considered.
    pub fn runs(&self, function: &Function, index: usize, body: BodyId) -> Runs {
        let all = &self.runs[index];
        let around = function.bodies_around(body);
        around
            .map(|(id, _)| all[id.index()])
            .find(|how| *how != Runs::Here)
            .unwrap_or(Runs::Here)
    }

    /// Whether an executor polls a place: blocking there keeps its thread.
    pub fn is_polled(&self, function: &Function, index: usize, body: BodyId) -> bool {
        self.runs(function, index, body) == Runs::Polled
    }

    /// Whether nothing else can run yet: the start of an async `main`, before anything is awaited or
    /// spawned.
    pub fn is_startup(&self, function: &Function, body: BodyId, at: Pos) -> bool {
        if !matches!(function.entry, Some(Entry::Main(_))) || body != BodyId(0) {
            return false;
        }
        let awaited = function
            .awaits
            .iter()
            .any(|it| it.body == body && it.span.end <= at);
        let spawned = function.calls.iter().any(|call| {
            call.span.end <= at
                && self
                    .ecosystem
                    .runs
                    .find(call)
                    .is_some_and(|row| row.how == As::Task)
        });
        !awaited && !spawned
    }

    /// The call that spawns a body as a task of its own, if one does.
    pub fn spawned_by(&self, function: &Function, body: BodyId) -> Option<CallId> {
        let mut goes = function[body].goes;
        for _ in 0..4 {
            let Use::Argument(call, _) = goes else {
                return None;
            };
            if self
                .ecosystem
                .runs
                .find(&function[call])
                .is_some_and(|row| row.how == As::Task)
            {
                return Some(call);
            }
            goes = function[call].goes;
        }
        None
    }

    /// The body that a value is, also through a variable or a pointer around it.
    pub fn body_of(&self, function: &Function, value: &crate::facts::Value) -> Option<BodyId> {
        match self.source(function, value).origin {
            Origin::Body(id) => Some(id),
            _ => None,
        }
    }
}
