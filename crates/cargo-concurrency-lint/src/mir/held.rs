//! What a coroutine holds while it is suspended.
//!
//! A variable that is *saved* across a suspension need not be *held* there: it may have been moved or
//! dropped before, and only its slot is kept. So initialisation is followed through the blocks, from
//! assignment to move, drop or death of its storage, on every path. A variable that may still be
//! initialised when the coroutine suspends is held.

use std::collections::HashMap;

use super::body::Body;
use super::guards::{Shapes, covers, may_hold, type_of, variant_number};
use super::origin::Origins;
use super::place::{Base, Place, Step};
use super::span::Span;
use super::statement::{Operand, Statement, Terminator, Value};

mod flow;
mod taken;

use flow::Flow;

/// A place where the coroutine gives its thread back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension<'a> {
    /// The number of the state it goes on from.
    pub state: u32,
    /// The word `await`, or a place in the macro that awaits.
    pub span: Option<Span<'a>>,
    /// The block that ends with it.
    pub block: u32,
    /// Indices of what is held, in [`Holding::guards`].
    pub held: Vec<usize>,
}

/// Something that is held across a suspension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard<'a> {
    /// The type of the guard itself, not of what it is in.
    pub ty: String,
    /// The variable that it is in; none for a temporary.
    pub name: Option<&'a str>,
    /// Where the variable is bound.
    pub bound: Option<Span<'a>>,
    /// The call that gave it: of `m.lock().unwrap()`, the call of `lock`.
    pub taken: Option<Taken<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken<'a> {
    pub span: Option<Span<'a>>,
    pub path: &'a str,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holding<'a> {
    pub suspensions: Vec<Suspension<'a>>,
    pub guards: Vec<Guard<'a>>,
}

/// A part of a variable that is a guard: what is followed.
#[derive(Debug, Clone)]
pub struct Tracked {
    pub base: Base,
    pub steps: Vec<super::guards::PartStep>,
    pub ty: String,
}

/// The states before the first suspension: not started, ended, panicked.
const FIRST_SUSPENDED: u32 = 3;

/// The suspensions of a coroutine with what it holds at each.
pub fn holding<'a>(body: &Body<'a>, shapes: &Shapes) -> Holding<'a> {
    let mut suspensions = suspensions(body);
    if suspensions.is_empty() {
        return Holding::default();
    }
    let tracked = tracked(body, shapes);
    let mut guards = Vec::new();
    if !tracked.is_empty() {
        let origins = Origins::of(body);
        let flow = Flow::new(body, &origins, &tracked);
        let ends = flow.run();
        let mut numbers: HashMap<usize, usize> = HashMap::new();
        for suspension in &mut suspensions {
            for index in held_at(&tracked, &ends, suspension.block) {
                let number = *numbers.entry(index).or_insert_with(|| {
                    guards.push(guard(body, &origins, shapes, &tracked[index]));
                    guards.len() - 1
                });
                suspension.held.push(number);
            }
        }
    }
    Holding {
        suspensions,
        guards,
    }
}

/// What is kept in the coroutine and initialised at the end of a block.
fn held_at(tracked: &[Tracked], ends: &[Option<Vec<bool>>], block: u32) -> Vec<usize> {
    let end = usize::try_from(block).ok().and_then(|at| ends.get(at));
    let Some(Some(end)) = end else {
        return Vec::new();
    };
    let kept = tracked.iter().zip(end).enumerate();
    kept.filter(|(_, (part, held))| **held && matches!(part.base, Base::Saved(..)))
        .map(|(index, _)| index)
        .collect()
}

fn guard<'a>(
    body: &Body<'a>,
    origins: &Origins<'_, 'a>,
    shapes: &Shapes,
    part: &Tracked,
) -> Guard<'a> {
    let variable = body
        .variables
        .iter()
        .find(|variable| variable.place.base == part.base && variable.place.steps.is_empty());
    Guard {
        ty: part.ty.clone(),
        name: variable.map(|variable| variable.name),
        bound: variable.and_then(|variable| variable.span),
        taken: taken::find(body, origins, shapes, part.base),
    }
}

fn suspensions<'a>(body: &Body<'a>) -> Vec<Suspension<'a>> {
    let mut found = Vec::new();
    for (number, block) in (0..).zip(&body.blocks) {
        if !matches!(block.end, Some((Terminator::Return, _))) {
            continue;
        }
        let state = block.statements.iter().rev().find_map(|(statement, span)| {
            let Statement::State(state) = statement else {
                return None;
            };
            Some((*state, *span))
        });
        if let Some((state, span)) = state.filter(|(state, _)| *state >= FIRST_SUSPENDED) {
            found.push(Suspension {
                state,
                span,
                block: number,
                held: Vec::new(),
            });
        }
    }
    found
}

/// The variables that hold a guard in some part. The future that is being awaited is on its own: what
/// it was given is held, or not, by its own body.
fn tracked(body: &Body<'_>, shapes: &Shapes) -> Vec<Tracked> {
    let mut types: HashMap<Base, &str> = HashMap::new();
    for (number, local) in (0..).zip(&body.locals) {
        types.insert(Base::Local(number), local.ty);
    }
    each_place(body, &mut |place| {
        if let (Base::Saved(..), true, Some(ty)) = (place.base, place.steps.is_empty(), place.ty) {
            types.insert(place.base, ty);
        }
    });
    for variable in &body.variables {
        if variable.name == "__awaitee" {
            types.remove(&variable.place.base);
        }
    }
    let mut bases: Vec<_> = types.into_iter().filter(|(_, ty)| may_hold(ty)).collect();
    bases.sort_unstable();
    let mut tracked = Vec::new();
    for (base, printed) in bases {
        let ty = type_of(body, base, Some(printed));
        tracked.extend(shapes.parts(&ty).into_iter().map(|part| Tracked {
            base,
            steps: part.steps,
            ty: part.ty,
        }));
    }
    tracked
}

/// Every place that a body reads or writes.
fn each_place<'a>(body: &Body<'a>, visit: &mut dyn FnMut(&Place<'a>)) {
    for variable in &body.variables {
        visit(&variable.place);
    }
    for block in &body.blocks {
        for (statement, _) in &block.statements {
            let Statement::Assign(to, value) = statement else {
                continue;
            };
            visit(to);
            match value {
                Value::Ref(place) | Value::Discriminant(place) => visit(place),
                _ => operands(value)
                    .for_each(|operand| operand.place().into_iter().for_each(&mut *visit)),
            }
        }
        match &block.end {
            Some((Terminator::Call(call), _)) => {
                visit(&call.to);
                call.args
                    .iter()
                    .filter_map(Operand::place)
                    .for_each(&mut *visit);
            }
            Some((Terminator::Drop(place, _), _)) => visit(place),
            _ => {}
        }
    }
}

/// The operands of a value.
pub fn operands<'b, 'a>(value: &'b Value<'a>) -> impl Iterator<Item = &'b Operand<'a>> {
    let list = match value {
        Value::Use(operand) | Value::Cast(operand) => std::slice::from_ref(operand),
        Value::Aggregate(_, fields) => fields,
        Value::Ref(_) | Value::Discriminant(_) | Value::Other => &[],
    };
    list.iter()
}
