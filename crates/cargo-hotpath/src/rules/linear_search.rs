//! Lists that are searched element by element.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::callees::Class;
use crate::advice::promise::Promise;
use crate::advice::spot::Spot;
use crate::advice::{Advice, Rank};
use crate::facts::Facts;

pub struct LinearSearch;

static INFO: RuleInfo = RuleInfo {
    id: "linear-search",
    summary: "A list is searched element by element",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports lines of yours that spend time in `contains` of a slice, vector, queue or list, or in `nth` of a \
string's characters.

## Why it matters

Each question looks at every element until it finds one. A set answers in a step or two, a sorted vector \
in a handful.

## Example

```rust
if !seen.contains(&id) { seen.push(id); }  // before
if seen.insert(id) { .. }                  // after, with a HashSet
```

## When it is wrong

When the list is always short: up to some dozen numbers nothing is faster than to look at all.
",
};

impl Rule<Facts<'_>, Advice> for LinearSearch {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        let spots = facts.spots(|below| below.outer_class() == Some(Class::Search));
        let advice = spots.into_iter().map(|spot| {
            let call = spot.call(|call| ["contains", "nth"].contains(&call.name.as_str()));
            let root = call.as_ref().and_then(|call| call.root.clone());
            if call.as_ref().is_some_and(|call| call.name == "nth") {
                return nth(spot, root);
            }
            let root = root.unwrap_or_else(|| "the list".to_owned());
            let cause = format!("`contains` looks at the elements of `{root}` one after another");
            let promise = Promise::of(0.0, "nothing if the list is short, nearly all if long");
            Advice::new(&INFO, Rank::Placed, spot, cause, promise)
                .write(format!(
                    "HashSet for `{root}`; or keep it sorted and binary_search"
                ))
                .confirmed(call.is_some())
        });
        advice.collect()
    }
}

/// A string's character by its number, which only a walk from the start finds.
fn nth(spot: Spot<'_>, root: Option<String>) -> Advice {
    let root = root.unwrap_or_else(|| "the string".to_owned());
    let cause = format!("`nth` walks over `{root}` from its start each time");
    let promise = Promise::of(0.0, "nothing if the string is short, nearly all if long");
    Advice::new(&INFO, Rank::Placed, spot, cause, promise)
        .write(format!(
            "walk it once: for (i, c) in {root}.chars().enumerate()"
        ))
        .write("or a Vec<char>, where any character is asked for")
        .confirmed(true)
}
