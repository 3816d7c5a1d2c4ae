//! Memory that is allocated and freed over and over at the same line.

use pitcrew_core::finding::{Finding, Rule, RuleInfo, Severity};

use super::lines::{Allocating, Cause, allocating};
use super::{HeapFacts, LEAST_SHARE, part};
use crate::profile::Clock;
use crate::report::figures::{amount, bytes, time};

pub struct AllocationChurn;

static INFO: RuleInfo = RuleInfo {
    id: "allocation-churn",
    summary: "Memory is allocated and freed over and over at the same line",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports a line that allocates at least 2 % of all bytes or of all blocks, at least a thousand times, \
where at any time at most a hundredth of these blocks is there: each is freed before the next few come.

## Why it matters

An allocation and its free cost some 20 to 50 ns, far more than clearing a buffer that is there already, \
and across threads more still.

## Example

```rust
for line in lines {
    let mut fields = Vec::new();           // a new buffer for each line
    fields.extend(line.split(','));
    handle(&fields);
}

let mut fields = Vec::new();               // one for all
for line in lines {
    fields.clear();
    fields.extend(line.split(','));
    handle(&fields);
}
```

## When it is wrong

Where the value must outlive the loop after all, or where the line's share of the running time is small: \
`cargo hotpath` tells that.
",
};

/// Fewer allocations are no loop.
const LEAST_BLOCKS: u64 = 1000;
/// How many blocks come and go for each one that is there at the most.
const LEAST_TURNOVER: u64 = 100;

/// Whether what a line allocates is gone before more comes.
pub fn is_churn(line: &Allocating) -> bool {
    let figures = &line.figures;
    figures.blocks >= LEAST_BLOCKS && figures.blocks / figures.max_blocks.max(1) >= LEAST_TURNOVER
}

impl Rule<HeapFacts<'_>> for AllocationChurn {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &HeapFacts<'_>) -> Vec<Finding> {
        let total = facts.total();
        let lines = allocating(facts.allocations).into_iter();
        let churning = lines.filter(|(_, line)| is_churn(line)).filter_map(|(at, line)| {
            let figures = &line.figures;
            let by_bytes = part(figures.bytes, total.bytes);
            let by_blocks = part(figures.blocks, total.blocks);
            let share = by_bytes.max(by_blocks);
            if share < LEAST_SHARE {
                return None;
            }
            let life = match facts.allocations.heap.clock {
                Clock::Nanoseconds => time(figures.mean_life()),
                Clock::Instructions => format!("{} instructions", amount(figures.mean_life())),
            };
            let message = format!(
                "allocates {} times, {} each, and frees it again after {life}: {:.0} % of all bytes, \
                 {:.0} % of all allocations",
                amount(figures.blocks),
                bytes(figures.mean_size()),
                by_bytes * 100.0,
                by_blocks * 100.0,
            );
            let finding = facts.finding(&INFO, at, message, share);
            Some(finding.help(help(line.main_cause())))
        });
        churning.collect()
    }
}

fn help(cause: Cause) -> &'static str {
    match cause {
        Cause::Format => {
            "make one String before the loop, `clear()` it and `write!` into it; what is only printed \
             needs no string"
        }
        Cause::Copy => {
            "borrow instead of copying, or return a `Cow`; where a copy must be, `clone_from` or \
             `push_str` into one that is there reuses its room"
        }
        Cause::Collect => {
            "keep the iterator where the collection is only gone through; else `clear()` and `extend` one \
             from before the loop"
        }
        Cause::Growth | Cause::Other => {
            "make it once before the loop and `clear()` it in each round: its room is kept"
        }
        Cause::Boxed => "keep the value without a Box, or reuse one: `*boxed = value`",
    }
}
