//! Many small values, each in an allocation of its own.

use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Saves, Severity};

use super::lines::{Cause, allocating};
use super::{HeapFacts, LEAST_SHARE, part};
use crate::report::figures::{amount, bytes};

pub struct TinyBoxes;

static INFO: RuleInfo = RuleInfo {
    id: "tiny-boxes",
    summary: "Many small values have an allocation each",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports a line that boxes values of at most 32 bytes (`Box`, `Rc`, `Arc`), if ten thousand or more are \
there when the program needs most memory and they are at least 2 % of all blocks of that moment.

## Why it matters

Each block carries the allocator's own bookkeeping: with glibc a block takes 32 bytes at least and 8 \
more than was asked for, so a boxed `u64` takes four times its size, with a pointer beside it. They lie \
apart from each other, so that going through them misses the cache.

## Example

```rust
struct Tree { children: Vec<Box<Node>> }   // one allocation a node
struct Tree { children: Vec<Node> }        // one for all of them
```

Where nodes point at each other, keep them in one `Vec` and let them hold indices.

## When it is wrong

When the address of the value must not change, or when the boxes hold trait objects of many types: an \
enum may hold them without.
",
};

const LEAST_BLOCKS: u64 = 10_000;
const TINY: u64 = 32;

/// What a block of so many bytes takes with glibc's allocator, on 64 bits.
fn taken(size: u64) -> u64 {
    (size + 8).next_multiple_of(16).max(32)
}

impl Rule<HeapFacts<'_>> for TinyBoxes {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &HeapFacts<'_>) -> Vec<Finding> {
        let all = facts.total().peak_blocks;
        let lines = allocating(facts.allocations).into_iter();
        let tiny = lines.filter_map(|(at, line)| {
            let boxed = line.of(Cause::Boxed);
            let size = boxed.peak_bytes / boxed.peak_blocks.max(1);
            let share = part(boxed.peak_blocks, all);
            if boxed.peak_blocks < LEAST_BLOCKS || size > TINY || share < LEAST_SHARE {
                return None;
            }
            let message = format!(
                "{} boxes of {} each are there at the peak: {:.0} % of all blocks of that moment",
                amount(boxed.peak_blocks),
                bytes(size),
                share * 100.0,
            );
            let taken = boxed.peak_blocks.saturating_mul(taken(size));
            let more = taken.saturating_sub(boxed.peak_bytes);
            let fact = format!(
                "they hold {} and take {} with glibc's allocator",
                bytes(boxed.peak_bytes),
                bytes(taken)
            );
            let mut finding = facts.finding(&INFO, at, message, share);
            finding.saves = Saves {
                bytes: Some(more),
                ..Saves::default()
            };
            Some(finding.evidence(Evidence::Recorded { fact }).help(
                "keep the values themselves in a Vec; nodes that point at each other can hold indices \
                 into it",
            ))
        });
        tiny.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_take_what_glibc_gives_them() {
        assert_eq!([1, 8, 24, 25, 40, 41].map(taken), [32, 32, 32, 48, 48, 64]);
    }
}
