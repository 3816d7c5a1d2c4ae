//! Channels that keep the thread of whoever waits at them, in polled code.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use super::{Found, keeping};
use crate::ecosystem::BlockingKind;
use crate::facts::LoopKind;
use crate::program::Program;

pub struct SyncChannelInAsync;

static INFO: RuleInfo = RuleInfo {
    id: "sync-channel-in-async",
    summary: "A channel's blocking end, in code that an executor polls",
    severity: Severity::Error,
    docs: r#"## What it does
Finds `recv` of std's, crossbeam's and flume's channels, their iteration, `send` of a bounded one, and the
`blocking_*` methods of async channels, in async code; also through ordinary functions.

## Why it matters
The thread waits until a message comes, and takes all its tasks along. Where the sender is one of them
the message never comes: a deadlock that shows only under load, or on a machine with fewer cores.

## Example
```rust
async fn worker(jobs: std::sync::mpsc::Receiver<Job>) {
    while let Ok(job) = jobs.recv() {
        job.run().await;
    }
}
```
Take a channel whose `recv` is awaited: `tokio::sync::mpsc`, `async_channel`, or flume's `recv_async`.

## When it is wrong
`try_recv` never waits and is never reported. A receive that is known to have a message waiting is worth
an allow that says why.
"#,
};

/// Receivers that a `for` loop waits at.
const RECEIVERS: [&str; 3] = [
    "std::sync::mpsc::Receiver",
    "crossbeam_channel::Receiver",
    "flume::Receiver",
];

impl Rule<Program<'_>, Found> for SyncChannelInAsync {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, program: &Program<'_>) -> Vec<Found> {
        let calls = keeping::calls(program, &[BlockingKind::Channel]);
        let consequence = "every task on this worker thread waits along";
        let found = calls
            .iter()
            .map(|call| call.found(program, &INFO, consequence));
        found.chain(iterated(program)).collect()
    }
}

/// `for message in receiver`.
fn iterated(program: &Program<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, function) in program.functions() {
        for it in &function.loops {
            let LoopKind::For(_, over) = &it.kind else {
                continue;
            };
            let path = &over.ty.pointee().path;
            if RECEIVERS.contains(&path.as_str())
                && program.is_polled(function, id.index(), it.body)
            {
                let message = format!(
                    "each round of this loop waits at a `{path}`: every task on this worker thread waits along"
                );
                let finding = program
                    .found(&INFO, id, over.span, message)
                    .by(it.witness, format!("rustc: this is a {path}"))
                    .help("take a channel whose recv is awaited, and `while let Some(message) = receiver.recv().await`");
                found.push(finding);
            }
        }
    }
    found
}
