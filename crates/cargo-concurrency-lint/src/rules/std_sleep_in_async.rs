//! `std::thread::sleep` in polled code.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};
use pitcrew_core::fix::{Applicability, Edit};

use super::{Found, keeping};
use crate::ecosystem::{BlockingKind, Runtime};
use crate::facts::Form;
use crate::program::Program;

pub struct StdSleepInAsync;

static INFO: RuleInfo = RuleInfo {
    id: "std-sleep-in-async",
    summary: "std's sleep in code that an executor polls",
    severity: Severity::Error,
    docs: r#"## What it does
Finds `std::thread::sleep` in async code, also through ordinary functions, and writes the runtime's
own sleep in its place where the call stands directly in async code.

## Why it matters
The whole worker thread sleeps, with every task that waits for it. A server that sleeps 100 ms in a
handler on four threads answers at most 40 requests a second, whatever the machine.

## Example
```rust
async fn retry() {
    std::thread::sleep(Duration::from_millis(100));
}
```
Write:
```rust
async fn retry() {
    tokio::time::sleep(Duration::from_millis(100)).await;
}
```

## When it is wrong
Hardly ever. In a test of what happens when a task blocks, say so with an allow.
"#,
};

impl Rule<Program<'_>, Found> for StdSleepInAsync {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, program: &Program<'_>) -> Vec<Found> {
        let calls = keeping::calls(program, &[BlockingKind::Sleep]);
        let found = calls.iter().map(|call| {
            let consequence = "every task on this worker thread sleeps along";
            let found = call.found(program, &INFO, consequence);
            found.fix(Applicability::MachineApplicable, async_sleep(program, call))
        });
        found.collect()
    }
}

fn async_sleep(program: &Program<'_>, keeping: &keeping::Keeping<'_>) -> Option<Vec<Edit>> {
    let call = keeping.call;
    let direct = keeping.is_direct() && keeping.function[call.body].is_async;
    if !direct || call.form != Form::Function || call.callee.path != "std::thread::sleep" {
        return None;
    }
    let krate = program.krate(keeping.function)?;
    let sleep = match program.runtime(keeping.function) {
        Runtime::Tokio if krate.has_feature("tokio", &["time", "full"]) => "tokio::time::sleep",
        Runtime::AsyncStd => "async_std::task::sleep",
        Runtime::Smol => "smol::Timer::after",
        Runtime::Tokio => return None,
    };
    Some(vec![
        program.edit(call.name, sleep)?,
        program.insert_after(call.span, ".await")?,
    ])
}
