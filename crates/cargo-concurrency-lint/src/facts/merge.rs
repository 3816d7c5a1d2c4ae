//! Lays the compiler's facts over the source's. The two are matched by place, never by name: a place is
//! the one thing that both know for sure.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::ecosystem::Ecosystem;

use super::{
    AwaitId, Body, BodyId, Call, Compiled, Facts, File, FileId, Form, Function, FunctionId, Guard,
    Pos, Span, Ty, Value, Witness,
};

#[cfg(test)]
mod tests;

/// Puts what the compiler knows in the place of what the source let guess, and adds what only the
/// compiler has seen.
pub fn deepen(facts: &mut Facts, mut compiled: Compiled, ecosystem: &Ecosystem) {
    let files = Files::of(facts, &compiled);
    for function in &mut compiled.functions {
        respan(function, &files);
        respell(function, ecosystem);
    }
    let places = Places::of(facts);
    let mut strangers = Vec::new();
    for function in std::mem::take(&mut compiled.functions) {
        if let Some(stranger) = lay_over(facts, &places, function) {
            strangers.push(stranger);
        }
    }
    facts.functions.extend(strangers);
    facts.outside.append(&mut compiled.outside);
    for mut way in compiled.ways {
        files.map(&mut way.call);
        let places = way.steps.iter_mut().filter_map(|step| step.at.as_mut());
        places.for_each(|span| files.map(span));
        for step in &mut way.steps {
            if let Cow::Owned(path) = ecosystem.canonical(&step.path) {
                step.path = path;
            }
        }
        facts.ways.push(way);
    }
    facts.compiled.append(&mut compiled.compiled);
}

/// The files of the compiler's facts by their number among the source's.
struct Files(Vec<FileId>);

impl Files {
    /// Adds the files that only the compiler has named.
    fn of(facts: &mut Facts, compiled: &Compiled) -> Self {
        let mut known: HashMap<_, _> = facts
            .files
            .iter()
            .enumerate()
            .map(|(index, file)| (file.path.clone(), FileId::at(index)))
            .collect();
        let ids = compiled.files.iter().map(|file| {
            *known.entry(file.path.clone()).or_insert_with(|| {
                facts.files.push(File {
                    text: String::new(),
                    ..file.clone()
                });
                FileId::at(facts.files.len() - 1)
            })
        });
        Self(ids.collect())
    }

    fn map(&self, span: &mut Span) {
        if let Some(id) = self.0.get(span.file.index()) {
            span.file = *id;
        }
    }
}

fn respan(function: &mut Function, files: &Files) {
    files.map(&mut function.span);
    files.map(&mut function.name);
    for body in &mut function.bodies {
        files.map(&mut body.span);
    }
    for local in &mut function.locals {
        files.map(&mut local.span);
    }
    for call in &mut function.calls {
        files.map(&mut call.span);
        files.map(&mut call.name);
        for value in call.receiver.iter_mut().chain(&mut call.args) {
            files.map(&mut value.span);
        }
    }
    for point in &mut function.awaits {
        files.map(&mut point.span);
        files.map(&mut point.dot);
        files.map(&mut point.value.span);
    }
    for guard in &mut function.guards {
        files.map(&mut guard.taken);
    }
}

/// The compiler spells a path by any of its re-exports.
fn respell(function: &mut Function, ecosystem: &Ecosystem) {
    let spell = |ty: &mut Ty| ecosystem.canonical_ty(ty);
    for body in &mut function.bodies {
        spell(&mut body.output);
    }
    for local in &mut function.locals {
        spell(&mut local.ty);
    }
    for call in &mut function.calls {
        if let Cow::Owned(path) = ecosystem.canonical(&call.callee.path) {
            call.callee.path = path;
        }
        spell(&mut call.output);
        call.generics.iter_mut().for_each(spell);
        for value in call.receiver.iter_mut().chain(&mut call.args) {
            spell(&mut value.ty);
        }
    }
    for point in &mut function.awaits {
        spell(&mut point.value.ty);
        spell(&mut point.output);
    }
    for guard in &mut function.guards {
        spell(&mut guard.ty);
    }
}

type At = (FileId, Pos);

fn start(span: Span) -> At {
    (span.file, span.start)
}

/// Where the source's facts are.
struct Places {
    calls: HashMap<At, (FunctionId, usize)>,
    awaits: HashMap<At, (FunctionId, usize)>,
    /// By the end of the name: the compiler counts `mut` in.
    locals: HashMap<At, (FunctionId, usize)>,
    /// By file.
    bodies: HashMap<FileId, Vec<(Span, FunctionId, BodyId)>>,
}

impl Places {
    fn of(facts: &Facts) -> Self {
        let mut places = Self {
            calls: HashMap::new(),
            awaits: HashMap::new(),
            locals: HashMap::new(),
            bodies: HashMap::new(),
        };
        for (index, function) in facts.functions.iter().enumerate() {
            let id = FunctionId::at(index);
            for (index, call) in function.calls.iter().enumerate() {
                // The calls that a macro expands to have the macro's place.
                if call.form != Form::Macro {
                    places.calls.insert(start(call.name), (id, index));
                }
            }
            for (index, point) in function.awaits.iter().enumerate() {
                places.awaits.insert(start(point.dot), (id, index));
            }
            for (index, local) in function.locals.iter().enumerate() {
                let end = (local.span.file, local.span.end);
                places.locals.insert(end, (id, index));
            }
            for body in function.body_ids() {
                // The compiler counts the parameters of a function to its body.
                let span = match body {
                    BodyId(0) => function.span,
                    _ => function[body].span,
                };
                let list = places.bodies.entry(span.file).or_default();
                list.push((span, id, body));
            }
        }
        places
    }

