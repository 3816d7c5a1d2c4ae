//! Indices that the program checks in each round of a loop.

use std::collections::BTreeSet;

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::promise::Promise;
use crate::advice::spot::Spot;
use crate::advice::work::Below;
use crate::advice::{Advice, Rank};
use crate::analyse::lines::Line;
use crate::code::{Call, CallKind, LoopKind};
use crate::facts::Facts;

pub struct BoundsCheck;

static INFO: RuleInfo = RuleInfo {
    id: "bounds-check",
    summary: "A hot loop checks each index",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports lines of yours that take time themselves, stand in a loop, and index by the loop's variable, \
where the built program still has the check: the call of the panic stands at that line.

## Why it matters

The check itself is cheap; what it prevents is not: a loop with a way out in the middle is not made into \
vector instructions.

## Example

```rust
for i in 0..n { out[i] = grid[i] / 2; }              // before
for (o, g) in out.iter_mut().zip(grid) { *o = g / 2; } // after
```

`chunks_exact(width)` gives the rows of a grid; `let grid = &grid[..n];` before the loop tells the \
compiler once what holds in all rounds.

## When it is wrong

When the line waits for memory: then the check costs nothing beside it.
",
};

impl Rule<Facts<'_>, Advice> for BoundsCheck {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        let Some(checks) = &facts.around.checks else {
            return Vec::new();
        };
        let indexing = indexing(facts).into_iter();
        let checked = indexing.filter(|(spot, _)| checks.contains(&spot.line));
        let advice = checked.map(|(spot, call)| {
            let cause = format!("`{}` is checked in each round", call.text);
            let promise = promise(&spot, &call);
            let write = match call.arguments.first().filter(|index| index.contains('*')) {
                Some(_) => format!(
                    "walk the rows of `{}`: chunks_exact(width), with zip",
                    call.receiver
                ),
                None => format!("walk `{}` with iter() and zip", call.receiver),
            };
            Advice::new(&INFO, Rank::Own, spot, cause, promise)
                .write(write)
                .write("or cut the slices to one length before the loop: let a = &a[..n];")
                .confirmed(true)
        });
        advice.collect()
    }
}

/// A loop without a way out in the middle becomes vector instructions, and then costs a fraction of what
/// it did: not this line alone, but all that its rounds do themselves.
fn promise(spot: &Spot<'_>, call: &Call) -> Promise {
    Promise::of(
        0.0,
        "nothing if the line waits for memory, much of the loop if it becomes vector code",
    )
    .also(spot.own_time_around(call))
}

/// The hot lines at which it must be known whether the program checks an index.
pub fn hot_indices(facts: &Facts<'_>) -> BTreeSet<Line> {
    indexing(facts)
        .into_iter()
        .map(|(spot, _)| spot.line)
        .collect()
}

/// Hot lines by themselves that index by what their loop counts.
fn indexing<'f>(facts: &'f Facts<'f>) -> Vec<(Spot<'f>, Call)> {
    let spots = facts.spots(Below::is_own).into_iter();
    let indexing = spots.filter_map(|spot| {
        let code = spot.code.clone()?;
        let counted = |call: &Call| {
            let around = call.place.loops.iter().map(|at| &code.loops[*at].kind);
            let mut counters = around.filter_map(|kind| match kind {
                LoopKind::For { pattern, over }
                    if over.contains("..") || over.contains("enumerate") =>
                {
                    Some(pattern)
                }
                _ => None,
            });
            let index = call.arguments.first().map_or("", String::as_str);
            counters.any(|pattern| has_word(index, pattern))
        };
        let call = spot.call(|call| call.kind == CallKind::Index && counted(call))?;
        Some((spot, call))
    });
    indexing.collect()
}

/// Whether a variable that the pattern binds stands in the text.
fn has_word(text: &str, pattern: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        words
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let there = words(text);
    words(pattern).iter().any(|word| there.contains(word))
}

#[cfg(test)]
mod tests {
    use super::has_word;

    #[test]
    fn counters_are_found_as_words() {
        assert!(has_word("y * width + x", "x"));
        assert!(has_word("at + 1", "(at, item)"));
        assert!(!has_word("max", "x"));
    }
}
