//! Guards of blocking locks that are held while a task is suspended.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};
use pitcrew_core::fix::{Applicability, Edit};

use super::Found;
use crate::facts::{
    Block, Function, FunctionId, Guard, GuardEnd, Span, Statement, StatementKind, Witness,
};
use crate::program::Program;

pub struct LockAcrossAwait;

static INFO: RuleInfo = RuleInfo {
    id: "lock-across-await",
    summary: "A blocking lock or a RefCell's borrow is held across an await",
    severity: Severity::Error,
    docs: r#"## What it does
Finds guards of std's, parking_lot's, spin's and dashmap's locks and borrows of a `RefCell` that are held
when their task is suspended: in a variable, a temporary, an `Option` or a struct. A guard that is dropped
before, by its block, by `drop`, or by being moved away, on every path, is not reported.

## Why it matters
While the task is suspended its thread polls others. One of them wants the same lock and blocks the
thread; if that was the thread which would have gone on with the first task, nothing ever moves again. A
`RefCell` panics instead: "already borrowed".

## Example
```rust
async fn add(&self, id: Id) {
    let mut users = self.users.lock().unwrap();
    users.push(fetch(id).await);
}
```
Await first and lock after, with no await in between:
```rust
async fn add(&self, id: Id) {
    let user = fetch(id).await;
    self.users.lock().unwrap().push(user);
}
```
Where the lock must be held for all of it, take `tokio::sync::Mutex`.

## When it is wrong
Nobody else ever takes the lock while the task is suspended: a single task on a runtime of one thread.
Then no lock is needed.
"#,
};

impl Rule<Program<'_>, Found> for LockAcrossAwait {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, program: &Program<'_>) -> Vec<Found> {
        let mut found = Vec::new();
        for (id, function) in program.functions() {
            for guard in &function.guards {
                found.extend(judge(program, id, function, guard));
            }
        }
        found
    }
}

fn judge(
    program: &Program<'_>,
    id: FunctionId,
    function: &Function,
    guard: &Guard,
) -> Option<Found> {
    let first = function.awaits.get(guard.held_across.first()?.index())?;
    let borrow = program.ecosystem.is_borrow_guard(&guard.ty);
    if !borrow && !program.ecosystem.is_lock_guard(&guard.ty) {
        // A permit, or a guard of a lock that may be held: the observers know guards by their names.
        return None;
    }
    let consequence = if borrow {
        "whoever borrows it meanwhile panics"
    } else {
        "whoever wants the lock meanwhile blocks its thread, and may deadlock"
    };
    let ty = guard.ty.path.as_str();
    let held = match &guard.name {
        Some(name) => format!("`{name}` (a `{ty}`)"),
        None => format!("a temporary `{ty}`"),
    };
    let message = format!(
        "{held} is held across the await in line {}: {consequence}",
        first.dot.start.line
    );
    let more = guard.held_across.len() - 1;
    let fact = format!("rustc: {ty} is live across this await");
    let mut found = program
        .found(&INFO, id, guard.taken, message)
        .by(guard.witness, fact);
    if more > 0 {
        let s = if more == 1 { "" } else { "s" };
        found = found.help(format!("it is held across {more} more await{s}"));
    }
    let ended_before = match guard.end {
        GuardEnd::Dropped(at) | GuardEnd::Moved(at) => at.is_before(first.dot),
        _ => false,
    };
    if guard.witness == Witness::Source && ended_before {
        found =
            found.help("it is dropped on one path, and not on every one that leads to the await");
    }
    let found = found.help(remedy(guard, borrow));
    let edits = dropped_before(program, function, guard);
    Some(found.fix(Applicability::MachineApplicable, edits))
}

/// `drop(guard);` before the first await, where nobody uses the guard from there on. A later `drop` goes.
fn dropped_before(program: &Program<'_>, function: &Function, guard: &Guard) -> Option<Vec<Edit>> {
    let name = guard.name.as_ref()?;
    let point = function.awaits.get(guard.held_across.first()?.index())?;
    let bound = |block: &&Block| {
        block
            .statements
            .iter()
            .any(|it| it.span.contains(guard.taken))
    };
    let block = function.blocks.iter().rev().find(bound)?;
    let taken = block
        .statements
        .iter()
        .position(|it| it.span.contains(guard.taken))?;
    let StatementKind::Let(binds) = &block.statements[taken].kind else {
        return None;
    };
    let local = binds.iter().find(|id| function[**id].name == *name)?;
    let after = &block.statements[taken + 1..];
    let first = after.iter().find(|it| it.span.contains(point.dot))?;
    let drop_text = format!("drop({name});");
    let is_drop = |it: &&Statement| program.facts.text(it.span) == drop_text;
    let later = after
        .iter()
        .find(is_drop)
        .filter(|it| first.span.is_before(it.span));
    let used_after = function[*local].touches.iter().any(|touch| {
        let in_drop = later.is_some_and(|it| it.span.contains(touch.span));
        touch.span.start >= first.span.start && !in_drop
    });
    let given_away = matches!(guard.end, GuardEnd::Dropped(at) | GuardEnd::Moved(at) if at.is_before(first.span));
    if used_after || given_away {
        return None;
    }
    let start = Span {
        end: first.span.start,
        ..first.span
    };
    let indent = " ".repeat(first.span.start.column.saturating_sub(1) as usize);
    let mut edits = vec![program.edit(start, format!("{drop_text}\n{indent}"))?];
    if let Some(later) = later {
        edits.push(program.edit(later.span, "")?);
    }
    Some(edits)
}

fn remedy(guard: &Guard, borrow: bool) -> String {
    match (&guard.name, borrow) {
        (None, _) => {
            "put what you need of it into a variable in a statement before, so that the temporary ends there".to_owned()
        }
        (Some(_), true) => "end the borrow in a block of its own before the await".to_owned(),
        (Some(name), false) => format!(
            "end it before the await, with a block around it or `drop({name})`; or take a lock whose guard may be held, such as tokio::sync::Mutex"
        ),
    }
}
