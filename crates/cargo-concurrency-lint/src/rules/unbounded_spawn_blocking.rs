//! Blocking jobs for each item, more than the pool for them can run.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use super::Found;
use crate::ecosystem::As;
use crate::facts::{Call, Function, FunctionId, Use};
use crate::program::{Program, Repeats};

pub struct UnboundedSpawnBlocking;

static INFO: RuleInfo = RuleInfo {
    id: "unbounded-spawn-blocking",
    summary: "A blocking job is queued for each item, and nothing bounds how many",
    severity: Severity::Warning,
    docs: r#"## What it does
Finds `spawn_blocking` and its like in a loop or in a closure that runs for each item, where the number
depends on the input, no permit is taken first and the job is not awaited in the same round.

## Why it matters
tokio starts up to 512 threads for blocking jobs and queues the rest without a bound. A job that has
started cannot be aborted, so a shutdown waits for all of them; and 512 threads that hash or compress fight
for a few cores, while file reads and name lookups of everything else wait behind them in the same pool.

## Example
```rust
for image in images {
    jobs.push(tokio::task::spawn_blocking(move || resize(image)));
}
```
Bound it to what the machine can do at a time:
```rust
let results = stream::iter(images)
    .map(|image| tokio::task::spawn_blocking(move || resize(image)))
    .buffer_unordered(num_cpus::get());
```

## When it is wrong
The items are few for a reason that the code does not show.
"#,
};

impl Rule<Program<'_>, Found> for UnboundedSpawnBlocking {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, program: &Program<'_>) -> Vec<Found> {
        let mut found = Vec::new();
        for (id, function, call_id, call) in program.calls() {
            let row = program.ecosystem.runs.find(call);
            if row.is_some_and(|row| row.how == As::BlockingPool) && !is_awaited(function, call) {
                let repeats = program.repeats(function, call_id);
                if repeats == Some(Repeats::Item) {
                    found.push(finding(program, id, call));
                }
            }
        }
        found
    }
}

/// Whether the next round starts only when this job is done.
fn is_awaited(function: &Function, call: &Call) -> bool {
    match call.goes {
        Use::Awaited(_) => true,
        Use::Bound(local) => function.awaits.iter().any(|point| {
            point.value.local() == Some(local)
                && point.within == call.within
                && point.body == call.body
        }),
        // A closure that gives it back: whoever takes it decides.
        _ => false,
    }
}

fn finding(program: &Program<'_>, id: FunctionId, call: &Call) -> Found {
    let name = if call.callee.path.is_empty() {
        &call.callee.name
    } else {
        &call.callee.path
    };
    let message = format!(
        "`{name}` queues a job for each item: up to 512 threads at a time, the rest waits in the queue, and none can be aborted"
    );
    program
        .found(&INFO, id, call.name, message)
        .by(call.witness, format!("rustc: this calls {}", call.callee.path))
        .help("instead: a stream of the items with .map(spawn_blocking).buffer_unordered(n), n near the number of cores")
}
