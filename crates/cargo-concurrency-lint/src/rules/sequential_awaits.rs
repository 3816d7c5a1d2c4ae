//! Waits one after the other that could overlap.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};
use pitcrew_core::fix::{Applicability, Edit};

use super::Found;
use crate::ecosystem::Runtime;
use crate::facts::{AwaitId, Block, BlockId, Function, FunctionId, Statement, StatementKind, Use};
use crate::program::Program;

pub struct SequentialAwaits;

static INFO: RuleInfo = RuleInfo {
    id: "sequential-awaits",
    summary: "Independent waits run one after the other",
    severity: Severity::Advice,
    docs: r#"## What it does
Finds awaits in consecutive `let`s where the later ones use nothing of the earlier ones, nothing is changed or
borrowed for one alone, and each only asks for something: `get_…`, `fetch_…`, `load_…`, a GET, a SELECT.

## Why it matters
The times add up: three requests of 50 ms take 150 ms, where 50 would do.

## Example
```rust
let user = fetch_user(id).await?;
let orders = fetch_orders(id).await?;
```
Write:
```rust
let (user, orders) = tokio::try_join!(fetch_user(id), fetch_orders(id))?;
```

## When it is wrong
The first answer decides whether the second question may be asked, and `?` leaves when it may not. Or both
wait for the same thing, such as one connection, so that nothing would overlap.
"#,
};

impl Rule<Program<'_>, Found> for SequentialAwaits {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, program: &Program<'_>) -> Vec<Found> {
        let mut found = Vec::new();
        for (id, function) in program.functions() {
            for (index, block) in function.blocks.iter().enumerate() {
                if function[block.body].is_async {
                    let runs = runs(program, function, BlockId::at(index), block);
                    found.extend(runs.iter().map(|run| finding(program, id, function, run)));
                }
            }
        }
        found
    }
}

/// A statement that is one await, its result bound.
#[derive(Clone, Copy)]
struct Wait<'f> {
    statement: &'f Statement,
    point: AwaitId,
}

/// The runs of two or more independent waits.
fn runs<'f>(
    program: &Program<'_>,
    function: &'f Function,
    id: BlockId,
    block: &'f Block,
) -> Vec<Vec<Wait<'f>>> {
    let mut runs: Vec<Vec<Wait<'f>>> = Vec::new();
    let mut run: Vec<Wait<'f>> = Vec::new();
    for statement in &block.statements {
        let next = wait(program, function, id, statement);
        let goes_on = next.is_some_and(|next| {
            run.iter().all(|earlier| {
                !program.is_dependent(function, earlier.statement.span, next.statement.span)
            })
        });
        if !goes_on {
            runs.push(std::mem::take(&mut run));
        }
        run.extend(next);
    }
    runs.push(run);
    runs.retain(|run| run.len() > 1);
    runs
}

fn wait<'f>(
    program: &Program<'_>,
    function: &Function,
    id: BlockId,
    statement: &'f Statement,
) -> Option<Wait<'f>> {
    let point = statement.awaits?;
    let binds = matches!(&statement.kind, StatementKind::Let(binds) if !binds.is_empty());
    let here = function[point].block == Some(id);
    let others = function
        .awaits
        .iter()
        .filter(|it| statement.span.contains(it.span))
        .count();
    let only = others == 1 && !statement.exits;
    (binds && here && only && program.only_reads(function, point))
        .then_some(Wait { statement, point })
}

fn finding(program: &Program<'_>, id: FunctionId, function: &Function, run: &[Wait<'_>]) -> Found {
    let first = &function[run[0].point];
    let names: Vec<String> = run.iter().map(|wait| name(function, wait.point)).collect();
    let tried = run.iter().filter(|wait| function[wait.point].tried).count();
    let join = if tried == 0 { "join!" } else { "try_join!" };
    let message = format!(
        "{} wait one after the other though none needs the other: their times add up",
        names.join(", ")
    );
    let found = program
        .found(&INFO, id, first.value.span, message)
        .by(first.witness, "rustc: neither uses what the other gives")
        .help(format!(
            "instead: one {join} of them, unless the first decides whether the next may be asked"
        ));
    found.fix(
        Applicability::MachineApplicable,
        joined(program, function, run),
    )
}

fn name(function: &Function, point: AwaitId) -> String {
    let call = function[point].value.call().map(|id| &function[id]);
    format!(
        "`{}`",
        call.map_or("a future", |call| call.callee.name.as_str())
    )
}

/// One `let` of all, where each is no more than its future awaited, all with `?` or none.
fn joined(program: &Program<'_>, function: &Function, run: &[Wait<'_>]) -> Option<Vec<Edit>> {
    let krate = program.krate(function)?;
    let tokio = program.runtime(function) == Runtime::Tokio
        && krate.has_feature("tokio", &["macros", "full"]);
    let prefix = if tokio {
        "tokio"
    } else if krate.dependencies.contains_key("futures") {
        "futures"
    } else {
        return None;
    };
    let tried = function[run[0].point].tried;
    let mut patterns = Vec::new();
    let mut futures = Vec::new();
    for wait in run {
        let (pattern, future) = parts(program, function, wait, tried)?;
        patterns.push(pattern);
        futures.push(future);
    }
    let (join, end) = if tried {
        ("try_join", "?")
    } else {
        ("join", "")
    };
    let first = run.first()?.statement.span;
    let last = run.last()?.statement.span;
    let text = format!(
        "let ({}) = {prefix}::{join}!({}){end};",
        patterns.join(", "),
        futures.join(", ")
    );
    // A comment between the statements would be lost.
    let whole = program.facts.text(first.to(last));
    if whole.contains("//") && !whole.contains("://") || whole.contains("/*") {
        return None;
    }
    Some(vec![program.edit(first.to(last), text)?])
}

/// The pattern and the future of `let pattern = future.await?;`.
fn parts(
    program: &Program<'_>,
    function: &Function,
    wait: &Wait<'_>,
    tried: bool,
) -> Option<(String, String)> {
    let point = &function[wait.point];
    let text = program.facts.text(wait.statement.span);
    let future = program.facts.text(point.value.span);
    if point.tried != tried
        || !matches!(point.goes, Use::Bound(_) | Use::Other)
        || future.is_empty()
    {
        return None;
    }
    let (pattern, rest) = text.strip_prefix("let ")?.split_once(" = ")?;
    let end = rest
        .strip_prefix(future)?
        .split_whitespace()
        .collect::<String>();
    let expected = if tried { ".await?;" } else { ".await;" };
    // A type beside the pattern, or a `let … else`, needs a person.
    (end == expected && !pattern.contains([':', '{']))
        .then(|| (pattern.to_owned(), future.to_owned()))
}
