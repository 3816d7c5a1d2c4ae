//! Memory that is fresh from the kernel each time it is touched.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::callees::Class;
use crate::advice::promise::Promise;
use crate::advice::work::Below;
use crate::advice::{Advice, Rank};
use crate::code::Binding;
use crate::facts::Facts;

pub struct PageFaults;

static INFO: RuleInfo = RuleInfo {
    id: "page-faults",
    summary: "Memory is asked from the kernel again and again",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports lines of yours that spend time in page faults: the kernel finds and clears a page when it is first \
touched. Needs a recording with the kernel in it.

## Why it matters

Large allocations come from the kernel and go back to it when they are freed. Made anew in each round, \
each page of them is found and cleared in each round.

## Example

```rust
for round in rounds {
    let mut seen = vec![0; LARGE];  // before
}
let mut seen = vec![0; LARGE];      // after: once, and
for round in rounds {
    seen.fill(0);                   // cleared by hand
}
```

## When it is wrong

When the program reads much data once: then these are the pages of the data itself.
",
};

impl Rule<Facts<'_>, Advice> for PageFaults {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        let spots =
            facts.spots(|below| below.outer_class().is_none() && below.has(Class::PageFault));
        let advice = spots.into_iter().map(|spot| {
            let call = spot.call(|call| call.root.is_some());
            let made = spot
                .code
                .as_ref()
                .zip(call.as_ref())
                .and_then(|(code, call)| {
                    let binding = code.binding(call.root.as_deref()?, &call.place, call.line)?;
                    let in_loop = !binding.place.loops.is_empty();
                    in_loop.then(|| binding.clone())
                });
            let least = if made.is_some() { 0.25 } else { 0.0 };
            // It goes back to the kernel where the binding ends.
            let spot = match &made {
                Some(binding) => spot.with_end_of(binding),
                None => spot,
            };
            let cause = "the kernel gives and clears each page that is touched here";
            let write = match &made {
                Some(Binding { name, line, .. }) => {
                    format!("make `{name}` (line {line}) once, before the loop, and clear it")
                }
                None => "keep the memory and use it again, or touch less of it".to_owned(),
            };
            let promise = Promise::of(
                least,
                "clearing it by hand costs too, by how much of it is used",
            )
            .also(spot.rest_of_line(Below::is_own));
            Advice::new(&INFO, Rank::Symptom, spot, cause, promise)
                .write(write)
                .confirmed(made.is_some())
        });
        advice.collect()
    }
}
