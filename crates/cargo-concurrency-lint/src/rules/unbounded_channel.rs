//! Channels that take any number of messages.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use super::Found;
use crate::facts::{Call, CallId, Function, FunctionId, LocalId, LocalKind, Origin, StatementKind};
use crate::program::Program;

pub struct UnboundedChannel;

static INFO: RuleInfo = RuleInfo {
    id: "unbounded-channel",
    summary: "A channel without a bound: nothing slows the sender down",
    severity: Severity::Advice,
    docs: r#"## What it does
Finds channels without a bound. Where the sender is seen to send in a loop it is a warning, else advice.

## Why it matters
When the receiver is slower than the sender, the difference piles up in memory until the process is killed;
before that, each message is late by all that stand before it. A bounded channel makes the sender wait
instead: the slowness shows where it can be dealt with.

## Example
```rust
let (tx, mut rx) = tokio::sync::mpsc::unbounded_channel();
```
Write `tokio::sync::mpsc::channel(64)` and await `send`; where the sender must not wait, `try_send` and decide
what to drop.

## When it is wrong
The number of messages is bounded by something else: one for each open connection, a few for a shutdown. Or
the sender cannot wait and nothing may be dropped, as in a `Drop` or a callback of C.
"#,
};

const SENDS: [&str; 3] = ["send", "unbounded_send", "start_send"];

impl Rule<Program<'_>, Found> for UnboundedChannel {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, program: &Program<'_>) -> Vec<Found> {
        let mut found = Vec::new();
        for (id, function, call_id, call) in program.calls() {
            if let Some(row) = program.ecosystem.channels.find(call) {
                found.push(finding(program, id, function, call_id, call, &row.bounded));
            }
        }
        found
    }
}

fn finding(
    program: &Program<'_>,
    id: FunctionId,
    function: &Function,
    call_id: CallId,
    call: &Call,
    bounded: &str,
) -> Found {
    let looped = sends_in_loop(program, function, call_id);
    let consequence = if looped {
        "the loop that sends is never slowed down, and what the receiver has not taken stays in memory"
    } else {
        "what the receiver has not taken stays in memory"
    };
    let message = format!("`{}` has no bound: {consequence}", call.callee.path);
    let severity = if looped {
        Severity::Warning
    } else {
        Severity::Advice
    };
    program
        .found(&INFO, id, call.name, message)
        .by(
            call.witness,
            format!("rustc: this calls {}", call.callee.path),
        )
        .severity(severity)
        .help(format!(
            "instead: {bounded}, whose send waits while it is full"
        ))
}

/// Whether the sender that this call makes is seen to send within a loop.
fn sends_in_loop(program: &Program<'_>, function: &Function, channel: CallId) -> bool {
    let Some(sender) = sender(function, channel) else {
        return false;
    };
    function.calls.iter().any(|call| {
        let sends = SENDS.contains(&call.callee.name.as_str()) && call.within.is_some();
        let root = call
            .receiver
            .as_ref()
            .and_then(|value| program.root(function, value));
        sends && root == Some(sender)
    })
}

/// The first variable of `let (tx, rx) = channel();`.
fn sender(function: &Function, channel: CallId) -> Option<LocalId> {
    let span = function[channel].span;
    let statements = function.blocks.iter().flat_map(|block| &block.statements);
    let mut lets = statements.filter(|statement| statement.span.contains(span));
    let innermost = lets.next_back()?;
    let StatementKind::Let(binds) = &innermost.kind else {
        return None;
    };
    let first = *binds.first()?;
    let apart = function[first].kind == LocalKind::Pattern;
    (apart || matches!(function[first].init.as_ref()?.origin, Origin::Call(_))).then_some(first)
}
