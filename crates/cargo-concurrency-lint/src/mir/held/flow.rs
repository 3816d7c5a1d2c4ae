//! Follows initialisation through the blocks of a body.

use super::{Body, Operand, Origins, Place, Statement, Step, Terminator, Tracked, Value};
use super::{covers, operands, variant_number};
use crate::mir::guards::PartStep;
use crate::mir::path::Path;
use crate::mir::statement::{Call, Callee};

/// For each tracked part, whether it may be initialised.
type State = Vec<bool>;

pub struct Flow<'b, 'a> {
    body: &'b Body<'a>,
    origins: &'b Origins<'b, 'a>,
    tracked: &'b [Tracked],
}

impl<'b, 'a> Flow<'b, 'a> {
    pub fn new(body: &'b Body<'a>, origins: &'b Origins<'b, 'a>, tracked: &'b [Tracked]) -> Self {
        Self {
            body,
            origins,
            tracked,
        }
    }

    /// The state at the end of each block that can be reached, before its terminator.
    pub fn run(&self) -> Vec<Option<State>> {
        let count = self.body.blocks.len();
        let mut starts: Vec<Option<State>> = vec![None; count];
        let mut ends: Vec<Option<State>> = vec![None; count];
        let mut waiting = vec![0];
        if let Some(first) = starts.first_mut() {
            *first = Some(vec![false; self.tracked.len()]);
        }
        // Parts only ever become initialised at a block's start, so this ends.
        while let Some(number) = waiting.pop() {
            let Some(mut state) = starts.get(number).cloned().flatten() else {
                continue;
            };
            for (statement, _) in &self.body.blocks[number].statements {
                self.statement(statement, &mut state);
            }
            ends[number] = Some(state.clone());
            for (next, state) in self.after(number, &state) {
                let Some(at) = usize::try_from(next).ok().filter(|at| *at < count) else {
                    continue;
                };
                if join(&mut starts[at], state) {
                    waiting.push(at);
                }
            }
        }
        ends
    }

    /// The parts that lie in a place, or that the place lies in.
    fn parts(&self, place: &Place<'a>) -> impl Iterator<Item = (usize, &'b Tracked)> {
        let place = self.origins.resolve(place);
        let parts = self.tracked.iter().enumerate();
        parts.filter(move |(_, part)| part.base == place.base && covers(&place.steps, &part.steps))
    }

    fn set(&self, place: &Place<'a>, to: bool, state: &mut State) {
        for (index, _) in self.parts(place) {
            state[index] = to;
        }
    }

    fn statement(&self, statement: &Statement<'a>, state: &mut State) {
        match statement {
            Statement::Dead(local) => self.set(&Place::local(*local), false, state),
            Statement::Assign(to, value) => self.assign(to, value, state),
            Statement::State(_) => {}
        }
    }

    fn assign(&self, to: &Place<'a>, value: &Value<'a>, state: &mut State) {
        let given: Vec<(usize, bool)> = self
            .parts(to)
            .map(|(index, part)| (index, self.gives(to, part, value, state)))
            .collect();
        for operand in operands(value) {
            if let Operand::Move(from) = operand {
                self.set(from, false, state);
            }
        }
        for (index, held) in given {
            state[index] = held;
        }
    }

    /// Whether `part` of what is assigned is initialised by `value`.
    fn gives(&self, to: &Place<'a>, part: &Tracked, value: &Value<'a>, state: &State) -> bool {
        let steps = self.origins.resolve(to).steps.len();
        let rest = part.steps.get(steps..).unwrap_or_default();
        match value {
            Value::Use(operand) | Value::Cast(operand) => self.holds(operand, rest, state),
            Value::Aggregate(head, fields) => {
                let (variant, rest) = match rest.split_first() {
                    Some((PartStep::Variant(name), rest)) => (Some(name), rest),
                    _ => (None, rest),
                };
                if variant.is_some_and(|name| Path::read(head).name() != name) {
                    return false;
                }
                match rest.split_first() {
                    Some((PartStep::Field(number), rest)) if *head != "[]" => {
                        let field = usize::try_from(*number).ok().and_then(|at| fields.get(at));
                        field.is_some_and(|operand| self.holds(operand, rest, state))
                    }
                    // Of what is not told apart, any will do.
                    _ => fields.iter().any(|operand| self.holds(operand, &[], state)),
                }
            }
            Value::Ref(_) | Value::Discriminant(_) => false,
            Value::Other => true,
        }
    }

    /// Whether the part of an operand is initialised.
    fn holds(&self, operand: &Operand<'a>, rest: &[PartStep], state: &State) -> bool {
        let Operand::Move(from) = operand else {
            return false;
        };
        let from = self.origins.resolve(from);
        let mut of_base = self
            .tracked
            .iter()
            .enumerate()
            .filter(|(_, part)| part.base == from.base);
        let inside: Vec<(usize, &Tracked)> = of_base
            .by_ref()
            .filter(|(_, part)| covers(&from.steps, &part.steps))
            .collect();
        let exact = inside
            .iter()
            .find(|(_, part)| part.steps.get(from.steps.len()..).unwrap_or_default() == rest);
        match exact {
            Some((index, _)) => state[*index],
            // The shapes of the two types are not known equally well.
            None if inside.is_empty() => from.steps.contains(&Step::Deref),
            None => inside.iter().any(|(index, _)| state[*index]),
        }
    }

