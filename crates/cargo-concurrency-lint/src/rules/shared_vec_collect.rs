//! Results that concurrent tasks push into one locked vector.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use super::Found;
use crate::facts::{BodyId, Call, Function, FunctionId, LocalId, Origin, Ty, Value};
use crate::program::Program;

pub struct SharedVecCollect;

static INFO: RuleInfo = RuleInfo {
    id: "shared-vec-collect",
    summary: "Concurrent tasks push their results into one locked vector",
    severity: Severity::Advice,
    docs: r#"## What it does
Finds an `Arc<Mutex<Vec<_>>>` of a function that its own tasks or concurrent futures push into.

## Why it matters
Each task waits for the lock to hand in its result, the vector grows under it, the order is left to chance, and
a task that panics poisons the lock or loses its result without a word. The tasks' own outputs are a collection
already.

## Example
```rust
let results = Arc::new(Mutex::new(Vec::new()));
for id in ids {
    let results = results.clone();
    tasks.spawn(async move { results.lock().await.push(load(id).await) });
}
```
Write:
```rust
for id in ids {
    tasks.spawn(load(id));
}
let results = tasks.join_all().await;
```

## When it is wrong
Someone reads the vector while the tasks still run, for a progress display or the like.
"#,
};

impl Rule<Program<'_>, Found> for SharedVecCollect {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, program: &Program<'_>) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        for (id, function, _, call) in program.calls() {
            if let Some(finding) = judge(program, id, function, call) {
                // Several pushes into one vector are one matter.
                if !found
                    .iter()
                    .any(|other| other.function == id && other.span == finding.span)
                {
                    found.push(finding);
                }
            }
        }
        found
    }
}

fn judge(program: &Program<'_>, id: FunctionId, function: &Function, call: &Call) -> Option<Found> {
    if !["push", "extend", "append"].contains(&call.callee.name.as_str()) {
        return None;
    }
    let owner = locked(program, function, call.receiver.as_ref()?, false)?;
    let local = &function[owner];
    if !is_shared_vec(&local.ty)
        || local.init.is_none()
        || !is_concurrent(program, function, call.body, local.body)
    {
        return None;
    }
    let name = &local.name;
    let message = format!(
        "concurrent tasks push into `{name}` under its lock: each waits for all others to hand in its result, and their order is left to chance"
    );
    let found = program.found(&INFO, id, local.span, message).by(
        local.witness,
        format!("rustc: {name} is a shared, locked vector"),
    );
    Some(found.help("instead: let each task give its result, and collect them: JoinSet::join_all, join_all, or buffer_unordered(n).collect()"))
}

/// The variable whose lock a receiver is behind.
fn locked(
    program: &Program<'_>,
    function: &Function,
    value: &Value,
    through: bool,
) -> Option<LocalId> {
    match &value.origin {
        Origin::Await(id) => locked(program, function, &function[*id].value, through),
        Origin::Call(id) => {
            let call = &function[*id];
            let locks = ["lock", "write", "borrow_mut"].contains(&call.callee.name.as_str());
            locked(program, function, call.receiver.as_ref()?, through || locks)
        }
        Origin::Local(_) if through => program.root(function, value),
        Origin::Local(id) => locked(program, function, function[*id].init.as_ref()?, false),
        _ => None,
    }
}

fn is_shared_vec(ty: &Ty) -> bool {
    let locks = ["Mutex", "RwLock"];
    let shared = ["std::sync::Arc", "std::rc::Rc"].contains(&ty.path.as_str());
    let lock = ty.args.first();
    shared
        && lock.is_some_and(|lock| {
            let is_lock = lock
                .path
                .rsplit("::")
                .next()
                .is_some_and(|name| locks.contains(&name));
            let vec = lock.args.first();
            is_lock && vec.is_some_and(|vec| vec.path == "std::vec::Vec")
        })
}

/// Whether the push stands in code that runs beside other such code.
fn is_concurrent(program: &Program<'_>, function: &Function, at: BodyId, home: BodyId) -> bool {
    let inner = function.bodies_around(at).take_while(|(id, _)| *id != home);
    inner.into_iter().any(|(id, body)| {
        body.is_async
            && (program.spawned_by(function, id).is_some() || program.runs_per_item(function, id))
    })
}

impl Program<'_> {
    /// Whether a body is the future of each item of a stream or collection.
    fn runs_per_item(&self, function: &Function, body: BodyId) -> bool {
        let around = function[body].parent;
        around.is_some_and(|parent| {
            matches!(function[parent].goes, crate::facts::Use::Argument(call, _) if {
                let name = function[call].callee.name.as_str();
                ["map", "for_each_concurrent", "try_for_each_concurrent", "then", "filter_map"].contains(&name)
            })
        })
    }
}
