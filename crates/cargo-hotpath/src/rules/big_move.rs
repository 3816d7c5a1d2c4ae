//! Large values that are copied from place to place.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::callees::Class;
use crate::advice::promise::Promise;
use crate::advice::work::Below;
use crate::advice::{Advice, Rank};
use crate::facts::Facts;

pub struct BigMove;

static INFO: RuleInfo = RuleInfo {
    id: "big-move",
    summary: "A large value is copied where it is passed or returned",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports lines of yours that spend time in `memcpy` without a call of std in between: a value that is \
passed, returned or assigned is so large that the compiler calls the C library to move it.

## Why it matters

A move is a copy of all bytes of the value itself. Of a `Vec` these are 24, of an array all of it.

## Example

```rust
fn brightness(frame: Frame) -> u64 { .. }   // before: four kilobytes for each call
fn brightness(frame: &Frame) -> u64 { .. }  // after: eight bytes
```

A large variant makes every value of an `enum` as large: put it into a `Box`.

## When it is wrong

When the value must be another's afterwards and is moved once.
",
};

impl Rule<Facts<'_>, Advice> for BigMove {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        let spots = facts.spots(|below| {
            let plain = below.outer_class().is_none() && below.has(Class::Copy);
            let asked = below.has(Class::CopySlice) || below.has(Class::Alloc);
            plain && !asked && !below.foreign
        });
        let advice = spots.into_iter().filter_map(|spot| {
            // A slice's own methods copy because the source says so.
            let copies =
                spot.call(|call| call.name.contains("copy") || call.name.starts_with("extend"));
            if copies.is_some() {
                return None;
            }
            let call = spot.call(|call| !call.arguments.is_empty());
            let (cause, write) = match &call {
                Some(call) => (
                    format!("a large value is copied for `{}`", call.name),
                    format!(
                        "pass it to `{}` by reference (&), or keep it in a Box",
                        call.name
                    ),
                ),
                None => (
                    "a large value is copied here".to_owned(),
                    "take it by reference (&), or keep it in a Box".to_owned(),
                ),
            };
            let promise = Promise::of(0.75, "the copy, and what the line does around it")
                .also(spot.rest_of_line(Below::is_own));
            Some(
                Advice::new(&INFO, Rank::Symptom, spot, cause, promise)
                    .write(write)
                    .confirmed(call.is_some()),
            )
        });
        advice.collect()
    }
}
