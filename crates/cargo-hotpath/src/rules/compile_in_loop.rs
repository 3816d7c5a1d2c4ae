//! Regular expressions, runtimes and clients that are made again and again.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::callees::Class;
use crate::advice::promise::Promise;
use crate::advice::spot::Spot;
use crate::advice::{Advice, Rank};
use crate::facts::Facts;

pub struct CompileInLoop;

static INFO: RuleInfo = RuleInfo {
    id: "compile-in-loop",
    summary: "A regular expression, a client or a runtime is made again and again",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports lines of yours that spend time in `Regex::new` and the like: things that are costly to make and \
cheap to use. It speaks where the line is in a loop, or where the recording shows that it was begun \
several times.

## Why it matters

To compile a regular expression costs as much as matching thousands of lines with it. It has caches of \
its own, which are thrown away with it.

## Example

```rust
static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(\"[0-9]+\").unwrap());
```

## When it is wrong

When the pattern differs each time. Then keep those that come back in a map.
",
};

impl Rule<Facts<'_>, Advice> for CompileInLoop {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        let spots = facts.spots(|below| below.outer_class() == Some(Class::Compile));
        spots.into_iter().filter_map(advice).collect()
    }
}

fn advice(spot: Spot<'_>) -> Option<Advice> {
    /// Begun fewer times than this it may be that the program only starts.
    const OFTEN: u64 = 5;
    let call = spot.call(|call| {
        let last = call.name.rsplit("::").next().unwrap_or_default();
        ["new", "build", "parse", "compile", "from_str"].contains(&last)
    });
    let in_loop = call
        .as_ref()
        .is_some_and(|call| !call.place.loops.is_empty());
    let often = spot
        .facts
        .times_begun(&spot.works)
        .is_some_and(|times| times >= OFTEN);
    if !in_loop && !often {
        return None;
    }
    let name = call
        .as_ref()
        .map_or("it".to_owned(), |call| call.name.clone());
    let ends = (spot.code.as_ref().zip(call.as_ref()))
        .and_then(|(code, call)| Some(code.binding_around(call)?.ends));
    let spot = spot.with_drops(ends);
    let cause = match in_loop {
        true => format!("`{name}` runs in each round of a loop"),
        false => format!("`{name}` runs again and again"),
    };
    let constant = call.as_ref().is_some_and(|call| call.names.is_empty());
    let write = match constant {
        true => "static ONCE: LazyLock<..> = LazyLock::new(|| ..); or make it before the loop",
        false => "make it before the loop, or keep those made in a map",
    };
    // A loop of two rounds still does half of it before.
    let promise = match constant {
        true => Promise::of(0.75, "made once, hardly anything of it is left"),
        false => Promise::of(
            0.5,
            "half of it where there are two, all where there are many",
        ),
    };
    Some(
        Advice::new(&INFO, Rank::Placed, spot, cause, promise)
            .write(write)
            .confirmed(in_loop),
    )
}
