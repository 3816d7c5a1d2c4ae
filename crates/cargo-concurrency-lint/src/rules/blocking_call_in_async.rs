//! Calls that wait for files, the network, processes, threads or databases in polled code.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};
use pitcrew_core::fix::{Applicability, Edit};

use super::{Found, keeping};
use crate::ecosystem::{BlockingKind, Runtime};
use crate::facts::Form;
use crate::program::Program;

pub struct BlockingCallInAsync;

static INFO: RuleInfo = RuleInfo {
    id: "blocking-call-in-async",
    summary: "A call that blocks its thread, in code that an executor polls",
    severity: Severity::Warning,
    docs: r#"## What it does
Finds calls in async code that wait for files, the network, another process, another thread or a
database and keep their thread meanwhile; also through any number of ordinary functions, with the whole
way from the async function down to the call that blocks.

## Why it matters
A runtime polls many tasks on few threads. While one of them is kept, every task that waits for it
stands still: requests queue up behind a slow disk, timers are late, and on a runtime of one thread
nothing moves at all.

## Example
```rust
async fn handler() -> String {
    load_config().name
}

fn load_config() -> Config {
    parse(&std::fs::read_to_string("config.toml").unwrap())
}
```
Write `tokio::fs::read_to_string(..).await`, or move the whole of it away:
```rust
async fn handler() -> String {
    tokio::task::spawn_blocking(load_config).await.unwrap().name
}
```

## When it is wrong
The call cannot block here: the file lies in memory, the process has ended, the other thread is done.
The start of `main`, before anything is awaited or spawned, is left out by itself; what runs once in the main
task after that is only advice, for it keeps no worker thread.
"#,
};

const KINDS: [BlockingKind; 8] = [
    BlockingKind::File,
    BlockingKind::Input,
    BlockingKind::Network,
    BlockingKind::Process,
    BlockingKind::Thread,
    BlockingKind::Wait,
    BlockingKind::Http,
    BlockingKind::Database,
];

impl Rule<Program<'_>, Found> for BlockingCallInAsync {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, program: &Program<'_>) -> Vec<Found> {
        let calls = keeping::calls(program, &KINDS);
        let found = calls.iter().map(|call| {
            let in_main = call.is_in_main_task(program);
            let consequence = if in_main {
                "meanwhile nothing goes on that this main task polls"
            } else {
                "meanwhile no other task runs on this worker thread"
            };
            let mut found = call.found(program, &INFO, consequence);
            if in_main {
                found = found.severity(Severity::Advice);
            }
            found.fix(
                Applicability::MachineApplicable,
                async_file_call(program, call),
            )
        });
        found.collect()
    }
}

/// `std::fs::read(..)` becomes `tokio::fs::read(..).await`, where tokio's `fs` is at hand and the call
/// stands directly in async code.
fn async_file_call(program: &Program<'_>, keeping: &keeping::Keeping<'_>) -> Option<Vec<Edit>> {
    const SAME: [&str; 15] = [
        "canonicalize",
        "copy",
        "create_dir",
        "create_dir_all",
        "hard_link",
        "metadata",
        "read",
        "read_link",
        "read_to_string",
        "remove_dir",
        "remove_dir_all",
        "remove_file",
        "rename",
        "symlink_metadata",
        "write",
    ];
    let call = keeping.call;
    let name = call.callee.path.strip_prefix("std::fs::")?;
    let direct = keeping.is_direct() && keeping.function[call.body].is_async;
    if call.form != Form::Function || !direct || !SAME.contains(&name) {
        return None;
    }
    let tokio = program.runtime(keeping.function) == Runtime::Tokio;
    let krate = program.krate(keeping.function)?;
    if !tokio || !krate.has_feature("tokio", &["fs", "full"]) {
        return None;
    }
    Some(vec![
        program.edit(call.name, format!("tokio::fs::{name}"))?,
        program.insert_after(call.span, ".await")?,
    ])
}
