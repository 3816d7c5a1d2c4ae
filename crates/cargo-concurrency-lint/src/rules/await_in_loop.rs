//! Loops that wait for each item before they ask for the next.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use super::Found;
use crate::facts::{
    AwaitId, CallId, Function, FunctionId, LocalId, Loop, LoopId, LoopKind, TouchKind, Value,
};
use crate::program::{Count, Program, is_connection};

pub struct AwaitInLoop;

static INFO: RuleInfo = RuleInfo {
    id: "await-in-loop",
    summary: "A loop waits for each item before it asks for the next",
    severity: Severity::Advice,
    docs: r#"## What it does
Finds `for` loops whose rounds are independent: each asks for something about its own item, results are at most
collected, nothing else is changed, the loop is not left early and nothing in it waits on purpose.

## Why it matters
The times add up: a hundred requests of 50 ms take five seconds, where sixteen at a time take a third of one.

## Example
```rust
let mut pages = Vec::new();
for url in urls {
    pages.push(fetch(url).await?);
}
```
Write:
```rust
let pages: Vec<Page> = stream::iter(urls).map(fetch).buffer_unordered(16).try_collect().await?;
```
`buffered(16)` keeps the order.

## When it is wrong
The other side must not be asked for more than one thing at a time, or an error must stop the rest from being
asked at all.
"#,
};

impl Rule<Program<'_>, Found> for AwaitInLoop {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, program: &Program<'_>) -> Vec<Found> {
        let mut found = Vec::new();
        for (id, function) in program.functions() {
            for (index, it) in function.loops.iter().enumerate() {
                found.extend(judge(program, id, function, LoopId::at(index), it));
            }
        }
        found
    }
}

fn judge(
    program: &Program<'_>,
    id: FunctionId,
    function: &Function,
    loop_id: LoopId,
    it: &Loop,
) -> Option<Found> {
    let LoopKind::For(binds, over) = &it.kind else {
        return None;
    };
    let few = matches!(program.count(function, over), Count::AtMost(0..=2));
    if it.leaves || few || !function[it.body].is_async || waits_between_attempts(over) {
        return None;
    }
    let awaits: Vec<AwaitId> = awaits_in(function, loop_id).collect();
    let first = *awaits.first()?;
    let all_read = awaits
        .iter()
        .all(|point| program.only_reads(function, *point));
    let each_own = awaits.iter().any(|point| mentions(function, *point, binds));
    if !all_read || !each_own || !is_independent(program, function, it, &awaits) {
        return None;
    }
    let point = &function[first];
    let name = point
        .value
        .call()
        .map_or("a future", |call| function[call].callee.name.as_str());
    let message = format!(
        "this loop waits for `{name}` of each item before it asks for the next: the times add up"
    );
    let found = program
        .found(&INFO, id, point.value.span, message)
        .by(point.witness, format!("rustc: this awaits {name}"));
    Some(found.help("instead: futures::stream::iter(items).map(..).buffer_unordered(16), or buffered(16) to keep the order"))
}

/// `for attempt in 0..3`: the rounds are of one question.
fn waits_between_attempts(over: &Value) -> bool {
    matches!(over.origin, crate::facts::Origin::Range { .. })
}

fn awaits_in(function: &Function, id: LoopId) -> impl Iterator<Item = AwaitId> + use<'_> {
    let awaits = function.awaits.iter().enumerate();
    awaits
        .filter(move |(_, point)| {
            function
                .loops_around(point.within)
                .any(|(around, _)| around == id)
        })
        .map(|(index, _)| AwaitId::at(index))
}

/// Whether the future of an await is about the loop's item, itself or through a variable of the round.
fn mentions(function: &Function, point: AwaitId, binds: &[LocalId]) -> bool {
    let span = function[point].span;
    let in_span = |id: LocalId| {
        function[id]
            .touches
            .iter()
            .any(|touch| span.contains(touch.span))
    };
    let made_of_item = |id: &LocalId| {
        let init = function[*id].init.as_ref().map(|init| init.span);
        init.is_some_and(|init| {
            binds.iter().any(|bind| {
                function[*bind]
                    .touches
                    .iter()
                    .any(|touch| init.contains(touch.span))
            })
        })
    };
    binds.iter().any(|bind| in_span(*bind))
        || (0..function.locals.len())
            .map(LocalId::at)
            .any(|id| made_of_item(&id) && in_span(id))
}

/// Whether no round needs what an earlier one did.
fn is_independent(
    program: &Program<'_>,
    function: &Function,
    it: &Loop,
    awaits: &[AwaitId],
) -> bool {
    (0..function.locals.len()).map(LocalId::at).all(|id| {
        let local = &function[id];
        if it.span.contains(local.span) {
            return true;
        }
        let changed = local.touches.iter().filter(|touch| {
            it.span.contains(touch.span)
                && matches!(touch.kind, TouchKind::Changed | TouchKind::Set)
        });
        let collected = changed.into_iter().all(|touch| {
            touch.kind == TouchKind::Changed && is_collected(function, id, touch.span)
        });
        let alone = awaits.iter().any(|point| {
            let span = function[*point].span;
            let mentioned = local.touches.iter().any(|touch| span.contains(touch.span));
            mentioned && is_connection(local) || program.is_exclusive(function, id, span)
        });
        collected && !alone
    })
}

/// Whether the change only adds a result: `results.push(x)`.
fn is_collected(function: &Function, id: LocalId, span: crate::facts::Span) -> bool {
    let adds = [
        "push",
        "insert",
        "extend",
        "push_back",
        "append",
        "push_str",
    ];
    function.call_ids().any(|call: CallId| {
        let call = &function[call];
        adds.contains(&call.callee.name.as_str())
            && call
                .receiver
                .as_ref()
                .is_some_and(|value| value.local() == Some(id) && value.span == span)
            && call.goes_nowhere()
    })
}
