//! Strings that are made out of others again and again: in another case, with parts replaced.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::callees::Class;
use crate::advice::promise::Promise;
use crate::advice::spot::Spot;
use crate::advice::work::Below;
use crate::advice::{Advice, Rank};
use crate::code::Call;
use crate::facts::Facts;

pub struct NewString;

static INFO: RuleInfo = RuleInfo {
    id: "new-string",
    summary: "A string is made out of another each time",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports lines of yours that spend time in `to_lowercase` and its kind, `replace` or `repeat`.

## Why it matters

Each makes a new string: an allocation, a walk over all characters, and the memory goes back. Often it is \
only compared or appended.

## Example

```rust
if name.to_lowercase() == wanted { .. }          // before
if name.eq_ignore_ascii_case(wanted) { .. }      // after, for ASCII
out.push_str(&word.to_lowercase());              // before
out.extend(word.chars().flat_map(char::to_lowercase)); // after
```

What is compared many times is brought to one case once, where it is stored.

## When it is wrong

When the string is kept.
",
};

impl Rule<Facts<'_>, Advice> for NewString {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        let spots = facts.spots(|below| below.outer_class() == Some(Class::NewString));
        spots.into_iter().map(advice).collect()
    }
}

fn advice(spot: Spot<'_>) -> Advice {
    let call = spot.call(|call| instead(call).is_some());
    let spot = spot.with_drops_on_line();
    let cause = match &call {
        Some(call) => format!("`{}` makes a string each time", call.name),
        None => "a string is made out of another each time".to_owned(),
    };
    // The characters may have to be looked at still.
    let kept = |below: &Below| {
        [Class::Alloc, Class::Free]
            .iter()
            .any(|class| below.has(*class))
    };
    let promise = Promise::of(0.75, "the memory, to all of the line where nothing is made")
        .where_sure(kept)
        // Who reads what was only just written waits for it.
        .also(spot.rest_of_line(|_| true));
    let write = call.as_ref().and_then(instead);
    let write = write.unwrap_or_else(|| "make it once, where its source is stored".to_owned());
    Advice::new(&INFO, Rank::Call, spot, cause, promise)
        .write(write)
        .confirmed(call.is_some())
}

/// What to write in its place; none for other calls.
fn instead(call: &Call) -> Option<String> {
    let appended = call.argument_of.as_deref() == Some("push_str");
    let root = call.root.as_deref().unwrap_or("it");
    Some(match call.name.as_str() {
        "to_lowercase" | "to_uppercase" if appended => {
            format!(
                "extend({root}.chars().flat_map(char::{})): no string between",
                call.name
            )
        }
        "to_lowercase" | "to_uppercase" | "to_ascii_lowercase" | "to_ascii_uppercase" => {
            "eq_ignore_ascii_case where it is compared; or keep it in one case from the start"
                .to_owned()
        }
        "replace" | "replacen" => {
            "a Cow that borrows where nothing matches; or push the parts into a buffer that stays"
                .to_owned()
        }
        "repeat" => "make it once, before the loop".to_owned(),
        _ => return None,
    })
}
