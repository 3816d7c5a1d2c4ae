//! Work that keeps a core busy, in polled code.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use super::{Found, keeping};
use crate::ecosystem::BlockingKind;
use crate::program::Program;

pub struct CpuBoundInAsync;

static INFO: RuleInfo = RuleInfo {
    id: "cpu-bound-in-async",
    summary: "Work that keeps a core busy for milliseconds or more, in code that an executor polls",
    severity: Severity::Warning,
    docs: r#"## What it does
Finds password hashing, compression in one go, image processing, key generation and rayon's parallel
iterators in async code, also through ordinary functions. The list is a table.

## Why it matters
A task gives its thread back only at an await. Argon2 with its default cost takes tens of milliseconds:
four logins at a time and a server with four worker threads answers nobody else meanwhile.

## Example
```rust
async fn login(form: Form) -> bool {
    bcrypt::verify(form.password, &form.hash).unwrap()
}
```
Write:
```rust
async fn login(form: Form) -> bool {
    tokio::task::spawn_blocking(move || bcrypt::verify(form.password, &form.hash))
        .await
        .unwrap()
        .unwrap()
}
```

## When it is wrong
The input is known to be tiny, so that the work takes microseconds: tokio's own advice is to stay below
some 10 to 100 µs between awaits.
"#,
};

impl Rule<Program<'_>, Found> for CpuBoundInAsync {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, program: &Program<'_>) -> Vec<Found> {
        let calls = keeping::calls(program, &[BlockingKind::Cpu]);
        let consequence = "meanwhile no other task runs on this worker thread";
        let found = calls
            .iter()
            .map(|call| call.found(program, &INFO, consequence));
        found.collect()
    }
}
