//! Finds the call that took a guard: behind `unwrap`, `?` and moves, the first that gives one and is
//! given none.

use std::collections::HashSet;

use super::{Base, Body, Operand, Origins, Shapes, Taken, Terminator, Value, operands, type_of};
use crate::mir::origin::Definition;
use crate::mir::statement::{Call, Callee};

/// The call that took what is in a variable.
pub fn find<'a>(
    body: &Body<'a>,
    origins: &Origins<'_, 'a>,
    shapes: &Shapes,
    base: Base,
) -> Option<Taken<'a>> {
    let mut seen = HashSet::new();
    let mut waiting = vec![base];
    let mut nearest = None;
    while let Some(base) = waiting.pop() {
        if !seen.insert(base) {
            continue;
        }
        for definition in origins.definitions(base) {
            match definition {
                Definition::Value(value) => {
                    waiting.extend(operands(value).filter_map(source));
                    if let Value::Ref(place) = value {
                        waiting.push(place.base);
                    }
                }
                Definition::Call(block, call) => {
                    nearest = taken(body, *block, call).or(nearest);
                    let guards = call.args.iter().filter(|arg| gives(body, shapes, arg));
                    let sources: Vec<Base> = guards.filter_map(source).collect();
                    if sources.is_empty() {
                        return nearest;
                    }
                    waiting.extend(sources);
                }
            }
        }
    }
    nearest
}

fn source(operand: &Operand<'_>) -> Option<Base> {
    operand.place().map(|place| place.base)
}

/// Whether the argument is, or holds, a guard.
fn gives(body: &Body<'_>, shapes: &Shapes, arg: &Operand<'_>) -> bool {
    let Operand::Move(place) = arg else {
        return false;
    };
    let ty = type_of(body, place.base, place.ty);
    !shapes.parts(ty.behind_refs()).is_empty()
}

fn taken<'a>(body: &Body<'a>, block: u32, call: &Call<'a>) -> Option<Taken<'a>> {
    let Callee::Path(path) = call.callee else {
        return None;
    };
    let block = body.block(block)?;
    let Some((Terminator::Call(_), span)) = &block.end else {
        return None;
    };
    Some(Taken { span: *span, path })
}
