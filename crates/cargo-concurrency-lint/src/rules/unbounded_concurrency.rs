//! Stream combinators that are told to have no limit.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use super::Found;
use crate::ecosystem::What;
use crate::facts::{Call, Function, FunctionId, Value};
use crate::program::Program;

pub struct UnboundedConcurrency;

static INFO: RuleInfo = RuleInfo {
    id: "unbounded-concurrency",
    summary: "A stream is worked on with no limit",
    severity: Severity::Warning,
    docs: r#"## What it does
Finds `for_each_concurrent(None, ..)`, `try_for_each_concurrent(None, ..)`, `flatten_unordered(None)` and the
like, and limits of 0 (which means none) or `usize::MAX`.

## Why it matters
The combinator takes the next item whenever there is one, so a fast source fills memory with futures that
wait for a slow sink, and the other side gets all requests at once.

## Example
```rust
messages.for_each_concurrent(None, |message| store(message)).await;
```
Write a number that the sink can take: `for_each_concurrent(32, ..)`.

## When it is wrong
The stream is short for a reason that the code does not show, or each item takes its own permit. The
second is seen.
"#,
};

impl Rule<Program<'_>, Found> for UnboundedConcurrency {
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
    let row = program.ecosystem.limits.find(call)?;
    if !matches!(row.what, What::Concurrency | What::Ordered) {
        return None;
    }
    let limit = call.args.get(row.argument as usize)?;
    if !is_none(program.source(function, limit)) {
        return None;
    }
    let source = call.receiver.as_ref()?;
    let few = program
        .count(function, source)
        .is_at_most(program.facts.limits.io);
    if few || program.takes_permit(&program.items_of_call(id, call)) {
        return None;
    }
    let name = &call.callee.name;
    let message =
        format!("`{name}` has no limit: it holds a future for every item that the stream can give");
    let found = program.found(&INFO, id, call.name, message).by(
        call.witness,
        format!("rustc: this calls {}", call.callee.path),
    );
    Some(found.help(format!(
        "instead: {name} with a number that the sink can take, 50 to 200 for the network"
    )))
}

/// `None`, 0, `usize::MAX`.
fn is_none(limit: &Value) -> bool {
    let named = limit.item().is_some_and(|path| {
        path.ends_with("Option::None") || path == "None" || path.ends_with("usize::MAX")
    });
    named || limit.number() == Some(0)
}
