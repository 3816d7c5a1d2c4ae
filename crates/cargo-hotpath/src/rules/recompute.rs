//! The same question in each round of a loop.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::promise::Promise;
use crate::advice::spot::Spot;
use crate::advice::{Advice, Rank};
use crate::code::{Call, Code, is_pure};
use crate::facts::Facts;

pub struct Recompute;

static INFO: RuleInfo = RuleInfo {
    id: "recompute",
    summary: "A loop computes the same value in each round",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports calls of std in a loop that change nothing, take time, and are asked of what the loop does not \
change: their answer is the same in each round.

## Why it matters

The compiler hoists what it can see through. It cannot with calls that allocate.

## Example

```rust
for word in words { if query.to_lowercase().contains(word) { .. } } // before
let query = query.to_lowercase();                                   // after
for word in words { if query.contains(word) { .. } }
```

## When it is wrong

When the loop runs once mostly, or ends before it comes to that line.
",
};

impl Rule<Facts<'_>, Advice> for Recompute {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        let spots = facts.spots(|below| below.site.is_some() && !below.foreign);
        spots.into_iter().filter_map(advice).collect()
    }
}

fn advice(mut spot: Spot<'_>) -> Option<Advice> {
    let code = spot.code.clone()?;
    let call = spot.call(|call| is_same_each_round(&code, call))?;
    // Only what runs in this call, not in another one on the line.
    let facts = spot.facts;
    spot.works.retain(|at| {
        facts
            .entered(*at)
            .is_some_and(|name| is_named(name, &call.name))
    });
    if !facts.is_hot(&spot.works) {
        return None;
    }
    let ends = call.bound_to.map(|at| code.bindings[at].ends);
    let spot = spot.with_drops(ends);
    let cause = format!("`{}` is the same in each round of the loop", call.text);
    let promise = Promise::of(0.5, "half if the loop has two rounds, all if it has many");
    let advice = Advice::new(&INFO, Rank::Placed, spot, cause, promise);
    let write = format!("let value = {}; before the loop", call.text);
    Some(advice.write(write).confirmed(true))
}

fn is_same_each_round(code: &Code, call: &Call) -> bool {
    /// Answers that are wanted anew each time, to be changed or used up.
    const COPIES: &[&str] = &[
        "clone", "to_owned", "to_vec", "iter", "chars", "bytes", "lines", "split", "borrow",
    ];
    let Some(around) = call.place.loops.last() else {
        return false;
    };
    let is_same = |name: &String| code.is_invariant(name, *around, call.line, &call.place);
    is_pure(&call.name) && !COPIES.contains(&call.name.as_str()) && call.names.iter().all(is_same)
}

/// `str::to_lowercase` and `<str as ..>::to_lowercase` are calls of `to_lowercase`.
fn is_named(function: &str, method: &str) -> bool {
    function.rsplit("::").next() == Some(method)
}
