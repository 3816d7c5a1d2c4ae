//! Memory that is never given back, and more of it the longer the program runs.

use pitcrew_core::finding::{Finding, Rule, RuleInfo, Saves, Severity};

use super::lines::allocating;
use super::{HeapFacts, LEAST_SHARE, part};
use crate::profile::Figures;
use crate::report::figures::{amount, bytes};

pub struct NeverFreed;

static INFO: RuleInfo = RuleInfo {
    id: "never-freed",
    summary: "Memory is never given back, and grows over the whole run",
    severity: Severity::Warning,
    docs: "\
## What it does

Reports a line whose memory is still allocated when the program ends, if that is at least 2 % of the \
program's peak and it grew in each quarter of the run. What is allocated once, at the start, and kept is \
not reported.

## Why it matters

A program that runs ten times as long needs ten times that memory: a cache without a bound, a list of \
everything that ever came, `Box::leak` or `mem::forget` in a loop, a cycle of `Rc`s.

## Example

```rust
static SEEN: Mutex<Vec<Request>> = Mutex::new(Vec::new());   // every request, for ever
```

Bound it (an LRU cache), remove what is done with, or break the cycle with `Weak`.

## When it is wrong

When the program collects results to its end and then exits without dropping them, as with \
`std::process::exit`, or when the run was short of the time at which things are given back.
",
};

const LEAST_BYTES: u64 = 64 << 10;

/// Whether it grew in each quarter of the run by a tenth of all at least.
fn grows_all_the_time(figures: &Figures) -> bool {
    let [first, second, third, last] = figures.quarters;
    let least = last / 10;
    let steps = [(0, first), (first, second), (second, third), (third, last)];
    last > 0
        && steps
            .iter()
            .all(|(before, after)| after.saturating_sub(*before) >= least.max(1))
}

impl Rule<HeapFacts<'_>> for NeverFreed {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &HeapFacts<'_>) -> Vec<Finding> {
        let peak = facts.total().peak_bytes;
        let lines = allocating(facts.allocations).into_iter();
        let kept = lines.filter_map(|(at, line)| {
            let figures = &line.figures;
            let share = part(figures.end_bytes, peak);
            let much = share >= LEAST_SHARE && figures.end_bytes >= LEAST_BYTES;
            if !much || !grows_all_the_time(figures) {
                return None;
            }
            let message = format!(
                "{} in {} blocks are never freed, and grow over the whole run: {:.0} % of the peak",
                bytes(figures.end_bytes),
                amount(figures.end_blocks),
                share * 100.0,
            );
            let mut finding = facts.finding(&INFO, at, message, share);
            finding.saves = Saves {
                bytes: Some(figures.end_bytes),
                ..Saves::default()
            };
            Some(finding.help(
                "bound what collects it, or remove what is done with; a cycle of Rc or Arc needs a Weak",
            ))
        });
        kept.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grows(quarters: [u64; 4]) -> bool {
        grows_all_the_time(&Figures {
            quarters,
            ..Figures::default()
        })
    }

    #[test]
    fn only_what_grows_to_the_end_does() {
        assert!(grows([25, 50, 75, 100]));
        assert!(grows([40, 55, 80, 100]));
        assert!(!grows([100, 100, 100, 100]), "all at the start");
        assert!(!grows([0, 0, 0, 100]), "all at the end");
        assert!(!grows([50, 100, 40, 100]), "it shrank meanwhile");
        assert!(!grows([0, 0, 0, 0]), "nothing is known");
    }
}
