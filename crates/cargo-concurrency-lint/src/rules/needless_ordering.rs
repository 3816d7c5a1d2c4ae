//! Results that are kept in order for nobody.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};
use pitcrew_core::fix::Applicability;

use super::Found;
use crate::ecosystem::What;
use crate::facts::{Call, Function, FunctionId, Ty, Use, Value};
use crate::program::Program;

pub struct NeedlessOrdering;

static INFO: RuleInfo = RuleInfo {
    id: "needless-ordering",
    summary: "`buffered` keeps an order that nobody uses",
    severity: Severity::Advice,
    docs: r#"## What it does
Finds `buffered` and `try_buffered` whose results go where their order makes no difference: counted, summed,
collected into a set or a map, or thrown away.

## Why it matters
To keep the order, a result that is done waits for all before it, and its place is not given to the next
item. One slow request at the front stops the whole stream.

## Example
```rust
let pages: HashSet<Page> = stream::iter(urls).map(fetch).buffered(16).collect().await;
```
Write `buffer_unordered(16)`.

## When it is wrong
Two items have the same key in a map, and the later must win: the fix for maps is therefore written only
with `--allow-maybe-incorrect`.
"#,
};

/// What becomes of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Used,
    /// It makes no difference.
    Unused,
    /// It makes one only where keys are equal.
    Keys,
}

impl Rule<Program<'_>, Found> for NeedlessOrdering {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, program: &Program<'_>) -> Vec<Found> {
        let calls = program.calls();
        calls
            .filter_map(|(id, function, _, call)| judge(program, id, function, call))
            .collect()
    }
}

fn judge(program: &Program<'_>, id: FunctionId, function: &Function, call: &Call) -> Option<Found> {
    let row = program.ecosystem.limits.find(call)?;
    if row.what != What::Ordered {
        return None;
    }
    let (order, who) = order(function, call);
    let applicability = match order {
        Order::Used => return None,
        Order::Unused => Applicability::MachineApplicable,
        Order::Keys => Applicability::MaybeIncorrect,
    };
    let name = &call.callee.name;
    let better = name.replace("buffered", "buffer_unordered");
    let message = format!(
        "`{name}` keeps the order for {who}, where it makes no difference: one slow item stops all behind it"
    );
    let edits = program
        .edit(call.name, better.clone())
        .map(|edit| vec![edit]);
    let found = program
        .found(&INFO, id, call.name, message)
        .by(
            call.witness,
            format!("rustc: this calls {}", call.callee.path),
        )
        .help(format!("instead: {better}"));
    Some(found.fix(applicability, edits))
}

/// What becomes of the order of a stream's results, and who takes them.
fn order(function: &Function, call: &Call) -> (Order, String) {
    const PASS: [&str; 12] = [
        "map",
        "filter",
        "filter_map",
        "map_ok",
        "map_err",
        "try_filter_map",
        "try_filter",
        "inspect",
        "boxed",
        "fuse",
        "then",
        "err_into",
    ];
    let mut at = call;
    for _ in 0..16 {
        let next = match at.goes {
            Use::Receiver(next) => Some(&function[next]),
            // A stream in a variable: whatever is called on it.
            Use::Bound(local) => function
                .calls
                .iter()
                .find(|call| call.receiver.as_ref().and_then(Value::local) == Some(local)),
            _ => None,
        };
        let Some(next) = next else {
            return (Order::Used, String::new());
        };
        at = next;
        let name = at.callee.name.as_str();
        match name {
            "count" => return (Order::Unused, "`count`".to_owned()),
            "collect" | "try_collect" => return collected(function, at),
            _ if PASS.contains(&name) => {}
            _ => return (Order::Used, String::new()),
        }
    }
    (Order::Used, String::new())
}

/// What a `collect` makes: by its own type argument, by the variable's type, or nothing at all.
fn collected(function: &Function, call: &Call) -> (Order, String) {
    let Use::Awaited(point) = call.goes else {
        return (Order::Used, String::new());
    };
    let goes = function[point].goes;
    let ty = match (call.generics.first(), goes) {
        (Some(ty), _) => ty.clone(),
        (None, Use::Bound(local)) => function[local].ty.clone(),
        (None, Use::Returned) => function.output.clone(),
        _ => Ty::unknown(),
    };
    let ty = ty.success().cloned().unwrap_or(ty);
    match ty.path.rsplit("::").next().unwrap_or_default() {
        "HashSet" | "BTreeSet" | "FxHashSet" | "IndexSet" if !ty.path.ends_with("IndexSet") => {
            (Order::Unused, "a set".to_owned())
        }
        "HashMap" | "BTreeMap" | "FxHashMap" | "DashMap" => (Order::Keys, "a map".to_owned()),
        _ if matches!(goes, Use::Ignored | Use::Discarded) => {
            (Order::Unused, "results that are thrown away".to_owned())
        }
        _ => (Order::Used, String::new()),
    }
}
