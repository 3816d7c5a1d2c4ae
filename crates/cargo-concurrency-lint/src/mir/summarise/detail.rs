//! What is kept of a body of the workspace beside its calls.

use super::{Work, near, place_type};
use crate::mir::body::Body;
use crate::mir::held::{self, Suspension};
use crate::mir::loops::Loops;
use crate::mir::path::Path;
use crate::mir::place::Base;
use crate::mir::span::Span;
use crate::mir::statement::{Callee, Terminator};
use crate::mir::summary::{Await, Detail, Guard, Loop, Place, Variable};

impl Work {
    pub fn detail(&mut self, body: &Body<'_>, loops: &Loops, home: Option<Place>) -> Detail {
        let number = |index: usize| u32::try_from(index).ok();
        let loops = loops.loops.iter().map(|one| Loop {
            place: one
                .lines
                .zip(home)
                .map(|(lines, home)| Place { lines, ..home }),
            within: one.parent.and_then(number),
        });
        Detail {
            variables: self.variables(body),
            loops: loops.collect(),
            ..Detail::default()
        }
    }

    /// The variables that the source names.
    fn variables(&mut self, body: &Body<'_>) -> Vec<Variable> {
        let mut found: Vec<Variable> = Vec::new();
        for variable in &body.variables {
            let Some(span) = variable.span else { continue };
            if variable.name.starts_with('_')
                || matches!(variable.name, "result" | "iter" | "residual" | "val")
            {
                continue;
            }
            let ty = place_type(body, &variable.place);
            if ty.is_empty() {
                continue;
            }
            let variable = Variable {
                name: self.intern(variable.name),
                ty: self.intern(ty),
                place: self.place(span),
            };
            if !found.contains(&variable) {
                found.push(variable);
            }
        }
        found
    }

    /// Follows what the workspace's coroutines hold, now that the crate's types are known.
    pub fn finish_coroutines(&mut self) {
        for (text, index) in std::mem::take(&mut self.coroutines) {
            let Some(body) = Body::read(&text) else {
                continue;
            };
            let loops = Loops::of(&body);
            let holding = held::holding(&body, &self.shapes);
            let guards = holding.guards.iter().map(|guard| {
                let taken = guard.taken.as_ref();
                let place = taken.and_then(|taken| taken.span).or(guard.bound);
                Guard {
                    ty: self.intern(&guard.ty),
                    name: guard.name.map(|name| self.intern(name)),
                    taken: place.map(|span| self.place(span)),
                    by: taken.map(|taken| self.intern(taken.path)),
                }
            });
            let guards = guards.collect();
            let awaits = holding.suspensions.iter();
            let awaits = awaits.filter_map(|suspension| self.awaited(&body, &loops, suspension));
            let awaits = awaits.collect();
            let detail = self
                .summary
                .bodies
                .get_mut(index)
                .and_then(|body| body.detail.as_mut());
            if let Some(detail) = detail {
                detail.guards = guards;
                detail.awaits = awaits;
            }
        }
    }

    fn awaited(
        &mut self,
        body: &Body<'_>,
        loops: &Loops,
        suspension: &Suspension<'_>,
    ) -> Option<Await> {
        let number = |index: usize| u32::try_from(index).ok();
        let poll = poll_before(body, suspension.block);
        let span = at_home(body, suspension)?;
        Some(Await {
            place: self.place(span),
            future: self.intern(poll.map_or("", |(future, _)| future)),
            output: self.intern(poll.map_or("", |(_, output)| output)),
            within: usize::try_from(suspension.block)
                .ok()
                .and_then(|block| poll_block(body, block))
                .and_then(|block| loops.around(block))
                .and_then(number),
            held: suspension
                .held
                .iter()
                .filter_map(|index| number(*index))
                .collect(),
        })
    }
}

/// The block that polls before the coroutine gives up in `block`.
fn poll_block(body: &Body<'_>, block: usize) -> Option<usize> {
    // The poll, the switch on what it gave, and the way out follow each other.
    let leads = |from: usize, to: usize| crate::mir::loops::successors(body, from).contains(&to);
    let blocks = 0..body.blocks.len();
    let switch = blocks.clone().find(|from| leads(*from, block))?;
    blocks.into_iter().find(|from| leads(*from, switch))
}

/// The type of the future that is polled, and of what it gives.
fn poll_before<'a>(body: &Body<'a>, block: u32) -> Option<(&'a str, &'a str)> {
    let at = poll_block(body, usize::try_from(block).ok()?)?;
    let Some((Terminator::Call(call), _)) = &body.blocks[at].end else {
        return None;
    };
    let Callee::Path(path) = call.callee else {
        return None;
    };
    let (future, _) = Path::read(path).of?;
    let output = place_type(body, &call.to);
    let inner = output
        .strip_prefix("std::task::Poll<")
        .and_then(|ty| ty.strip_suffix('>'));
    Some((future, inner.unwrap_or_default()))
}

/// The place of the suspension, or, where that is within a macro of another file, of what the macro
/// was given.
fn at_home<'a>(body: &Body<'a>, suspension: &Suspension<'a>) -> Option<Span<'a>> {
    let home = body.locals.first()?.span?;
    let span = suspension.span?;
    if span.file == home.file {
        return Some(span);
    }
    // What is polled was made from expressions of the source, whose places are known.
    let awaitee = body.variables.iter().rev().find(|variable| {
        variable.name == "__awaitee"
            && matches!(variable.place.base, Base::Saved(state, _) if state <= suspension.state)
    });
    let near = awaitee.and_then(|variable| near::made(body, variable.place.base, home.file));
    near.or_else(|| near::before(body, suspension.block, home.file))
}
