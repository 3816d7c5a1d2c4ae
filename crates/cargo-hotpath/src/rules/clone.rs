//! Copies of owned data where a reference might do.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::callees::Class;
use crate::advice::promise::Promise;
use crate::advice::spot::Spot;
use crate::advice::work::Below;
use crate::advice::{Advice, Rank};
use crate::code::Call;
use crate::facts::Facts;

pub struct Clone;

static INFO: RuleInfo = RuleInfo {
    id: "clone",
    summary: "Owned data is copied in hot code",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports lines of yours that spend time in `clone`, `to_owned`, `to_string` of a text, `to_vec` or \
`String::from`. The time in which the copy is freed again counts too, where that is seen.

## Why it matters

A copy allocates, moves the bytes, and is freed again. Mostly the callee only reads.

## Example

```rust
fn weight(row: Row) -> u64 { .. }   // before: weight(row.clone())
fn weight(row: &Row) -> u64 { .. }  // after:  weight(row)
```

A map with `String` keys is asked with a `&str`. A value that is changed now and then is a `Cow`; one \
that many share is an `Arc`.

## When it is wrong

When the copy is kept or changed by its owner, as where it is sent to another thread.
",
};

impl Rule<Facts<'_>, Advice> for Clone {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        let spots = facts.spots(|below| below.outer_class() == Some(Class::Clone));
        spots.into_iter().map(advice).collect()
    }
}

fn advice(spot: Spot<'_>) -> Advice {
    let call = spot.call(|call| copies(&call.name));
    let ends = (spot.code.as_ref().zip(call.as_ref()))
        .and_then(|(code, call)| Some(code.bindings[call.bound_to?].ends));
    let spot = spot.with_drops(ends);
    let kept = (spot.code.clone().zip(call.as_ref()))
        .and_then(|(code, call)| Some(code.bindings[call.bound_to?].clone()));
    let readers = kept.map_or_else(Vec::new, |binding| spot.readers_of(&binding));
    // What holds the copies is smaller with references.
    let keeps = |below: &Below| below.has(Class::GrowVec) || below.has(Class::Alloc);
    let promise = Promise::of(
        0.75,
        "the copy and its end, and what waits to read it afresh",
    )
    .also(readers)
    .also(spot.rest_of_line(keeps))
    .also(spot.drops_by_callers());
    let confirmed = call.is_some();
    let cause = match &call {
        Some(call) => format!("`{}` allocates and copies each time", short(call)),
        None => "owned data is copied each time".to_owned(),
    };
    let write = call
        .as_ref()
        .map_or_else(|| "take a reference".to_owned(), write);
    Advice::new(&INFO, Rank::Call, spot, cause, promise)
        .write(write)
        .write("or Cow where it is seldom changed, Arc where it is shared")
        .confirmed(confirmed)
}

fn copies(name: &str) -> bool {
    const COPIES: &[&str] = &[
        "clone",
        "to_owned",
        "to_string",
        "to_vec",
        "into_owned",
        "cloned",
        "to_path_buf",
        "to_os_string",
        "String::from",
        "Vec::from",
        "PathBuf::from",
        "into",
        "from",
        "extend_from_slice",
        "resize",
        "vec",
        "concat",
    ];
    COPIES.contains(&name)
}

/// Methods that keep what they are given.
const KEEPS: &[&str] = &["insert", "push", "push_back", "push_front"];

/// The call without a long receiver.
fn short(call: &Call) -> String {
    match call.text.chars().count() {
        0..=40 => call.text.clone(),
        _ if call.receiver.is_empty() => format!("{}(..)", call.name),
        _ => format!("..{}()", call.name),
    }
}

/// What stands there without the copy.
fn write(call: &Call) -> String {
    let reference = match &call.root {
        Some(root) if *root == call.receiver => format!("&{root}"),
        _ => "a reference".to_owned(),
    };
    match (&call.argument_of, call.name.as_str()) {
        (Some(callee), _) if callee == "entry" => {
            "look it up by reference first, with get_mut, and make a key only where it is missing"
                .to_owned()
        }
        (Some(callee), _) if KEEPS.contains(&callee.as_str()) => {
            format!("let what `{callee}` adds to hold {reference}, if that lives as long")
        }
        (Some(callee), _) if !callee.is_empty() => {
            format!("pass {reference} to `{callee}`, if it only reads")
        }
        (_, "cloned") => {
            "keep the references: leave `cloned` out, or clone what passes the filters".to_owned()
        }
        _ => format!("borrow: use {reference}, where it is only read"),
    }
}
