//! Limits that are beyond what the work can use.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use super::Found;
use crate::ecosystem::What;
use crate::facts::{Call, Function, FunctionId};
use crate::program::{Program, Work};

pub struct ExcessiveConcurrency;

static INFO: RuleInfo = RuleInfo {
    id: "excessive-concurrency",
    summary: "A limit is beyond what the work can use",
    severity: Severity::Advice,
    docs: r#"## What it does
Finds `buffer_unordered`, `buffered` and `for_each_concurrent` with a number beyond what the work can use: the
network and files 50 to 200, work on the cores twice their number, a database its pool's size. The numbers
are settings: `io-concurrency`, `cpu-concurrency-per-core`, `database-concurrency`.

## Why it matters
Beyond the point where the scarce thing is busy, more at a time makes nothing faster: each waits longer, each
holds its buffers meanwhile, and timeouts that fit one request no longer fit a thousand at a time.

## Example
```rust
stream::iter(ids).map(|id| query(&pool, id)).buffer_unordered(1000)
```
Write the size of the pool. `cargo concurrency-lint tune` finds the number by running your own workload.

## When it is wrong
The other side is built for it, such as a load generator's target. Then raise the setting, or allow the
place.
"#,
};

impl Rule<Program<'_>, Found> for ExcessiveConcurrency {
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
    let row = program.ecosystem.limits.find(call)?;
    if !matches!(row.what, What::Concurrency | What::Ordered) {
        return None;
    }
    let limit = call.args.get(row.argument as usize)?;
    let number = program.source(function, limit).number()?;
    let limits = &program.facts.limits;
    let work = program.work(&program.items_of_call(id, call));
    let (most, what) = match work {
        Work::Cpu => (
            u64::from(limits.cpu_per_core) * u64::from(limits.cores),
            "this work keeps cores busy",
        ),
        // Where the pool's size is known another rule compares the two.
        Work::Database if program.pool_size(id).is_some() => return None,
        Work::Database => (
            u64::from(limits.database),
            "each of these needs a connection of the pool",
        ),
        Work::Network => (
            u64::from(limits.io),
            "each of these is a request on its way",
        ),
        Work::Unknown => (u64::from(limits.io) * 5, "whatever each of these does"),
    };
    if number <= i128::from(most) || number >= i128::from(u32::MAX) {
        return None;
    }
    // Fewer items than the limit never reach it.
    let source = call.receiver.as_ref()?;
    if program
        .count(function, source)
        .is_at_most(u32::try_from(most).unwrap_or(u32::MAX))
    {
        return None;
    }
    let name = &call.callee.name;
    let message = format!(
        "`{name}({number})` is beyond what helps: {what}, and past some {most} at a time each only waits longer"
    );
    let found = program.found(&INFO, id, call.name, message).by(
        call.witness,
        format!("rustc: this calls {}", call.callee.path),
    );
    Some(found.help(format!(
        "instead: {name}({most}), or what `cargo concurrency-lint tune` finds for your workload"
    )))
}
