//! Futures that nobody awaits.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};
use pitcrew_core::fix::Applicability;

use super::Found;
use crate::facts::{BodyKind, Call, Form, Function, FunctionId, LocalId, Use};
use crate::program::Program;

pub struct DroppedFuture;

static INFO: RuleInfo = RuleInfo {
    id: "dropped-future",
    summary: "A future is made and thrown away: what it would do never happens",
    severity: Severity::Error,
    docs: r#"## What it does
Finds calls of async functions, and async blocks, whose future is thrown away: as a statement, by `let _ =`, or in
a variable whose name begins with `_` and that is never used.

## Why it matters
A future does nothing until it is polled. The code reads as if the message were sent, and it is not. rustc warns
of the plain statement; `let _ =` silences it.

## Example
```rust
let _ = audit.record(event);
```
Write `audit.record(event).await`, or spawn it where nobody should wait.

## When it is wrong
Only where making the future already does the work, as some hand-written futures do.
"#,
};

impl Rule<Program<'_>, Found> for DroppedFuture {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, program: &Program<'_>) -> Vec<Found> {
        let calls = program.calls();
        let calls = calls.filter_map(|(id, function, _, call)| judge(program, id, function, call));
        calls.chain(blocks(program)).collect()
    }
}

fn judge(program: &Program<'_>, id: FunctionId, function: &Function, call: &Call) -> Option<Found> {
    if call.form == Form::Macro
        || !is_thrown_away(function, call.goes)
        || !gives_future(program, call)
    {
        return None;
    }
    let path = if call.callee.path.is_empty() {
        &call.callee.name
    } else {
        &call.callee.path
    };
    let message =
        format!("the future of `{path}` is thrown away: nothing that it would do happens");
    let edits = program
        .insert_after(call.span, ".await")
        .map(|edit| vec![edit]);
    let found = program
        .found(&INFO, id, call.name, message)
        .by(call.witness, format!("rustc: {path} gives a future"))
        .help("instead: `.await` it, or spawn it where nobody should wait");
    Some(if function[call.body].is_async {
        // That it now happens is another program.
        found.fix(Applicability::MaybeIncorrect, edits)
    } else {
        found
    })
}

fn is_thrown_away(function: &Function, goes: Use) -> bool {
    match goes {
        Use::Ignored | Use::Discarded => true,
        Use::Bound(local) => is_unused(function, local),
        _ => false,
    }
}

fn is_unused(function: &Function, local: LocalId) -> bool {
    let local = &function[local];
    local.name.starts_with('_') && local.touches.is_empty()
}

fn gives_future(program: &Program<'_>, call: &Call) -> bool {
    let targets = program.targets(call);
    if targets.is_empty() {
        return program.ecosystem.futures.has(call);
    }
    targets.iter().all(|id| {
        let function = program.function(*id);
        function.is_async() || function.output.pointee().path == "std::future::Future"
    })
}

fn blocks(program: &Program<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, function) in program.functions() {
        for body in &function.bodies {
            if body.kind == BodyKind::AsyncBlock && is_thrown_away(function, body.goes) {
                let message = "this block's future is thrown away: nothing in it happens";
                found.push(
                    program
                        .found(&INFO, id, body.span, message)
                        .by(body.witness, "rustc: this is a future")
                        .help("instead: `.await` it, or spawn it where nobody should wait"),
                );
            }
        }
    }
    found
}
