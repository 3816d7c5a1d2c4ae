//! Tasks that are spawned only to be waited for.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use super::Found;
use crate::ecosystem::{As, Dropped};
use crate::facts::{
    AwaitId, BodyId, BodyKind, Call, Entry, Function, FunctionId, Span, Statement, StatementKind,
    Use,
};
use crate::program::Program;

pub struct NeedlessAsyncSpawn;

static INFO: RuleInfo = RuleInfo {
    id: "needless-async-spawn",
    summary: "A task is spawned and waited for at once",
    severity: Severity::Advice,
    docs: r#"## What it does
Finds a spawn whose handle is awaited at once, or in the next statement, with `?` or `unwrap` on it: nothing else
runs in between.

## Why it matters
It costs an allocation, a trip through the scheduler, `'static` and `Send` bounds that make the code clone what it
could borrow, and a `JoinError` to deal with; and gains no concurrency.

## Example
```rust
let user = tokio::spawn(load_user(id)).await??;
```
Write `let user = load_user(id).await?;`.

## When it is wrong
The task is to go on when the caller is cancelled, as when a client closes its connection in the middle of a
transaction; or it is to end up on a worker thread, as the work of `main` is, which is not reported. A handle
whose error is looked at, to survive a panic, is not reported either.
"#,
};

impl Rule<Program<'_>, Found> for NeedlessAsyncSpawn {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, program: &Program<'_>) -> Vec<Found> {
        let calls = program.calls();
        calls
            .filter_map(|(id, function, _, call)| judge(program, id, function, call))
            .collect()
    }
}

fn judge(program: &Program<'_>, id: FunctionId, function: &Function, call: &Call) -> Option<Found> {
    let row = program.ecosystem.runs.find(call)?;
    if row.how != As::Task
        || row.handle == Dropped::Owned
        || call.callee.name.ends_with("spawn_local")
    {
        return None;
    }
    if matches!(function.entry, Some(Entry::Main(_))) {
        return None;
    }
    let point = awaited_at_once(function, call)?;
    // A panic that is looked at is what the task is for.
    if !function[point].tried || function[call.body].kind == BodyKind::Closure {
        return None;
    }
    let path = if call.callee.path.is_empty() {
        &call.callee.name
    } else {
        &call.callee.path
    };
    let message = format!(
        "the task of `{path}` is waited for at once: it runs beside nothing, and costs an allocation and a trip through the scheduler"
    );
    let found = program
        .found(&INFO, id, call.name, message)
        .by(call.witness, format!("rustc: this calls {path}"));
    Some(found.help(
        "instead: await the future itself, unless it must go on when the caller is cancelled",
    ))
}

/// The await of the handle, where it follows with nothing in between.
fn awaited_at_once(function: &Function, call: &Call) -> Option<AwaitId> {
    match call.goes {
        Use::Awaited(id) => Some(id),
        Use::Bound(local) => {
            let (index, block) = statement_of(function, call.body, call.span)?;
            let next: &Statement = block.get(index + 1)?;
            let point = next.awaits?;
            let own = matches!(block[index].kind, StatementKind::Let(_));
            (own && function[point].value.local() == Some(local)).then_some(point)
        }
        _ => None,
    }
}

/// The innermost statement around a place, in its block.
fn statement_of(function: &Function, body: BodyId, span: Span) -> Option<(usize, &[Statement])> {
    let blocks = function.blocks.iter().filter(|block| block.body == body);
    let mut found = blocks.filter_map(|block| {
        let index = block
            .statements
            .iter()
            .position(|it| it.span.contains(span))?;
        Some((index, block.statements.as_slice()))
    });
    found.next_back()
}
