//! Small functions that are called through a table in a hot loop.

use std::collections::{BTreeMap, BTreeSet};

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::promise::Promise;
use crate::advice::{Advice, Rank};
use crate::analyse::lines::Line;
use crate::code::{Call, CallKind, Code, LoopKind};
use crate::facts::Facts;
use crate::profile::StackId;

pub struct DynamicDispatch;

static INFO: RuleInfo = RuleInfo {
    id: "dynamic-dispatch",
    summary: "A hot loop calls small functions through a table",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports calls of a method of a `dyn Trait` in a loop, where the methods called are so short that most of \
their time is their own. The time of the line and of the methods is what may go.

## Why it matters

Through a table the processor must guess where to go, and the compiler cannot inline: a method of three \
instructions costs twenty, and the loop around it stays a loop.

## Example

```rust
enum Shape { Square(Square), Strip(Strip) }  // in place of Box<dyn Shape>
```

Or keep one `Vec` for each kind, or make the function generic over its one kind. `enum_dispatch` writes \
the `match` for you.

## When it is wrong

When kinds are added by others, or the methods do real work.
",
};

impl Rule<Facts<'_>, Advice> for DynamicDispatch {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        let mut calls: BTreeMap<Line, Dispatched> = BTreeMap::new();
        for (at, work) in facts.works.all.iter().enumerate() {
            // The line's own time, and that of the method that it called.
            if !work.below.is_own() {
                continue;
            }
            let Some(site) = work.below.site else {
                continue;
            };
            let own = facts.line_of(work);
            let called = caller_by_table(facts, site);
            if let Some((line, function)) = called {
                let entry = calls.entry(line).or_default();
                entry.works.push(at);
                entry.methods.insert(function);
            }
            if let Some(line) = own {
                calls.entry(line).or_default().works.push(at);
            }
        }
        let seen = calls.into_iter().filter(|(_, one)| !one.methods.is_empty());
        let hot = seen.filter(|(_, one)| facts.is_hot(&one.works));
        hot.filter_map(|(line, one)| advice(facts, line, one))
            .collect()
    }
}

#[derive(Default)]
struct Dispatched {
    works: Vec<usize>,
    methods: BTreeSet<u32>,
}

fn advice(facts: &Facts<'_>, line: Line, seen: Dispatched) -> Option<Advice> {
    let spot = facts.spot(line, seen.works);
    let code = spot.code.clone()?;
    let call =
        spot.call(|call| call.kind == CallKind::Method && is_dynamic(facts, line, &code, call))?;
    if call.place.loops.is_empty() {
        return None;
    }
    let cause = match seen.methods.len() {
        1 => format!(
            "`{}` is found in a table each time, though it is always the same",
            call.name
        ),
        kinds => format!(
            "`{}` of {kinds} kinds is found in a table each time",
            call.name
        ),
    };
    let write = match seen.methods.len() {
        1 => "take `impl Trait` or a type parameter in place of `dyn`",
        _ => "an enum of the kinds with `match` (enum_dispatch), or a Vec for each kind",
    };
    let promise = Promise::of(
        0.0,
        "nothing if the processor guesses each call, most if methods are inlined",
    );
    Some(
        Advice::new(&INFO, Rank::Own, spot, cause, promise)
            .write(write)
            .confirmed(true),
    )
}

/// The line of the workspace that called this frame's function, where that is a trait's method that was
/// not inlined.
fn caller_by_table(facts: &Facts<'_>, site: StackId) -> Option<(Line, u32)> {
    let view = facts.view;
    // Out of what was inlined into the method.
    let outer = view
        .walk(Some(site))
        .find(|stack| !view.frame(*stack).inlined)?;
    let function = view.frame(outer).function;
    let name = &view.profile.functions[function as usize].name;
    let is_method = name.starts_with('<') && name.contains(" as ");
    let caller = view.caller(outer).filter(|_| is_method)?;
    let frame = view.frame(caller);
    let line = view
        .origin(caller)
        .is_yours()
        .then(|| frame.file.zip(frame.line))
        .flatten()?;
    Some((line, view.group(outer)))
}

/// Whether the receiver is declared with `dyn`: itself, what the loop walks, or a field of that name.
fn is_dynamic(facts: &Facts<'_>, line: Line, code: &Code, call: &Call) -> bool {
    let Some(root) = call.root.as_deref() else {
        return false;
    };
    let declared = |name: &str| {
        let binding = code.binding(name, &call.place, call.line);
        let texts = binding
            .into_iter()
            .flat_map(|b| b.kind.iter().chain(&b.value));
        texts.into_iter().any(|text| has_dyn(text))
    };
    let walked = call
        .place
        .loops
        .iter()
        .any(|at| match &code.loops[*at].kind {
            LoopKind::For { pattern, over } => {
                let over = over
                    .trim_start_matches(['&', '*'])
                    .trim_start_matches("mut ");
                let over: &str = over.split(".iter").next().unwrap_or(over);
                pattern.trim_start_matches(['&', '(']).contains(root)
                    && (declared(over)
                        || over
                            .split_once('.')
                            .is_some_and(|(_, f)| field(facts, line, f)))
            }
            _ => false,
        });
    walked
        || declared(root)
        || root
            .split_once('.')
            .is_some_and(|(_, name)| field(facts, line, name))
}

fn has_dyn(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|word| word == "dyn")
}

/// Whether the file declares a field of this name with `dyn`.
fn field(facts: &Facts<'_>, line: Line, name: &str) -> bool {
    let Some(text) = facts.sources.text(facts.path(line)) else {
        return false;
    };
    text.lines().any(|line| {
        let declared = line.trim().trim_start_matches("pub ").strip_prefix(name);
        declared.is_some_and(|rest| rest.trim_start().starts_with(':') && has_dyn(rest))
    })
}
