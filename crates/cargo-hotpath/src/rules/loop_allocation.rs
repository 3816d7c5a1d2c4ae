//! Buffers that are made anew in each round of a loop.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::callees::Class;
use crate::advice::promise::Promise;
use crate::advice::spot::Spot;
use crate::advice::work::Below;
use crate::advice::{Advice, Rank};
use crate::code::{Binding, Call, Code, UseKind};
use crate::facts::Facts;

pub struct LoopAllocation;

static INFO: RuleInfo = RuleInfo {
    id: "loop-allocation",
    summary: "A buffer is allocated in each round of a loop",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports lines of yours under which memory is allocated or grows for a collection that is made inside of \
a loop and is gone at the end of each round.

## Why it matters

Each round asks the allocator, touches fresh memory and frees it again. One buffer outside of the loop \
is allocated once, keeps its capacity, and stays in the cache.

## Example

```rust
for line in lines {
    let mut fields = Vec::new(); // before
    fields.extend(line.split(','));
}

let mut fields = Vec::new(); // after
for line in lines {
    fields.clear();
    fields.extend(line.split(','));
}
```

`reader.lines()` gives a new `String` for each line: `read_line` into one that is cleared does not.

## When it is wrong

When the collection outlives the round, or borrows from something that does not outlive it; the latter \
the compiler refuses.
",
};

impl Rule<Facts<'_>, Advice> for LoopAllocation {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        let spots = facts.spots(|below| {
            let outer = below.outer_class();
            matches!(outer, Some(Class::GrowVec | Class::GrowMap | Class::Lines))
                || outer.is_none() && below.has(Class::Alloc)
        });
        spots.into_iter().filter_map(advice).collect()
    }
}

fn advice(spot: Spot<'_>) -> Option<Advice> {
    if spot.part(|below| below.outer_class() == Some(Class::Lines)) > 0.5 {
        let spot = spot.with_drops(None);
        let cause = "lines() makes a new String for each line";
        // The line is still read.
        let made = |below: &Below| {
            let parts = [Class::Alloc, Class::Free, Class::GrowVec, Class::Drop];
            parts.iter().any(|class| below.has(*class))
        };
        let promise = Promise::of(0.75, "the strings, to all of it").where_sure(made);
        return Some(
            Advice::new(&INFO, Rank::Call, spot, cause, promise)
                .write("line.clear(); reader.read_line(&mut line)? in a loop, with one String"),
        );
    }
    let code = spot.code.clone()?;
    let binding =
        (code.calls_at(spot.line.1).into_iter()).find_map(|call| made_in_loop(&code, call))?;
    let ends = Some(binding.ends);
    let name = binding.name.clone();
    let value = binding.value.clone().unwrap_or_default();
    let clear = match value.contains("vec!") && value.contains(';') {
        true => format!("{name}.fill(..);"),
        false => format!("{name}.clear();"),
    };
    let spot = spot.with_drops(ends);
    let cause = format!("`{name}` is allocated and freed in each round of the loop");
    let promise = Promise::of(
        0.25,
        "a quarter if the loop has two rounds, all if it has many",
    );
    Some(
        Advice::new(&INFO, Rank::Call, spot, cause, promise)
            .write(format!(
                "let mut {name} = {value}; before the loop, {clear} in it"
            ))
            .confirmed(true),
    )
}

/// The collection that a call fills or makes, where it is bound in a loop, empty or of a fixed size, and
/// does not leave the round.
fn made_in_loop<'c>(code: &'c Code, call: &Call) -> Option<&'c Binding> {
    let binding = match call.bound_to {
        Some(at) => &code.bindings[at],
        None => code.binding(call.root.as_deref()?, &call.place, call.line)?,
    };
    let value = binding.value.as_deref()?;
    let is_made = value.ends_with("::new()")
        || value.contains("with_capacity(")
        || value.starts_with("vec!")
        || value.ends_with("::default()") && value.contains("Map");
    let in_loop = !binding.place.loops.is_empty();
    // An adapter's closure is its own function: what it makes it mostly returns.
    let leaves = code.uses_of(binding).any(|one| one.kind == UseKind::Moved);
    let is_box = ["Box::", "Arc::", "Rc::", "Cell::", "Mutex::"]
        .iter()
        .any(|kind| value.contains(kind));
    (is_made && in_loop && !leaves && !is_box).then_some(binding)
}
