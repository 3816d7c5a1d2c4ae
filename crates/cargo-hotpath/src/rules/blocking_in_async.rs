//! Calls in async code during which the thread waits, and with it every task that it runs.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::callees::Class;
use crate::advice::promise::Promise;
use crate::advice::{Advice, Rank};
use crate::code::Call;
use crate::facts::Facts;

pub struct BlockingInAsync;

static INFO: RuleInfo = RuleInfo {
    id: "blocking-in-async",
    summary: "Async code spends time in calls that block its thread",
    severity: Severity::Warning,
    docs: "\
## What it does

Reports lines of async code that spend time in std's files, sockets, processes or `sleep`, outside of \
`spawn_blocking` and `block_in_place`.

## Why it matters

A runtime has a few threads for all tasks. While one of them waits for the kernel, none of its tasks \
goes on.

## Example

```rust
let text = std::fs::read_to_string(path)?;          // before
let text = tokio::fs::read_to_string(path).await?;  // after
```

Several calls in a row belong into one `spawn_blocking`: each change of thread costs too.

## When it is wrong

When nothing else runs on that runtime at that time, as while it starts.
",
};

impl Rule<Facts<'_>, Advice> for BlockingInAsync {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        let blocks = |class| matches!(class, Some(Class::Blocking | Class::Read | Class::Write));
        let spots = facts.spots(|below| blocks(below.outer_class()));
        let advice = spots.into_iter().filter_map(|spot| {
            let last = |name: &str| name.rsplit("::").next().unwrap_or(name).to_owned();
            let entered = spot.works.iter().filter_map(|at| facts.entered(*at));
            let entered: Vec<String> = entered.map(last).collect();
            let blocks = |call: &Call| call.place.is_async && !call.place.may_block;
            // Of several calls on the line the one that ran.
            let call = spot
                .call(|call| blocks(call) && entered.contains(&last(&call.name)))
                .or_else(|| spot.call(blocks))?;
            let cause = format!(
                "`{}` blocks the thread that runs this task and others",
                call.name
            );
            let write = match call.name.strip_prefix("std::fs::") {
                Some(rest) => format!("tokio::fs::{rest}(..).await"),
                None => {
                    "tokio's own type, or spawn_blocking(|| ..).await around all of it".to_owned()
                }
            };
            // What ran on a core still does, on another; what waited is waited for beside the rest.
            let cores = f64::from(facts.around.cores.max(1));
            let most = match facts.view.profile.about.is_off_cpu() {
                true => 1.0,
                false => 1.0 - 1.0 / cores,
            };
            let promise = Promise::of(
                0.0,
                "nothing if no other task can run meanwhile, else shared by the cores",
            );
            let promise = promise.at_most(most);
            let advice = Advice::new(&INFO, Rank::Placed, spot, cause, promise).write(write);
            Some(advice.confirmed(true).next("cargo concurrency-lint"))
        });
        advice.collect()
    }
}
