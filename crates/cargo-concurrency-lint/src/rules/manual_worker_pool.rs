//! Worker tasks that share a channel by hand.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use super::Found;
use crate::ecosystem::As;
use crate::facts::{
    BodyId, BodyKind, Call, Function, FunctionId, LocalId, LocalKind, LoopKind, Origin, Value,
};
use crate::program::Program;

pub struct ManualWorkerPool;

static INFO: RuleInfo = RuleInfo {
    id: "manual-worker-pool",
    summary: "Tasks that take turns at one channel, where a stream with a limit would do",
    severity: Severity::Advice,
    docs: r#"## What it does
Finds a `for` loop over a range that spawns tasks of which each takes messages from the same receiver in a
loop.

## Why it matters
It is a stream with a limit, written by hand: the receiver sits behind a lock that one worker holds while it
waits, a worker that panics is never replaced, and the number of workers is fixed before the first message.

## Example
```rust
for _ in 0..8 {
    let jobs = jobs.clone();
    tokio::spawn(async move {
        while let Some(job) = jobs.lock().await.recv().await {
            job.run().await;
        }
    });
}
```
Write:
```rust
ReceiverStream::new(jobs).for_each_concurrent(8, |job| job.run()).await;
```

## When it is wrong
Each worker keeps something of its own between jobs, such as a connection, or the jobs need the cores of
several threads: a stream polls all of its futures on one task. Then spawn within the stream.
"#,
};

impl Rule<Program<'_>, Found> for ManualWorkerPool {
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
    let row = program
        .ecosystem
        .runs
        .find(call)
        .filter(|row| row.how == As::Task)?;
    let loops = function.loops_around(call.within);
    let (_, round) = loops.into_iter().find(|(_, it)| {
        matches!(&it.kind, LoopKind::For(_, over) if matches!(over.origin, Origin::Range { .. }))
    })?;
    let task = call.args.get(row.argument as usize)?;
    let shared = |local: LocalId| {
        !round.span.contains(function[local].span)
            || stems_from_outside(program, function, local, round.span)
    };
    let takes = match (&task.origin, program.body_of(function, task)) {
        (_, Some(body)) => takes_in_loop(program, function, body, &shared),
        (Origin::Call(worker), None) => {
            let worker = &function[*worker];
            let given = worker
                .args
                .iter()
                .any(|arg| program.root(function, arg).is_some_and(&shared));
            given
                && program.targets(worker).iter().any(|target| {
                    let target = program.function(*target);
                    takes_in_loop(program, target, BodyId(0), &|local| {
                        matches!(
                            target[local].kind,
                            LocalKind::Parameter | LocalKind::Receiver
                        )
                    })
                })
        }
        _ => false,
    };
    if !takes {
        return None;
    }
    let message = "these tasks take turns at one receiver: a stream with a limit, written by hand, in which one that panics is never replaced";
    let found = program.found(&INFO, id, call.name, message).by(
        call.witness,
        format!("rustc: this calls {}", call.callee.path),
    );
    Some(found.help("instead: a stream of the receiver with .for_each_concurrent(n, ..), and a spawn within it where the work needs several threads"))
}

/// A variable of the round that was cloned from one outside.
fn stems_from_outside(
    program: &Program<'_>,
    function: &Function,
    local: LocalId,
    round: crate::facts::Span,
) -> bool {
    let init = function[local].init.as_ref();
    let root = init.and_then(|init| program.root(function, init));
    root.is_some_and(|root| !round.contains(function[root].span))
}

/// Whether a body takes messages in a loop from a receiver that `shared` says is not its own.
fn takes_in_loop(
    program: &Program<'_>,
    function: &Function,
    body: BodyId,
    shared: &dyn Fn(LocalId) -> bool,
) -> bool {
    const TAKES: [&str; 6] = ["recv", "recv_async", "next", "pop", "dequeue", "try_next"];
    function.awaits.iter().any(|point| {
        let within = program.is_within(function, point.body, body) && point.within.is_some();
        let Some(call) = point.value.call().map(|id| &function[id]) else {
            return false;
        };
        let own_loop = function[point.body].kind != BodyKind::Closure;
        within && own_loop && TAKES.contains(&call.callee.name.as_str()) && {
            let receiver = call.receiver.as_ref();
            receiver.is_some_and(|value| behind_lock(program, function, value).is_some_and(shared))
        }
    })
}

/// The variable that a receiver is, also behind its lock.
fn behind_lock(program: &Program<'_>, function: &Function, value: &Value) -> Option<LocalId> {
    match &value.origin {
        Origin::Await(id) => behind_lock(program, function, &function[*id].value),
        Origin::Call(id) if ["lock", "write"].contains(&function[*id].callee.name.as_str()) => {
            behind_lock(program, function, function[*id].receiver.as_ref()?)
        }
        Origin::Local(id) => {
            let init = function[*id].init.as_ref();
            let locked = init.filter(|init| matches!(init.origin, Origin::Await(_)));
            locked
                .and_then(|init| behind_lock(program, function, init))
                .or_else(|| program.root(function, value))
        }
        _ => program.root(function, value),
    }
}