    /// The innermost body around a place.
    fn body(&self, span: Span) -> Option<(FunctionId, BodyId)> {
        let bodies = self.bodies.get(&span.file)?;
        let around = bodies
            .iter()
            .filter(|(body, ..)| body.contains_pos(span.start));
        let innermost = around.max_by_key(|(body, ..)| body.start);
        innermost.map(|(_, function, body)| (*function, *body))
    }
}

/// Gives the function back where none of its bodies lies in a known one.
fn lay_over(facts: &mut Facts, places: &Places, function: Function) -> Option<Function> {
    // An attribute's macro may have the body begin at the attribute; what stands in it is at home.
    let calls = function.calls.iter().map(|call| call.name);
    let within = calls.chain(function.awaits.iter().map(|point| point.dot));
    let within: Vec<Span> = within.collect();
    let home = |body: &Body| {
        let within = within.iter().find_map(|span| places.body(*span));
        places.body(body.span).or(within)
    };
    let homes: Vec<_> = function.bodies.iter().map(home).collect();
    if homes.iter().all(Option::is_none) {
        return Some(function);
    }
    for (body, home) in function.bodies.iter().zip(&homes) {
        let Some((id, home)) = *home else { continue };
        let known = &mut facts.functions[id.index()];
        let slot = &mut known.bodies[home.index()];
        slot.size = slot.size.max(body.size);
        if body.output.is_known() {
            slot.output = body.output.clone();
        }
        slot.witness = Witness::Compiler;
        known
            .guards
            .retain(|guard| guard.body != home || guard.witness == Witness::Compiler);
    }
    for local in function.locals {
        let at = (local.span.file, local.span.end);
        if let Some((id, index)) = places.locals.get(&at)
            && local.ty.is_known()
        {
            let known = &mut facts.functions[id.index()].locals[*index];
            known.ty = local.ty;
            known.witness = Witness::Compiler;
        }
    }
    let mut awaits = Vec::new();
    for point in function.awaits {
        let home = places.body(point.dot);
        awaits.push(match places.awaits.get(&start(point.dot)) {
            Some(&(id, index)) => {
                let known = &mut facts.functions[id.index()].awaits[index];
                better(&mut known.value.ty, point.value.ty);
                better(&mut known.output, point.output);
                known.witness = Witness::Compiler;
                Some((id, AwaitId::at(index)))
            }
            None => home.map(|(id, body)| {
                let list = &mut facts.functions[id.index()].awaits;
                list.push(super::Await { body, ..point });
                (id, AwaitId::at(list.len() - 1))
            }),
        });
    }
    for call in function.calls {
        lay_call_over(facts, places, call);
    }
    for guard in function.guards {
        lay_guard_over(facts, places, guard, &awaits);
    }
    None
}

fn lay_call_over(facts: &mut Facts, places: &Places, call: Call) {
    let Some(&(id, index)) = places.calls.get(&start(call.name)) else {
        if let Some((id, body)) = places.body(call.name) {
            let calls = &mut facts.functions[id.index()].calls;
            calls.push(Call { body, ..call });
        }
        return;
    };
    let known = &mut facts.functions[id.index()].calls[index];
    if !call.callee.path.is_empty() && !is_method_by_type(known, &call) {
        known.callee = call.callee;
    }
    better(&mut known.output, call.output);
    if !call.generics.is_empty() {
        known.generics = call.generics;
    }
    // The compiler need not tell a method's receiver from a first argument.
    let ours = known.receiver.iter_mut().chain(&mut known.args);
    for (ours, theirs) in ours.zip(call.receiver.into_iter().chain(call.args)) {
        let Value { ty, .. } = theirs;
        better(&mut ours.ty, ty);
    }
    known.witness = Witness::Compiler;
}

fn lay_guard_over(
    facts: &mut Facts,
    places: &Places,
    mut guard: Guard,
    awaits: &[Option<(FunctionId, AwaitId)>],
) {
    let Some((id, body)) = places.body(guard.taken) else {
        return;
    };
    let held = guard.held_across.iter().filter_map(|old| {
        let (home, new) = (*awaits.get(old.index())?)?;
        (home == id).then_some(new)
    });
    guard.held_across = held.collect();
    guard.body = body;
    guard.call = None;
    guard.witness = Witness::Compiler;
    facts.functions[id.index()].guards.push(guard);
}

/// `Arc::clone(&x)`: the compiler names the trait, and who reads it looks for the type.
fn is_method_by_type(ours: &Call, theirs: &Call) -> bool {
    let receiver = theirs.receiver.as_ref().map(|value| &value.ty.path);
    let written = ours.callee.path.rsplit_once("::");
    ours.form == Form::Function
        && written.is_some_and(|(ty, name)| {
            name == theirs.callee.name && receiver.is_some_and(|receiver| receiver == ty)
        })
}

fn better(ours: &mut Ty, theirs: Ty) {
    if theirs.is_known() {
        *ours = theirs;
    }
}
