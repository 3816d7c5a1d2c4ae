//! Strings that are made by formatting and live for a moment.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::callees::Class;
use crate::advice::promise::Promise;
use crate::advice::spot::Spot;
use crate::advice::work::Below;
use crate::advice::{Advice, Rank};
use crate::facts::Facts;

pub struct Formatting;

static INFO: RuleInfo = RuleInfo {
    id: "formatting",
    summary: "format! or to_string makes a String each time",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports lines of yours that spend time in `format!` or in `to_string` of something that is formatted. The \
time in which the string is freed again counts too.

## Why it matters

Each call starts an empty string, grows it piece by piece and frees it. Written into a buffer that is \
kept, the same text costs neither.

## Example

```rust
out.push_str(&format!(\"{number}: {name}\")); // before
write!(out, \"{number}: {name}\")?;           // after, with `use std::fmt::Write`
```

Where formatting itself is what remains, `itoa` and `ryu` write numbers several times faster.

## When it is wrong

When the string is kept as the result.
",
};

impl Rule<Facts<'_>, Advice> for Formatting {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        let spots = facts.spots(|below| below.outer_class() == Some(Class::Format));
        spots.into_iter().map(advice).collect()
    }
}

fn advice(spot: Spot<'_>) -> Advice {
    let call = spot.call(|call| call.name == "format" || call.name == "to_string");
    let ends = (spot.code.as_ref().zip(call.as_ref()))
        .and_then(|(code, call)| Some(code.bindings[call.bound_to?].ends));
    let spot = spot.with_drops(ends);
    let makes = |below: &Below| {
        let parts = [Class::Alloc, Class::Free, Class::GrowVec, Class::Drop];
        parts.iter().any(|class| below.has(*class))
    };
    let promise = Promise::of(0.75, "the string that is made and freed, to all of it");
    let promise = promise.where_sure(makes).also(spot.drops_by_callers());
    let Some(call) = call else {
        let cause = "a String is formatted each time";
        return Advice::new(&INFO, Rank::Call, spot, cause, promise)
            .write("write! into a String that is kept and cleared");
    };
    let cause = match call.name.as_str() {
        "format" => "`format!` makes a String, grows it and frees it each time",
        _ => "`to_string` formats into a new String each time",
    };
    let what = match call.name.as_str() {
        "format" => call.arguments.join(", "),
        _ => format!("\"{{}}\", {}", call.receiver),
    };
    let write = match call.argument_of.as_deref() {
        Some("push_str" | "write_str") => format!("write!(out, {what}) into the same String"),
        Some("write_all" | "write") => format!("write!(out, {what}) into the same writer"),
        Some("push") => {
            "one String for all, or keep the parts and format them when they are shown".to_owned()
        }
        _ => format!("buffer.clear(); write!(buffer, {what}), with one `buffer` outside"),
    };
    Advice::new(&INFO, Rank::Call, spot, cause, promise)
        .write(write)
        .confirmed(true)
}
