//! Vectors and strings that are changed at their front.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::callees::Class;
use crate::advice::promise::Promise;
use crate::advice::spot::Spot;
use crate::advice::{Advice, Rank};
use crate::facts::Facts;

pub struct FrontOfVec;

static INFO: RuleInfo = RuleInfo {
    id: "front-of-vec",
    summary: "Elements are taken from or put into the front or middle of a vector",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports lines of yours that spend time in `Vec::remove`, `Vec::insert`, `drain` of a front part, or the \
same of a `String`.

## Why it matters

All elements behind the place move by one, each time: a loop over such calls takes time that grows with \
the square of the length.

## Example

```rust
while !queue.is_empty() { let next = queue.remove(0); .. }   // before
while let Some(next) = queue.pop_front() { .. }              // after, with a VecDeque
```

In the middle: `swap_remove` where order does not matter, `retain` for many at once, a `BTreeMap` for a \
sorted list.

## When it is wrong

When the vector is always short.
",
};

impl Rule<Facts<'_>, Advice> for FrontOfVec {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        let spots = facts.spots(|below| below.outer_class() == Some(Class::Shift));
        spots.into_iter().map(advice).collect()
    }
}

fn advice(spot: Spot<'_>) -> Advice {
    let call = spot.call(|call| {
        [
            "remove",
            "insert",
            "drain",
            "insert_str",
            "splice",
            "replace_range",
        ]
        .contains(&call.name.as_str())
    });
    let at_front = (call.as_ref()).is_some_and(|call| {
        let first = call.arguments.first();
        first.is_some_and(|argument| argument == "0" || is_beginning(argument))
    });
    let promise = match at_front {
        true => Promise::of(0.75, "another structure moves nothing"),
        false => Promise::of(0.25, "what another structure needs is not known"),
    };
    // What moves takes the place of the loop's other data in the cache.
    let promise = promise.also(
        call.as_ref()
            .map_or_else(Vec::new, |call| spot.own_time_around(call)),
    );
    let Some(call) = call else {
        let cause = "all elements behind the place move by one";
        return Advice::new(&INFO, Rank::Placed, spot, cause, promise)
            .write("VecDeque at the front; swap_remove or retain in the middle");
    };
    let root = call.root.clone().unwrap_or_else(|| "the vector".to_owned());
    let cause = format!("`{}` moves all that is behind the place", short(&call.text));
    let first = call.arguments.first().map_or("", String::as_str);
    let write = match (call.name.as_str(), first) {
        ("remove", "0") => {
            format!("VecDeque for `{root}`: pop_front(); or walk it and clear it after")
        }
        ("insert", "0") => {
            format!("VecDeque for `{root}`: push_front(); or push and {root}.reverse() once")
        }
        ("insert", _) => "push all and sort once, or a BTreeMap".to_owned(),
        ("remove", _) => {
            format!("{root}.swap_remove({first}), or {root}.retain(..) for all at once")
        }
        _ => "VecDeque, or an index of what is done already".to_owned(),
    };
    Advice::new(&INFO, Rank::Placed, spot, cause, promise)
        .write(write)
        .confirmed(true)
}

/// A range from the start: `..n`, `0..n`.
fn is_beginning(argument: &str) -> bool {
    let range: String = argument.split_whitespace().collect();
    range.starts_with("..") && range != ".." || range.starts_with("0..") && range != "0.."
}

fn short(text: &str) -> String {
    match text.char_indices().nth(36) {
        Some((at, _)) => format!("{}..", &text[..at]),
        None => text.to_owned(),
    }
}
