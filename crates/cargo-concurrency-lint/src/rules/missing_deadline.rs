//! A batch of requests of which one that never ends holds up all.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use super::Found;
use crate::ecosystem::What;
use crate::facts::{Call, Form, Function, FunctionId, Span, Use};
use crate::program::Program;

pub struct MissingDeadline;

static INFO: RuleInfo = RuleInfo {
    id: "missing-deadline",
    summary: "A batch of network futures has no deadline",
    severity: Severity::Warning,
    docs: r#"## What it does
Finds `join_all`, `join!`, `buffer_unordered` and the like over futures that wait for the network, where neither
the futures nor the batch have a timeout.

## Why it matters
A batch is done when its slowest member is. With a hundred requests the one that never ends is a matter of
time, and it takes the answers of the other ninety-nine along.

## Example
```rust
let pages = join_all(hosts.iter().map(|host| TcpStream::connect(host))).await;
```
Bound each, and keep what came in time:
```rust
let pages = join_all(hosts.iter().map(|host| timeout(LIMIT, TcpStream::connect(host)))).await;
```

## When it is wrong
Each future is bounded by something that is not seen here.
"#,
};

impl Rule<Program<'_>, Found> for MissingDeadline {
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
    if !is_batch(program, call) || is_bounded(program, id, function, call) {
        return None;
    }
    let items = program.items_of_call(id, call);
    let unbounded = |id: FunctionId, call: &Call| !program.is_bounded(id, call.goes);
    let mut calls = Vec::new();
    program.calls_where(&items, &unbounded, &mut calls);
    // The futures may also stand among the arguments themselves.
    let own = function
        .calls
        .iter()
        .filter(|inner| call.span.contains(inner.span));
    calls.extend(own.map(|inner| (id, inner)));
    let slow = calls
        .into_iter()
        .find(|(id, inner)| program.waits_without_end(*id, inner));
    let (path, place) = match slow {
        Some((_, slow)) if slow.callee.path.is_empty() => (slow.callee.name.clone(), slow.name),
        Some((_, slow)) => (slow.callee.path.clone(), slow.name),
        None => passed_by_name(program, function, call)?,
    };
    let message = format!(
        "`{}` ends when the last of these does, and `{path}` in {} has no timeout: one that never ends takes all answers along",
        call.callee.name,
        program.place(place),
    );
    let found = program.found(&INFO, id, call.name, message).by(
        call.witness,
        format!("rustc: this calls {}", call.callee.path),
    );
    Some(found.help("instead: a timeout around each future, so that the answers that came in time are kept; or one around the batch"))
}

/// `.map(reqwest::get)`: a function of another crate that waits without end.
fn passed_by_name(
    program: &Program<'_>,
    function: &Function,
    call: &Call,
) -> Option<(String, Span)> {
    let inside = function
        .calls
        .iter()
        .filter(|inner| call.span.contains(inner.span));
    let mut args = inside.flat_map(|inner| &inner.args);
    args.find_map(|arg| {
        let path = arg.item()?;
        let row = program.ecosystem.network.at(path)?;
        row.client.is_none().then(|| (path.to_owned(), arg.span))
    })
}

fn is_batch(program: &Program<'_>, call: &Call) -> bool {
    let name = call.callee.name.as_str();
    if call.form == Form::Macro {
        return ["join", "try_join"].contains(&name) && call.args.len() > 1;
    }
    let limit = program.ecosystem.limits.find(call).map(|row| row.what);
    program.ecosystem.joins.has(call) || matches!(limit, Some(What::Concurrency | What::Ordered))
}

/// Whether a deadline covers the batch, or the stream that it is.
fn is_bounded(program: &Program<'_>, id: FunctionId, function: &Function, call: &Call) -> bool {
    let mut goes = call.goes;
    // The rest of the chain of a stream: whoever awaits it waits for the batch.
    for _ in 0..16 {
        match goes {
            Use::Receiver(next) if program.ecosystem.timeouts.has(&function[next]) => return true,
            Use::Receiver(next) => goes = function[next].goes,
            _ => break,
        }
    }
    program.is_bounded(id, goes)
}
