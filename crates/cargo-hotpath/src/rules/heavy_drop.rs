//! Structures that take long to take down.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::callees::Class;
use crate::advice::promise::Promise;
use crate::advice::{Advice, Rank};
use crate::facts::Facts;

pub struct HeavyDrop;

static INFO: RuleInfo = RuleInfo {
    id: "heavy-drop",
    summary: "Freeing a structure takes a good part of the time",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports lines of yours that spend time in dropping what they own, where no other rule explains why it is \
made so often.

## Why it matters

A structure of many allocations is freed piece by piece, each piece at a place that the cache has \
forgotten.

## Example

```rust
drop(tree);                            // before: while somebody waits
std::thread::spawn(move || drop(tree)); // after
```

`clear()` keeps the memory for the next round; an arena or a `Vec` with indices is freed at once; at the \
end of the program `std::mem::forget` or `process::exit` need not free at all.

## When it is wrong

When the pieces own more than memory, such as files.
",
};

impl Rule<Facts<'_>, Advice> for HeavyDrop {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        let spots = facts.spots(|below| below.outer_class() == Some(Class::Drop));
        let advice = spots.into_iter().map(|spot| {
            let what = spot.works.iter().find_map(|at| {
                let function = spot.below(*at).dropped?;
                let name = &facts.view.profile.functions[function as usize].name;
                let inner = name.split_once("drop_in_place<")?.1.strip_suffix('>')?;
                Some(crate::names::short(inner))
            });
            let cause = match what {
                Some(what) => format!("`{what}` is freed piece by piece"),
                None => "what is owned here is freed piece by piece".to_owned(),
            };
            let promise = Promise::of(0.5, "half if it is still freed later, all if never");
            Advice::new(&INFO, Rank::Symptom, spot, cause, promise)
                .write("keep it and clear() it, where it is made anew")
                .write("std::thread::spawn(move || drop(it)) where somebody waits; an arena or a Vec with indices")
        });
        advice.collect()
    }
}
