//! An executor that is started within another.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use super::{Found, keeping};
use crate::ecosystem::BlockingKind;
use crate::program::Program;

pub struct BlockOnInAsync;

static INFO: RuleInfo = RuleInfo {
    id: "block-on-in-async",
    summary: "`block_on` in code that an executor already polls",
    severity: Severity::Error,
    docs: r#"## What it does
Finds `block_on` of any runtime in async code, also through ordinary functions.

## Why it matters
tokio's panics there: "Cannot start a runtime from within a runtime". The others keep the worker thread
until the future is done; where that future needs this very thread to go on, it never is.

## Example
```rust
async fn handler(pool: Pool) -> User {
    futures::executor::block_on(pool.user())
}
```
Write `pool.user().await`. Where a trait asks for an ordinary function, make the trait's method async, or
move the caller to `spawn_blocking`, where `Handle::block_on` is allowed.

## When it is wrong
The future is known to be ready. Then `now_or_never` says so in the code.
"#,
};

impl Rule<Program<'_>, Found> for BlockOnInAsync {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, program: &Program<'_>) -> Vec<Found> {
        let calls = keeping::calls(program, &[BlockingKind::BlockOn]);
        let found = calls.iter().map(|call| {
            let tokio = call.leaf().starts_with("tokio::");
            let consequence = if tokio {
                "tokio panics when this runs"
            } else {
                "the worker thread waits, for ever where the future needs it"
            };
            let found = call.found(program, &INFO, consequence);
            if tokio {
                found
            } else {
                found.severity(Severity::Warning)
            }
        });
        found.collect()
    }
}