    /// The blocks that follow, with the state in which each is entered.
    fn after(&self, number: usize, state: &State) -> Vec<(u32, State)> {
        match &self.body.blocks[number].end {
            Some((Terminator::Goto(blocks), _)) => {
                blocks.iter().map(|block| (*block, state.clone())).collect()
            }
            Some((Terminator::Drop(place, next), _)) => {
                let mut state = state.clone();
                self.set(place, false, &mut state);
                next.iter().map(|next| (*next, state.clone())).collect()
            }
            Some((Terminator::Call(call), _)) => {
                let Some(next) = call.next else {
                    return Vec::new();
                };
                let mut state = state.clone();
                self.call(call, &mut state);
                vec![(next, state)]
            }
            Some((Terminator::Switch(on, choices), _)) => self.switch(number, on, choices, state),
            Some((Terminator::Return, _)) | None => Vec::new(),
        }
    }

    fn call(&self, call: &Call<'a>, state: &mut State) {
        let path = match &call.callee {
            Callee::Path(text) => Some(Path::read(text)),
            Callee::Pointer(_) => None,
        };
        let name = path.as_ref().map_or("", Path::name);
        let plain = path.as_ref().map(Path::plain).unwrap_or_default();
        let standard = plain.starts_with("std::");
        let behind = call.args.first().and_then(|arg| self.behind(arg));

        // What is taken out of a place that stays.
        let takes = standard && matches!(name, "take" | "replace" | "take_if");
        let mut was = true;
        if let Some(place) = behind.as_ref().filter(|_| takes) {
            was = self.parts(place).any(|(index, _)| state[index]);
            self.set(place, false, state);
        }
        let put = call
            .args
            .get(1)
            .is_some_and(|arg| self.holds_any(arg, state));
        let fills = match name {
            "replace" | "insert" | "get_or_insert" => put,
            "get_or_insert_with" => true,
            _ => !standard,
        };
        if let Some(place) = behind.filter(|_| fills) {
            self.fill(&place, state);
        }
        for arg in &call.args {
            if let Operand::Move(from) = arg {
                self.set(from, false, state);
            }
        }
        self.set(&call.to, was, state);
    }

    /// The place behind a mutable reference that is passed.
    fn behind(&self, arg: &Operand<'a>) -> Option<Place<'a>> {
        let place = arg.place()?;
        let referent = place
            .steps
            .is_empty()
            .then(|| self.origins.referent(place.base));
        Some(self.origins.resolve(&referent??))
    }

    fn holds_any(&self, arg: &Operand<'a>, state: &State) -> bool {
        let place = arg.place();
        place.is_some_and(|place| self.parts(place).any(|(index, _)| state[index]))
    }

    /// Whoever has a reference to an optional guard may put one there.
    fn fill(&self, place: &Place<'a>, state: &mut State) {
        for (index, part) in self.parts(place) {
            let optional = matches!(part.steps.first(), Some(PartStep::Variant(_)));
            state[index] |= optional;
        }
    }

    /// A match on an enum of std tells which of its variants is not there.
    fn switch(
        &self,
        number: usize,
        on: &Operand<'a>,
        choices: &[(Option<u128>, u32)],
        state: &State,
    ) -> Vec<(u32, State)> {
        let matched = on.place().and_then(Place::as_local).and_then(|local| {
            let statements = self.body.blocks[number].statements.iter().rev();
            statements
                .into_iter()
                .find_map(|(statement, _)| match statement {
                    Statement::Assign(to, Value::Discriminant(place))
                        if to.as_local() == Some(local) =>
                    {
                        Some(self.origins.resolve(place))
                    }
                    _ => None,
                })
        });
        let listed: Vec<u128> = choices.iter().filter_map(|(value, _)| *value).collect();
        let one = |(value, block): &(Option<u128>, u32)| {
            let mut state = state.clone();
            // Of two variants, the one that is not listed.
            let value = value.or_else(|| match listed[..] {
                [0] => Some(1),
                [1] => Some(0),
                _ => None,
            });
            if let (Some(place), Some(value)) = (&matched, value) {
                self.refine(place, value, &mut state);
            }
            (*block, state)
        };
        choices.iter().map(one).collect()
    }

    fn refine(&self, place: &Place<'a>, value: u128, state: &mut State) {
        for (index, part) in self.parts(place) {
            let Some(PartStep::Variant(variant)) = part.steps.get(place.steps.len()) else {
                continue;
            };
            let of = match variant.as_str() {
                "Some" => "std::option::Option",
                "Ok" => "std::result::Result",
                "Ready" => "std::task::Poll",
                "Continue" => "std::ops::ControlFlow",
                _ => continue,
            };
            if variant_number(of, value).is_some_and(|name| name != variant) {
                state[index] = false;
            }
        }
    }
}

/// Adds what may be initialised; whether that is more than before.
fn join(known: &mut Option<State>, more: State) -> bool {
    let Some(known) = known else {
        *known = Some(more);
        return true;
    };
    let mut changed = false;
    for (known, more) in known.iter_mut().zip(more) {
        changed |= more && !*known;
        *known |= more;
    }
    changed
}
