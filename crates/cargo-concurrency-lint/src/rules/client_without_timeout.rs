//! Clients that wait without end.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use super::Found;
use crate::program::{Made, Program};

pub struct ClientWithoutTimeout;

static INFO: RuleInfo = RuleInfo {
    id: "client-without-timeout",
    summary: "A client whose requests may wait for ever",
    severity: Severity::Warning,
    docs: r#"## What it does
Finds clients that are made without a timeout where the library sets none by itself: reqwest's async client,
tonic's endpoints, isahc, deadpool's pools. Both a total timeout, and a timeout for the connect together with
one for the read, are enough. Not reported is reqwest's blocking client, which gives up after 30 seconds.

## Why it matters
One server that accepts and never answers holds every task that asks it, and in time all permits, all
connections of the pool, and all memory.

## Example
```rust
let client = reqwest::Client::new();
```
Write:
```rust
let client = reqwest::Client::builder()
    .connect_timeout(Duration::from_secs(5))
    .timeout(Duration::from_secs(30))
    .build()?;
```

## When it is wrong
Every request sets its own timeout. Where the crate is seen to do that somewhere, the finding is only advice.
For downloads of any length set `read_timeout`, which bounds the silence instead of the whole.
"#,
};

impl Rule<Program<'_>, Found> for ClientWithoutTimeout {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, program: &Program<'_>) -> Vec<Found> {
        let made = program.clients().iter().filter(|made| !made.bounded);
        let found = made.map(|made| finding(program, made));
        found.chain(hidden(program)).collect()
    }
}

fn finding(program: &Program<'_>, made: &Made<'_>) -> Found {
    let id = made.at.function;
    let call = &program.function(id)[made.at.call];
    let client = made.client;
    let some = program.bounds_requests(id, client);
    let severity = if some {
        Severity::Advice
    } else {
        Severity::Warning
    };
    let waits = if client.name == "deadpool" {
        "whoever asks it for a connection when all are taken waits without end"
    } else {
        "a server that never answers holds its caller for ever"
    };
    let message = format!("this {} has no timeout: {waits}", client.ty);
    program
        .found(&INFO, id, made.span, message)
        .by(
            call.witness,
            format!("rustc: this calls {}", call.callee.path),
        )
        .severity(severity)
        .help(format!("instead: {}", client.write))
}

/// `GreeterClient::connect(..)` of tonic's generated code makes its endpoint itself, and no timeout can
/// be set.
fn hidden(program: &Program<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, function, _, call) in program.calls() {
        let uses_tonic = program
            .krate(function)
            .is_some_and(|krate| krate.dependencies.contains_key("tonic"));
        if function.test
            || !uses_tonic
            || call.callee.name != "connect"
            || !is_generated(&call.callee.path)
        {
            continue;
        }
        if program.is_bounded(id, call.goes) {
            continue;
        }
        let message = format!(
            "`{}` makes its endpoint itself, with no timeout for the connect nor for any call: a server that never answers holds its caller for ever",
            call.callee.path
        );
        found.push(
            program
                .found(&INFO, id, call.name, message)
                .by(call.witness, format!("rustc: this calls {}", call.callee.path))
                .help("instead: Endpoint::from_static(..).connect_timeout(..).timeout(..).connect().await, and the client's new(channel)"),
        );
    }
    found
}

/// `…::greeter_client::GreeterClient::connect`.
fn is_generated(path: &str) -> bool {
    let mut segments = path.rsplit("::").skip(1);
    let (Some(ty), Some(module)) = (segments.next(), segments.next()) else {
        return false;
    };
    ty.ends_with("Client") && module.ends_with("_client")
}
