//! Tasks whose end nobody hears of.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use super::Found;
use crate::ecosystem::{As, Dropped, Runs};
use crate::facts::{Call, Function, FunctionId, LocalId, Origin, Ty, Use, Value};
use crate::program::Program;

pub struct DroppedJoinHandle;

static INFO: RuleInfo = RuleInfo {
    id: "dropped-join-handle",
    summary: "A task's handle is dropped, and with it the task or its error",
    severity: Severity::Warning,
    docs: r#"## What it does
Finds spawned tasks whose handle is thrown away where that loses something: a task that gives a `Result`, so
that its error is never seen; a task of smol's, which is cancelled with its handle; a `JoinSet` that is dropped
with its tasks in it, which aborts them.

A task that gives nothing and is left to run is not reported.

## Why it matters
The `?` in such a task ends it in silence: the connection is gone, the queue is no longer read, and the log says
nothing.

## Example
```rust
tokio::spawn(async move {
    let message = read(&mut socket).await?;
    store(message).await
});
```
Handle the error where it happens:
```rust
tokio::spawn(async move {
    if let Err(error) = serve(&mut socket).await {
        tracing::error!(%error, "connection failed");
    }
});
```

## When it is wrong
The error is logged before it is returned. Then let the task give nothing.
"#,
};

impl Rule<Program<'_>, Found> for DroppedJoinHandle {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, program: &Program<'_>) -> Vec<Found> {
        let mut found = Vec::new();
        for (id, function, _, call) in program.calls() {
            if let Some(row) = program.ecosystem.runs.find(call) {
                found.extend(judge(program, id, function, call, row));
            }
        }
        found.extend(dropped_sets(program));
        found
    }
}

fn judge(
    program: &Program<'_>,
    id: FunctionId,
    function: &Function,
    call: &Call,
    row: &Runs,
) -> Option<Found> {
    if !matches!(row.how, As::Task | As::BlockingPool) || !is_dropped(function, call) {
        return None;
    }
    let path = if call.callee.path.is_empty() {
        &call.callee.name
    } else {
        &call.callee.path
    };
    let witness = call.witness;
    let fact = format!("rustc: this calls {path}");
    match row.handle {
        Dropped::Cancel => {
            let message =
                format!("the task of `{path}` is cancelled at once: its handle is dropped");
            let found = program
                .found(&INFO, id, call.name, message)
                .by(witness, fact);
            Some(
                found
                    .severity(Severity::Error)
                    .help("instead: `.detach()`, or keep the handle and await it"),
            )
        }
        Dropped::Detach => {
            let task = call.args.get(row.argument as usize)?;
            if !gives_result(program, function, task) {
                return None;
            }
            let message = "the `Result` of this task is dropped with its handle: an error in it ends it in silence";
            let found = program
                .found(&INFO, id, call.name, message)
                .by(witness, fact);
            Some(found.help(
                "instead: deal with the error within the task, or keep the handle and await it",
            ))
        }
        Dropped::Owned => None,
    }
}

/// Whether nobody has the handle: a statement of its own, `let _ =`, or a variable that is never used.
fn is_dropped(function: &Function, call: &Call) -> bool {
    match call.goes {
        Use::Ignored | Use::Discarded => true,
        Use::Bound(local) => is_unused(function, local),
        _ => false,
    }
}

fn is_unused(function: &Function, local: LocalId) -> bool {
    let local = &function[local];
    // A guard of the tasks's life is kept under such a name until the block ends.
    local.touches.is_empty() && local.name.starts_with('_')
}

fn gives_result(program: &Program<'_>, function: &Function, task: &Value) -> bool {
    if let Some(body) = program.body_of(function, task) {
        let body = &function[body];
        return body.tries
            || is_result(&body.output)
            || tail_fails(program, function, body.tail.as_ref());
    }
    match &task.origin {
        Origin::Call(inner) => is_result_of(program, &function[*inner]),
        _ => false,
    }
}

fn is_result(ty: &Ty) -> bool {
    let inner = if ty.path == "std::future::Future" {
        ty.args.first()
    } else {
        Some(ty)
    };
    inner.is_some_and(|ty| ty.path == "std::result::Result")
}

fn is_result_of(program: &Program<'_>, call: &Call) -> bool {
    let targets = program.targets(call).iter();
    let outputs = targets.map(|id| &program.function(*id).output);
    // Of what an attribute's macro makes of a function the compiler shows no signature.
    let mut known = outputs.filter(|ty| ty.is_known()).peekable();
    known.peek().is_some() && known.all(is_result)
}

/// Whether the last expression is the awaited call of a function that gives a `Result`.
fn tail_fails(program: &Program<'_>, function: &Function, tail: Option<&Value>) -> bool {
    let Some(tail) = tail else { return false };
    match &tail.origin {
        Origin::Await(id) => {
            let point = &function[*id];
            !point.tried
                && point
                    .value
                    .call()
                    .is_some_and(|call| is_result_of(program, &function[call]))
        }
        _ => false,
    }
}

/// JoinSets that are made, filled and dropped, in one function.
fn dropped_sets(program: &Program<'_>) -> Vec<Found> {
    const KEEPS: [&str; 8] = [
        "join_next",
        "join_next_with_id",
        "try_join_next",
        "join_all",
        "detach_all",
        "abort_all",
        "shutdown",
        "poll_join_next",
    ];
    let mut found = Vec::new();
    for (id, function) in program.functions() {
        for (index, local) in function.locals.iter().enumerate() {
            let set = LocalId::at(index);
            let made = local
                .init
                .as_ref()
                .is_some_and(|init| matches!(init.origin, Origin::Call(_)));
            if local.ty.path != "tokio::task::JoinSet" || !made {
                continue;
            }
            let on: Vec<&Call> = function
                .calls
                .iter()
                .filter(|call| call.receiver.as_ref().and_then(Value::local) == Some(set))
                .collect();
            let spawn = on.iter().find(|call| call.callee.name.starts_with("spawn"));
            let kept = on
                .iter()
                .any(|call| KEEPS.contains(&call.callee.name.as_str()));
            // Used in another way: given away, put into a struct, looped over.
            let elsewhere = local.touches.len() > on.len();
            if let (Some(spawn), false, false) = (spawn, kept, elsewhere) {
                let message = format!(
                    "`{}` is dropped with its tasks in it, which aborts them",
                    local.name
                );
                found.push(
                    program
                        .found(&INFO, id, spawn.name, message)
                        .by(spawn.witness, "rustc: this is a tokio::task::JoinSet")
                        .help("instead: await `join_next` until it gives none, or `detach_all` where the tasks must outlive it"),
                );
            }
        }
    }
    found
}
