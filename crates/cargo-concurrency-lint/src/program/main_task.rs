//! Which functions run in the main task, once: `main` itself and what only `main` calls, outside of
//! loops, closures and tasks. Blocking there keeps no worker thread.

use super::{Program, Site};
use crate::ecosystem::As;
use crate::facts::{BodyKind, CallId, Entry, Function, FunctionId, Use};

/// For each function whether it does.
pub fn all(program: &Program<'_>) -> Vec<bool> {
    let mut found = vec![false; program.facts.functions.len()];
    for (id, function) in program.functions() {
        found[id.index()] = matches!(function.entry, Some(Entry::Main(_)));
    }
    // Each round reaches one call further.
    loop {
        let more: Vec<FunctionId> = program
            .functions()
            .map(|(id, _)| id)
            .filter(|id| !found[id.index()] && is_called_once(program, *id, &found))
            .collect();
        if more.is_empty() {
            return found;
        }
        for id in more {
            found[id.index()] = true;
        }
    }
}

fn is_called_once(program: &Program<'_>, id: FunctionId, known: &[bool]) -> bool {
    let callers = program.callers(id).iter().filter(|site| {
        // What calls itself is called from outside all the same.
        site.function != id && !program.function(site.function).test
    });
    let mut callers = callers.peekable();
    callers.peek().is_some()
        && callers.all(|site| known[site.function.index()] && runs_once(program, *site))
}

/// Whether the call is part of its function's own task, and not in a loop.
fn runs_once(program: &Program<'_>, site: Site) -> bool {
    let caller = program.function(site.function);
    let call = &caller[site.call];
    call.within.is_none()
        && !is_spawned(program, caller, site.call)
        && caller
            .bodies_around(call.body)
            .all(|(_, body)| match body.kind {
                BodyKind::Function => true,
                BodyKind::Closure => false,
                BodyKind::AsyncBlock => match body.goes {
                    Use::Awaited(_) => true,
                    Use::Argument(taker, _) => {
                        let row = program.ecosystem.runs.find(&caller[taker]);
                        row.is_some_and(|row| row.how == As::BlockOn)
                    }
                    _ => false,
                },
            })
}

/// Whether the call's future is spawned.
fn is_spawned(program: &Program<'_>, function: &Function, id: CallId) -> bool {
    let Use::Argument(taker, _) = function[id].goes else {
        return false;
    };
    let row = program.ecosystem.runs.find(&function[taker]);
    row.is_some_and(|row| row.how == As::Task)
}

impl Program<'_> {
    /// Whether a function runs in the main task, once.
    pub fn is_main_task(&self, id: FunctionId) -> bool {
        self.main_task[id.index()]
    }
}
