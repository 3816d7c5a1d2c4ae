//! Collections that grow while they are filled, though their size could be known before.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::callees::Class;
use crate::advice::promise::Promise;
use crate::advice::spot::Spot;
use crate::advice::work::Below;
use crate::advice::{Advice, Rank};
use crate::code::{Binding, Call, LoopKind};
use crate::facts::Facts;

pub struct Growth;

static INFO: RuleInfo = RuleInfo {
    id: "growth",
    summary: "A collection grows step by step while it is filled",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports lines of yours under which a `Vec`, `String`, `VecDeque` or hash map moves to a larger place.

## Why it matters

A collection that starts empty doubles each time it is full: it asks the allocator again, moves all \
that it holds, and a hash map hashes every key once more. With the capacity given at the start it is \
allocated once.

## Example

```rust
let mut out = Vec::new();                     // before
let mut out = Vec::with_capacity(data.len()); // after
for x in data {
    out.push(x * 2);
}
```

Where the collection is a field or comes from outside, call `reserve` before the loop.

## When it is wrong

When the size cannot be known even roughly, or most of these collections stay small: a capacity too \
large costs memory.
",
};

impl Rule<Facts<'_>, Advice> for Growth {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        let grows = |class| matches!(class, Some(Class::GrowVec | Class::GrowMap));
        let spots = facts.spots(|below| {
            grows(below.outer_class())
                // `collect` cannot be told a capacity; `extend` of what has one can.
                || below.outer_class() == Some(Class::Collect)
                    && (below.has(Class::GrowVec) || below.has(Class::GrowMap))
        });
        spots.into_iter().map(advice).collect()
    }
}

fn advice(spot: Spot<'_>) -> Advice {
    let is_map = spot.part(|below| below.has(Class::GrowMap)) > 0.5;
    let collects = spot.part(|below| below.outer_class() == Some(Class::Collect)) > 0.5;
    let cost = match is_map {
        true => "each time it is full, every entry is hashed and moved anew",
        false => "each time it is full, all of it moves to a larger place",
    };
    let call = spot.call(|call| fills(&call.name) || collects && call.name == "collect");
    let found = call.as_ref().and_then(|call| binding(&spot, call));
    let what = match (&call, &found) {
        (Some(call), None) if call.name == "collect" => "the collection".to_owned(),
        (_, Some(binding)) => format!("`{}`", binding.name),
        (Some(call), None) => call
            .root
            .as_ref()
            .map_or("a collection".to_owned(), |root| format!("`{root}`")),
        (None, None) => "a collection".to_owned(),
    };
    let write = match (&call, &found) {
        (Some(call), _) if call.name == "collect" => {
            let mut text = "let mut all = Vec::with_capacity(n); all.extend(..)".to_owned();
            if is_map {
                text = text.replace("Vec", "HashMap");
            }
            text
        }
        (Some(call), Some(binding)) => with_capacity(&spot, call, binding),
        (Some(call), None) => {
            let root = call.root.as_deref().unwrap_or("it");
            format!("{root}.reserve({}); before it is filled", size(&spot, call))
        }
        (None, _) => "with_capacity where it is made, or reserve before it is filled".to_owned(),
    };
    let confirmed = call.is_some();
    // The kernel takes small places back and gives larger ones, where they are filled and where they end.
    let kinds = match is_map {
        true => ["HashMap<", "HashSet<"],
        false => ["Vec<", "String"],
    };
    let faults = |below: &Below| below.outer_class().is_none() && below.has(Class::PageFault);
    let promise = Promise::of(0.5, "one allocation is left, its pages are touched once")
        .also(spot.rest_of_line(faults))
        .also(spot.drops_of(|dropped| kinds.iter().any(|kind| dropped.contains(kind))));
    Advice::new(
        &INFO,
        Rank::Inside,
        spot,
        format!("{what} grows while it is filled: {cost}"),
        promise,
    )
    .write(write)
    .confirmed(confirmed)
}

/// Methods and macros that add to a collection.
fn fills(name: &str) -> bool {
    const FILL: &[&str] = &[
        "push",
        "push_str",
        "push_back",
        "push_front",
        "insert",
        "entry",
        "extend",
        "extend_from_slice",
        "append",
        "write",
        "writeln",
        "write_str",
        "write_fmt",
        "write_all",
        "push_char",
        "insert_full",
    ];
    FILL.contains(&name)
}

fn binding(spot: &Spot<'_>, call: &Call) -> Option<Binding> {
    let code = spot.code.as_ref()?;
    let root = call
        .root
        .clone()
        .or_else(|| Some(call.arguments.first()?.clone()))?;
    code.binding(&root, &call.place, call.line).cloned()
}

/// The collection's own `let`, with a capacity.
fn with_capacity(spot: &Spot<'_>, call: &Call, binding: &Binding) -> String {
    let size = size(spot, call);
    let name = &binding.name;
    match binding.value.as_deref() {
        Some(value)
            if value.ends_with("::new()")
                || value.ends_with("::default()")
                || value == "vec![]" =>
        {
            let kind = match value {
                "vec![]" => "Vec",
                value => value.rsplit_once("::").map_or(value, |(kind, _)| kind),
            };
            format!("let mut {name} = {kind}::with_capacity({size});")
        }
        Some(value) if value.contains("with_capacity") => {
            format!(
                "give it all the room it needs at line {}: {value}",
                binding.line
            )
        }
        _ => format!("{name}.reserve({size}); before it is filled"),
    }
}

/// How many there will be, where the loop around tells.
fn size(spot: &Spot<'_>, call: &Call) -> String {
    let around = spot
        .code
        .as_ref()
        .and_then(|code| code.innermost(&call.place).cloned());
    let Some(LoopKind::For { over, .. }) = around.map(|one| one.kind) else {
        return "n".to_owned();
    };
    let over = over.trim_start_matches('&').trim_start_matches("mut ");
    let plain = over.split(".iter().enumerate()").next().unwrap_or(over);
    let plain = plain.strip_suffix(".iter()").unwrap_or(plain);
    let is_plain = plain
        .chars()
        .all(|c| c.is_alphanumeric() || c == '_' || c == '.');
    match plain.split_once("..") {
        Some((_, end)) if !end.is_empty() && !end.contains(' ') => {
            end.trim_start_matches('=').to_owned()
        }
        None if is_plain => format!("{plain}.len()"),
        _ => "n".to_owned(),
    }
}
