//! More queries at a time than the pool has connections.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use super::Found;
use crate::ecosystem::What;
use crate::facts::{Call, Function, FunctionId};
use crate::program::{Program, Work};

pub struct PoolSmallerThanConcurrency;

static INFO: RuleInfo = RuleInfo {
    id: "pool-smaller-than-concurrency",
    summary: "More queries run at a time than the pool has connections",
    severity: Severity::Warning,
    docs: r#"## What it does
Compares the limit of a stream of queries with the size of the pool that the same crate makes, where both are
numbers.

## Why it matters
The queries beyond the pool's size wait for a connection. The pool gives up on them after its timeout (30
seconds with sqlx, for ever with others), so that a batch fails in the middle under load, though no query is
slow.

## Example
```rust
let pool = PgPoolOptions::new().max_connections(5).connect(url).await?;
stream::iter(ids).map(|id| load(&pool, id)).buffer_unordered(50)
```
Make the two numbers one: `buffer_unordered(5)`, or a pool of 50 where the database can take it.

## When it is wrong
The pool that the queries use is another than the one that is seen.
"#,
};

impl Rule<Program<'_>, Found> for PoolSmallerThanConcurrency {
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
    if !matches!(row.what, What::Concurrency | What::Ordered) {
        return None;
    }
    let limit = call.args.get(row.argument as usize)?;
    let number = program.source(function, limit).number()?;
    let (size, place) = program.pool_size(id)?;
    if number <= i128::from(size)
        || program.work(&program.items_of_call(id, call)) != Work::Database
    {
        return None;
    }
    let name = &call.callee.name;
    let message = format!(
        "`{name}({number})` runs queries on a pool of {size} connections: {} of them wait, and fail when the pool's timeout ends",
        number - i128::from(size)
    );
    let found = program.found(&INFO, id, call.name, message).by(
        call.witness,
        format!("rustc: this calls {}", call.callee.path),
    );
    Some(
        found
            .help(format!(
                "the pool's size is set in {}",
                program.place(place)
            ))
            .help("instead: one number for both"),
    )
}
