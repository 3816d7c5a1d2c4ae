//! Waiting for the network with nothing that ends the wait.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use super::Found;
use crate::ecosystem::{Network, NetworkKind, Runtime};
use crate::facts::{BodyId, Call, Entry, Function, FunctionId};
use crate::program::Program;

pub struct MissingTimeout;

static INFO: RuleInfo = RuleInfo {
    id: "missing-timeout",
    summary: "A wait for the network that nothing ends",
    severity: Severity::Warning,
    docs: r#"## What it does
Finds connects, requests, handshakes, reads and checkouts of a pool that wait for another machine, where no
timeout is on the operation, on the client's builder, around it, around the function by all that call it, or
in the same `select!`.

Requests of a client whose builder sets no timeout are told of once, where the client is made: that is the
rule `client-without-timeout`. Reads are advice: a server may well wait for its peer's next words, but then
for how long is a decision.

## Why it matters
A machine that is gone does not say so. Without a timeout the task waits for minutes until the system gives
up on a connect, and for ever on a read: it holds its memory, its connection and its permit, and a shutdown
waits for it.

## Example
```rust
let stream = TcpStream::connect(address).await?;
```
Write:
```rust
let stream = timeout(Duration::from_secs(5), TcpStream::connect(address)).await??;
```

## When it is wrong
The wait is bounded by something that is not seen here, such as a proxy in the same pod, or a supervisor that
kills the process.
"#,
};

impl Rule<Program<'_>, Found> for MissingTimeout {
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
    let row = program.ecosystem.network.find(call)?;
    // Told of where the client is made.
    if row.client.is_some() && row.kind != NetworkKind::Acquire {
        return None;
    }
    if row.kind == NetworkKind::Acquire && program.pools_are_bounded(row) {
        return None;
    }
    if row.kind == NetworkKind::Connect && is_loopback(program, function, call) {
        return None;
    }
    if program.is_bounded(id, call.goes) || program.handlers_are_bounded(function, row) {
        return None;
    }
    let path = if call.callee.path.is_empty() {
        &call.callee.name
    } else {
        &call.callee.path
    };
    let severity = severity(function, call, row);
    let message = match row.kind {
        NetworkKind::Read => format!(
            "`{path}` waits for its peer with nothing that ends the wait: one that goes silent holds this task for ever"
        ),
        _ => format!(
            "`{path}` {} with no timeout: a machine that is gone holds this task until the system gives up, if it does",
            row.does
        ),
    };
    let found = program
        .found(&INFO, id, call.name, message)
        .by(call.witness, format!("rustc: this calls {path}"))
        .severity(severity);
    Some(found.help(format!("instead: {}", remedy(program.runtime(function)))))
}

/// This machine does not go away without a word.
fn is_loopback(program: &Program<'_>, function: &Function, call: &Call) -> bool {
    let text = call
        .args
        .first()
        .map(|address| program.facts.text(program.source(function, address).span));
    text.is_some_and(|text| {
        ["127.0.0.1", "localhost", "::1"]
            .iter()
            .any(|here| text.contains(here))
    })
}

/// A read waits for what a peer wants next, and a program that only just starts has someone who waits
/// for it: advice. All else is a warning.
fn severity(function: &Function, call: &Call, row: &Network) -> Severity {
    let starts = matches!(function.entry, Some(Entry::Main(_))) && call.body == BodyId(0);
    if row.kind == NetworkKind::Read || starts {
        Severity::Advice
    } else {
        Severity::Warning
    }
}

fn remedy(runtime: Runtime) -> &'static str {
    match runtime {
        Runtime::Tokio => "tokio::time::timeout(limit, ..).await",
        Runtime::AsyncStd => "async_std::future::timeout(limit, ..).await",
        Runtime::Smol => "an `or` with a smol::Timer",
    }
}

impl Program<'_> {
    /// Whether some pool of this kind in the workspace is given a bound for its checkouts.
    fn pools_are_bounded(&self, row: &Network) -> bool {
        let Some(client) = row.client.as_deref() else {
            return false;
        };
        let made = self
            .clients()
            .iter()
            .filter(|made| made.client.name == client);
        let mut made = made.peekable();
        let by_builder = made.peek().is_some();
        // An unbounded one is told of where it is made.
        by_builder || self.pools_are_configured()
    }

    /// Whether the crate puts a deadline on each request that it serves: then what a handler waits for
    /// ends with it.
    fn handlers_are_bounded(&self, function: &Function, row: &Network) -> bool {
        if !matches!(row.kind, NetworkKind::Request | NetworkKind::Acquire) {
            return false;
        }
        self.requests_are_bounded(function)
    }
}
