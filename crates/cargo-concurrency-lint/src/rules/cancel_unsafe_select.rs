//! Futures that a `select!` cuts off in the middle of what they do.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use super::Found;
use crate::ecosystem::Cancel;
use crate::facts::{Arm, BodyId, By, Call, Function, FunctionId, Origin, Select, Use};
use crate::program::Program;

pub struct CancelUnsafeSelect;

static INFO: RuleInfo = RuleInfo {
    id: "cancel-unsafe-select",
    summary: "A `select!` in a loop drops a future that may be in the middle of its work",
    severity: Severity::Warning,
    docs: r#"## What it does
Finds `select!` in a loop with an arm whose future is made anew each round and loses something when it is
dropped: `read_exact`, `read_to_end`, `read_line`, `write_all`, `send` of a bounded channel, and functions of the
workspace that await one of these themselves; where another arm lets the loop go on.

## Why it matters
When another arm is first, the future is dropped where it stands. Four of eight bytes are read and gone: from
then on everything that is read is shifted by four. A message that waited for room in the channel is gone.

## Example
```rust
loop {
    select! {
        n = socket.read_exact(&mut header) => parse(&header),
        _ = ticker.tick() => ping().await,
    }
}
```
Read with what can be cut off (`read_buf` into a buffer that stays), put the reading into a task of its own that
sends what it has read, or make the future before the loop and wait for `&mut future`.

## When it is wrong
The loop cannot go on with what was lost: the stream is closed after the other arm. Where that arm leaves the loop
it is seen.
"#,
};

impl Rule<Program<'_>, Found> for CancelUnsafeSelect {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, program: &Program<'_>) -> Vec<Found> {
        let mut found = Vec::new();
        for (id, function) in program.functions() {
            for select in &function.selects {
                found.extend(judge(program, id, function, select));
            }
        }
        found
    }
}

fn judge(
    program: &Program<'_>,
    id: FunctionId,
    function: &Function,
    select: &Select,
) -> Vec<Found> {
    if select.within.is_none() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (index, arm) in select.arms.iter().enumerate() {
        let goes_on = |(other, arm): (usize, &Arm)| other != index && !arm.leaves;
        let others = select.arms.iter().enumerate().any(goes_on);
        if !others || arm.future.by == By::RefMut {
            continue;
        }
        let Origin::Call(call) = &arm.future.origin else {
            continue;
        };
        let call = &function[*call];
        let Some((row, through)) = loses(program, call) else {
            continue;
        };
        let path = if call.callee.path.is_empty() {
            &call.callee.name
        } else {
            &call.callee.path
        };
        let by = through.map_or(String::new(), |inner| format!(", by `{inner}` in it"));
        let message = format!(
            "when another arm is first, `{path}` is dropped where it stands and loses {}{by}",
            row.loses
        );
        found.push(
            program
                .found(&INFO, id, call.name, message)
                .by(call.witness, format!("rustc: this calls {path}"))
                .help("instead: make the future before the loop and select on `&mut future`; or read in a task of its own; or use what can be cut off, such as read_buf or reserve"),
        );
    }
    found
}

/// What is lost when the future of a call is dropped; second, the call within it that loses it.
fn loses<'p>(program: &'p Program<'_>, call: &Call) -> Option<(&'p Cancel, Option<String>)> {
    if let Some(row) = program.ecosystem.cancel.find(call) {
        return Some((row, None));
    }
    let [target] = program.targets(call) else {
        return None;
    };
    let function = program.function(*target);
    if !function.is_async() {
        return None;
    }
    let awaited = function
        .calls
        .iter()
        .filter(|inner| inner.body == BodyId(0) && matches!(inner.goes, Use::Awaited(_)));
    let mut found = awaited.filter_map(|inner| {
        let row = program.ecosystem.cancel.find(inner)?;
        Some((row, Some(inner.callee.name.clone())))
    });
    found.next()
}
