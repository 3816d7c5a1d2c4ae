//! Waiting for all of a collection whose size nobody knows.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use super::Found;
use crate::ecosystem::As;
use crate::facts::{Call, Function, FunctionId, Origin, Value};
use crate::program::{Count, Program};

pub struct UnboundedJoinAll;

static INFO: RuleInfo = RuleInfo {
    id: "unbounded-join-all",
    summary: "`join_all` over a collection of unknown size",
    severity: Severity::Warning,
    docs: r#"## What it does
Finds `join_all` and `try_join_all` over a collection whose size depends on the input. A small array, a
few literal items, a constant, a chunk, and futures that take a semaphore's permit first are fine.

## Why it matters
All futures run at a time. A thousand items open a thousand connections: the other side refuses some, the
process runs out of file descriptors, and memory holds every answer at once.

## Example
```rust
async fn fetch_all(urls: Vec<Url>) -> Vec<Page> {
    join_all(urls.into_iter().map(fetch)).await
}
```
Write:
```rust
async fn fetch_all(urls: Vec<Url>) -> Vec<Page> {
    stream::iter(urls).map(fetch).buffer_unordered(32).collect().await
}
```

## When it is wrong
The collection is known to be small for a reason that the code does not show, such as a configured list
of a few upstreams.
"#,
};

impl Rule<Program<'_>, Found> for UnboundedJoinAll {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, program: &Program<'_>) -> Vec<Found> {
        let calls = program
            .calls()
            .filter(|(.., call)| program.ecosystem.joins.has(call));
        calls
            .filter_map(|(id, function, _, call)| judge(program, id, function, call))
            .collect()
    }
}

fn judge(program: &Program<'_>, id: FunctionId, function: &Function, call: &Call) -> Option<Found> {
    let items = call.args.first()?;
    let many = match program.count(function, items) {
        Count::AtMost(count) if count <= u64::from(program.facts.limits.io) => return None,
        Count::AtMost(count) => format!("{count}"),
        Count::Unknown => "as many as there are items".to_owned(),
    };
    // Tasks run already: their spawning is what should be bounded.
    if are_handles(program, function, items) || program.takes_permit(&program.items_of(id, items)) {
        return None;
    }
    let name = &call.callee.name;
    let message = format!(
        "`{name}` runs {many} futures at a time: nothing bounds sockets, memory and load on the other side"
    );
    let found = program.found(&INFO, id, call.name, message).by(
        call.witness,
        format!("rustc: this calls {}", call.callee.path),
    );
    Some(
        found.help(
            "instead: futures::stream::iter(items).map(..).buffer_unordered(n), and collect it",
        ),
    )
}

/// Whether the collection holds handles of tasks that were spawned before.
fn are_handles(program: &Program<'_>, function: &Function, value: &Value) -> bool {
    // What waits for work that is done elsewhere starts none.
    const WAITS: [&str; 4] = [
        "tokio::task::JoinHandle",
        "tokio::sync::oneshot::Receiver",
        "futures::channel::oneshot::Receiver",
        "async_std::task::JoinHandle",
    ];
    let handle = |value: &Value| WAITS.iter().any(|path| value.ty.mentions(path));
    let spawns = |value: &Value| {
        let call = value.call().map(|id| &function[id]);
        call.is_some_and(|call| {
            program
                .ecosystem
                .runs
                .find(call)
                .is_some_and(|row| row.how != As::BlockOn)
        })
    };
    if handle(value) || spawns(value) {
        return true;
    }
    match &value.origin {
        Origin::Local(id) => {
            let pushed = function.calls.iter().filter(|call| {
                call.callee.name == "push"
                    && call.receiver.as_ref().and_then(Value::local) == Some(*id)
            });
            let mut values = pushed.flat_map(|call| &call.args);
            let init = function[*id].init.as_ref();
            values.any(|value| handle(value) || spawns(program.source(function, value)))
                || init.is_some_and(|init| are_handles(program, function, init))
        }
        Origin::Call(id) => {
            let call = &function[*id];
            let mut bodies = call.args.iter().filter_map(Value::body);
            let given = bodies.any(|body| {
                let tail = function[body].tail.as_ref();
                tail.is_some_and(|tail| handle(tail) || spawns(program.source(function, tail)))
            });
            given
                || call
                    .receiver
                    .as_ref()
                    .is_some_and(|receiver| are_handles(program, function, receiver))
        }
        _ => false,
    }
}
