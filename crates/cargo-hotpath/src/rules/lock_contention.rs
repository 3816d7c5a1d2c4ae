//! Threads that wait for each other.

use std::collections::BTreeSet;

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::callees::Class;
use crate::advice::promise::Promise;
use crate::advice::spot::Spot;
use crate::advice::{Advice, Rank};
use crate::facts::Facts;

pub struct LockContention;

static INFO: RuleInfo = RuleInfo {
    id: "lock-contention",
    summary: "Threads meet at a lock",
    severity: Severity::Warning,
    docs: "\
## What it does

Reports lines of yours that spend time in taking or giving back a lock, where several threads were seen \
doing so.

## Why it matters

A lock that is wanted by another thread costs a call of the kernel and a change of threads; even one that \
is free when it is asked for moves its cache line from core to core.

## Example

```rust
for item in items { *total.lock().unwrap() += cost(item); }  // before: once for each item
let sum: u64 = items.iter().map(cost).sum();
*total.lock().unwrap() += sum;                               // after: once for each thread
```

A counter is an `AtomicU64`; a map is split into parts by key (`dashmap`); readers share an `RwLock` or \
an `Arc` that is exchanged.

## When it is wrong

When the threads have nothing else to do than to wait for what the lock guards.
",
};

impl Rule<Facts<'_>, Advice> for LockContention {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        let spots = facts.spots(|below| below.outer_class() == Some(Class::Lock));
        let advice = spots
            .into_iter()
            .filter(|spot| threads(spot) > 1)
            .map(|spot| {
                let call = spot.call(|call| {
                    ["lock", "read", "write", "upgradable_read"].contains(&call.name.as_str())
                });
                let what = call.as_ref().and_then(|call| call.root.clone());
                let what = what.map_or_else(|| "a lock".to_owned(), |root| format!("`{root}`"));
                let cause = format!("{} threads meet at the lock of {what}", threads(&spot));
                let in_loop = call
                    .as_ref()
                    .is_some_and(|call| !call.place.loops.is_empty());
                let write = match in_loop {
                    true => "add up in a local variable and take the lock once after the loop",
                    false => "hold it for less: compute before, lock after",
                };
                let promise = match in_loop {
                    true => Promise::of(0.5, "half if the lock is still taken now and then"),
                    false => Promise::of(0.0, "by how much less it is held"),
                };
                Advice::new(&INFO, Rank::Placed, spot, cause, promise)
                    .write(write)
                    .write("an atomic for a number, parts by key for a map (dashmap)")
                    .confirmed(call.is_some())
                    .next("cargo hotpath --off-cpu")
            });
        advice.collect()
    }
}

/// How many threads were seen there.
fn threads(spot: &Spot<'_>) -> usize {
    let picked: BTreeSet<usize> = spot.works.iter().copied().collect();
    let seen: BTreeSet<u32> = (spot.facts.view.samples.iter())
        .filter(|sample| {
            let at = sample.stack.and_then(|leaf| spot.facts.works.at(leaf));
            at.is_some_and(|at| picked.contains(&at))
        })
        .map(|sample| sample.thread)
        .collect();
    seen.len()
}
