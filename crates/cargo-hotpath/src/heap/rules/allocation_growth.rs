//! Collections that are enlarged step by step.

use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Severity};

use super::allocation_churn::is_churn;
use super::lines::{Cause, allocating};
use super::{HeapFacts, LEAST_SHARE, part};
use crate::report::figures::{amount, bytes};

pub struct AllocationGrowth;

static INFO: RuleInfo = RuleInfo {
    id: "allocation-growth",
    summary: "A collection is enlarged step by step",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports a line where a `Vec`, a `String` or a map grows, if what it was enlarged to is at least 2 % of \
all bytes allocated. Lines whose memory is freed again at once are `allocation-churn`'s.

## Why it matters

A collection that starts empty is enlarged by doubling: one that ends with a million elements was \
allocated 18 times, with twice the memory in all, all of its contents copied along the way, and up to \
half of its room unused at the end.

## Example

```rust
let mut all = Vec::new();                  // grows 18 times
let mut all = Vec::with_capacity(count);   // is right from the start
```

`reserve` does it for a collection that is there already; `collect` and `extend` do it by themselves \
where the iterator knows its length.

## When it is wrong

Where nobody can know how many elements come. A low guess still saves the first steps.
",
};

/// Less is not worth a line of code.
const LEAST_BYTES: u64 = 64 << 10;
/// Fewer steps are the first allocation and chance.
const LEAST_STEPS: u64 = 4;

impl Rule<HeapFacts<'_>> for AllocationGrowth {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &HeapFacts<'_>) -> Vec<Finding> {
        let total = facts.total();
        let lines = allocating(facts.allocations).into_iter();
        let growing = lines.filter(|(_, line)| !is_churn(line)).filter_map(|(at, line)| {
            let grown = line.of(Cause::Growth);
            let share = part(grown.bytes, total.bytes);
            if share < LEAST_SHARE || grown.bytes < LEAST_BYTES || grown.blocks < LEAST_STEPS {
                return None;
            }
            let message = format!(
                "grows in {} steps to {} allocated in all: {:.0} % of all bytes",
                amount(grown.blocks),
                bytes(grown.bytes),
                share * 100.0,
            );
            let mut finding = facts.finding(&INFO, at, message, share);
            if grown.moved_bytes > 0 {
                let fact = format!(
                    "{} enlargements copied up to {}",
                    amount(grown.grown_blocks),
                    bytes(grown.moved_bytes)
                );
                finding = finding.evidence(Evidence::Recorded { fact });
            }
            Some(finding.help(
                "make it `with_capacity(n)`, or `reserve(n)` before the loop, with the number that you \
                 know or can bound",
            ))
        });
        growing.collect()
    }
}
