//! A task for each item, with nothing that holds the spawning back.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use super::Found;
use crate::ecosystem::As;
use crate::facts::{Call, CallId, Function, FunctionId, Use};
use crate::program::{Item, Program, Repeats};

pub struct UnboundedSpawn;

static INFO: RuleInfo = RuleInfo {
    id: "unbounded-spawn",
    summary: "A task is spawned for each item, connection or tick, and nothing bounds how many",
    severity: Severity::Warning,
    docs: r#"## What it does
Finds spawns in a loop or in a closure that runs for each item, and JoinSets and FuturesUnordered that are
filled so, where the number depends on the input. A permit that is taken before the spawn, a `join_next` in
the same loop, a bound of the collection, and a loop over a range clear it.

For each accepted connection it is advice; for a collection or a channel, a warning.

## Why it matters
Spawning costs nothing and returns at once, so the loop runs ahead of the work: a million items are a
million tasks in memory, each with its buffers, and all of them ask for sockets and connections at a time.

## Example
```rust
for url in urls {
    tokio::spawn(fetch(url));
}
```
Take a permit first:
```rust
let limit = Arc::new(Semaphore::new(64));
for url in urls {
    let permit = limit.clone().acquire_owned().await.unwrap();
    tokio::spawn(async move {
        fetch(url).await;
        drop(permit);
    });
}
```

## When it is wrong
Something else bounds the items: a queue of a fixed length behind the channel, a proxy in front of the
listener.
"#,
};

impl Rule<Program<'_>, Found> for UnboundedSpawn {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, program: &Program<'_>) -> Vec<Found> {
        let mut found = Vec::new();
        for (id, function, call_id, call) in program.calls() {
            let task = program
                .ecosystem
                .runs
                .find(call)
                .is_some_and(|row| row.how == As::Task);
            if task || program.ecosystem.sets.has(call) {
                found.extend(judge(program, id, function, call_id, call));
            }
        }
        found
    }
}

fn judge(
    program: &Program<'_>,
    id: FunctionId,
    function: &Function,
    call_id: CallId,
    call: &Call,
) -> Option<Found> {
    let repeats = program.repeats(function, call_id)?;
    if is_waited_for(function, call) {
        return None;
    }
    let (what, severity) = match repeats {
        Repeats::Item => ("each item", Severity::Warning),
        Repeats::Connection => ("each connection", Severity::Advice),
        Repeats::Tick => (
            "each tick, whether the last one has ended or not",
            Severity::Advice,
        ),
    };
    let inside = program.items_of_call(id, call);
    let waits_inside = program.takes_permit(&own(&inside));
    let consequence = if waits_inside {
        "they wait for a permit, but all of them are in memory"
    } else {
        "nothing bounds how many run at a time"
    };
    let name = if call.callee.path.is_empty() {
        &call.callee.name
    } else {
        &call.callee.path
    };
    let severity = if waits_inside {
        severity.min(Severity::Advice)
    } else {
        severity
    };
    let starts = if program.ecosystem.sets.has(call) {
        "adds a future"
    } else {
        "starts a task"
    };
    let message = format!("`{name}` {starts} for {what}: {consequence}");
    let found = program
        .found(&INFO, id, call.name, message)
        .by(
            call.witness,
            format!("rustc: this calls {}", call.callee.path),
        )
        .severity(severity);
    Some(found.help(match repeats {
        Repeats::Tick => "instead: await the work in the loop, or skip a tick while the last task runs",
        _ => "instead: take a permit of a tokio::sync::Semaphore before the spawn and move it into the task, or for_each_concurrent(n, ..) on a stream of the items",
    }))
}

fn own(items: &[Item]) -> Vec<Item> {
    items
        .iter()
        .filter(|item| matches!(item, Item::Body(..)))
        .copied()
        .collect()
}

/// Whether the loop goes on only when the task is done: its handle is awaited in the same round.
fn is_waited_for(function: &Function, call: &Call) -> bool {
    match call.goes {
        Use::Awaited(_) => true,
        Use::Bound(local) => function.awaits.iter().any(|point| {
            let same_round = point.within == call.within && point.body == call.body;
            same_round && point.value.local() == Some(local)
        }),
        Use::Argument(outer, _) => {
            let outer = &function[outer];
            outer.body == call.body
                && matches!(outer.goes, Use::Awaited(_))
                && outer.callee.name.contains("timeout")
        }
        _ => false,
    }
}
