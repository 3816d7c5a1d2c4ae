//! Places for what a macro of another file does: MIR gives the place in the macro's definition, a reader
//! wants the one where the macro is used.

use std::collections::HashSet;

use crate::mir::body::Body;
use crate::mir::held::operands;
use crate::mir::place::Base;
use crate::mir::span::Span;
use crate::mir::statement::{Call, Operand, Statement, Terminator, Value};

/// A place in the file for a call: where one of its arguments was made, or what comes before.
pub fn call<'a>(body: &Body<'a>, call: &Call<'a>, block: usize, file: &str) -> Option<Span<'a>> {
    let args = call.args.iter().filter_map(Operand::place);
    let made = args.map(|place| made(body, place.base, file));
    made.flatten()
        .next()
        .or_else(|| before(body, u32::try_from(block).ok()? + 1, file))
}

/// A place in the file where the variable, or what it is made of, is assigned.
pub fn made<'a>(body: &Body<'a>, base: Base, file: &str) -> Option<Span<'a>> {
    let mut wanted = vec![base];
    let mut seen = HashSet::new();
    while let Some(base) = wanted.pop() {
        if !seen.insert(base) {
            continue;
        }
        for block in &body.blocks {
            for (statement, span) in &block.statements {
                let Statement::Assign(to, value) = statement else {
                    continue;
                };
                if to.base != base {
                    continue;
                }
                if let Some(span) = span.filter(|span| span.file == file) {
                    return Some(span);
                }
                wanted.extend(
                    operands(value)
                        .filter_map(Operand::place)
                        .map(|place| place.base),
                );
                if let Value::Ref(place) = value {
                    wanted.push(place.base);
                }
            }
            if let Some((Terminator::Call(call), span)) = &block.end
                && call.to.base == base
            {
                if let Some(span) = span.filter(|span| span.file == file) {
                    return Some(span);
                }
                wanted.extend(
                    call.args
                        .iter()
                        .filter_map(Operand::place)
                        .map(|place| place.base),
                );
            }
        }
    }
    None
}

/// The last place in the file that the blocks before this one have.
pub fn before<'a>(body: &Body<'a>, block: u32, file: &str) -> Option<Span<'a>> {
    let until = usize::try_from(block).ok()?;
    body.blocks[..until.min(body.blocks.len())]
        .iter()
        .rev()
        .flat_map(|block| block.statements.iter().rev())
        .filter_map(|(_, span)| *span)
        .find(|span| span.file == file)
}
