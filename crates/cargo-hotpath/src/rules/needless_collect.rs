//! Collections that are made only to be walked once.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::callees::Class;
use crate::advice::promise::Promise;
use crate::advice::spot::Spot;
use crate::advice::work::Below;
use crate::advice::{Advice, Rank};
use crate::code::{Call, Code, LoopKind, UseKind};
use crate::facts::Facts;

pub struct NeedlessCollect;

static INFO: RuleInfo = RuleInfo {
    id: "needless-collect",
    summary: "A collection is made only to be walked once",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports `collect` where its result is only iterated, counted or asked whether it is empty, and only once.

## Why it matters

The collection is allocated, grown, filled, read and freed. The iterator gives the same items one by one.

## Example

```rust
let loud: Vec<u64> = samples.iter().filter(..).collect(); // before
let loud = samples.iter().filter(..);                     // after
for sample in loud { .. }
```

## When it is wrong

When the items must all be known before the first is used: they borrow what the loop changes, or an \
error in the last must stop the first.
",
};

impl Rule<Facts<'_>, Advice> for NeedlessCollect {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        let spots = facts.spots(|below| below.outer_class() == Some(Class::Collect));
        spots.into_iter().filter_map(advice).collect()
    }
}

fn advice(spot: Spot<'_>) -> Option<Advice> {
    let call = spot.call(|call| call.name == "collect")?;
    let code = spot.code.clone()?;
    let (ends, instead) = only_walked(&code, &call)?;
    let spot = spot.with_drops(ends);
    let cause = "what is collected here is only walked once";
    // What the iterator computes is computed still.
    let kept = |below: &Below| {
        let parts = [
            Class::Alloc,
            Class::Free,
            Class::GrowVec,
            Class::GrowMap,
            Class::Drop,
        ];
        parts.iter().any(|class| below.has(*class))
    };
    let promise = Promise::of(0.75, "the memory, to all of it where the rest is inlined");
    let promise = promise.where_sure(kept);
    Some(
        Advice::new(&INFO, Rank::Placed, spot, cause, promise)
            .write(instead)
            .confirmed(true),
    )
}

/// Where the collection is freed, and what to write, if an iterator would do.
fn only_walked(code: &Code, call: &Call) -> Option<(Option<u32>, String)> {
    if let Some(then) = &call.then {
        let walks = ["iter", "into_iter", "len", "is_empty"].contains(&then.as_str());
        return walks.then(|| (None, format!("leave `.collect().{then}()` out")));
    }
    let binding = &code.bindings[call.bound_to?];
    let uses: Vec<_> = code.uses_of(binding).collect();
    let [only] = uses.as_slice() else { return None };
    let instead = match &only.kind {
        UseKind::Walked => format!(
            "let {} = ..; without collect, walked by the same `for`",
            binding.name
        ),
        UseKind::Receiver(method) => match method.as_str() {
            "iter" | "into_iter" => format!(
                "let {} = ..; without collect, its adapters follow",
                binding.name
            ),
            "len" => "count()".to_owned(),
            "is_empty" => "next().is_none()".to_owned(),
            _ => return None,
        },
        UseKind::Shared if is_walked_by_reference(code, &binding.name, only.line) => {
            format!(
                "let {} = ..; without collect, walked by the same `for`",
                binding.name
            )
        }
        _ => return None,
    };
    // Walked in each round of a loop it is walked many times.
    let again = only.place.loops.len() > binding.place.loops.len();
    (!again).then_some((Some(binding.ends), instead))
}

fn is_walked_by_reference(code: &Code, name: &str, line: u32) -> bool {
    code.loops.iter().any(|one| {
        let LoopKind::For { over, .. } = &one.kind else {
            return false;
        };
        one.line == line && over.trim_start_matches('&') == name
    })
}
