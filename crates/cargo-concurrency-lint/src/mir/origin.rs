//! Where the values of a body come from: who assigns what, and what a reference points to.

use std::collections::HashMap;

use super::body::Body;
use super::place::{Base, Place, Step};
use super::statement::{Call, Operand, Statement, Terminator, Value};

/// Who gives a variable its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Definition<'b, 'a> {
    Value(&'b Value<'a>),
    /// The call that ends this block.
    Call(u32, &'b Call<'a>),
}

/// All assignments of whole variables, in the order of the blocks.
#[derive(Debug, Default)]
pub struct Origins<'b, 'a> {
    definitions: HashMap<Base, Vec<Definition<'b, 'a>>>,
}

impl<'b, 'a> Origins<'b, 'a> {
    pub fn of(body: &'b Body<'a>) -> Self {
        let mut origins = Self::default();
        for (number, block) in (0..).zip(&body.blocks) {
            for (statement, _) in &block.statements {
                if let Statement::Assign(place, value) = statement {
                    origins.note(place, Definition::Value(value));
                }
            }
            if let Some((Terminator::Call(call), _)) = &block.end {
                origins.note(&call.to, Definition::Call(number, call));
            }
        }
        origins
    }

    fn note(&mut self, place: &Place<'a>, definition: Definition<'b, 'a>) {
        if place.steps.is_empty() {
            let list = self.definitions.entry(place.base).or_default();
            list.push(definition);
        }
    }

    pub fn definitions(&self, base: Base) -> &[Definition<'b, 'a>] {
        self.definitions.get(&base).map_or(&[], Vec::as_slice)
    }

    /// The only one to assign the variable.
    pub fn only(&self, base: Base) -> Option<Definition<'b, 'a>> {
        match self.definitions(base) {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// The place that is meant, with references that were taken in this body looked through:
    /// `(*_3).1` is `_2.1` after `_3 = &_2`.
    pub fn resolve(&self, place: &Place<'a>) -> Place<'a> {
        /// A chain of reborrows is short.
        const LONGEST: usize = 16;
        let mut place = place.clone();
        for _ in 0..LONGEST {
            let Some((Step::Deref, rest)) = place.steps.split_first() else {
                break;
            };
            let Some(referent) = self.referent(place.base) else {
                break;
            };
            let mut steps = referent.steps.clone();
            steps.extend_from_slice(rest);
            let ty = if rest.is_empty() {
                referent.ty
            } else {
                place.ty
            };
            place = Place {
                base: referent.base,
                steps,
                ty,
            };
        }
        place
    }

    /// What a variable that is a reference points to.
    pub fn referent(&self, base: Base) -> Option<Place<'a>> {
        /// Moves of a reference from one temporary to the next.
        const LONGEST: usize = 8;
        let mut base = base;
        for _ in 0..LONGEST {
            match self.only(base)? {
                Definition::Value(Value::Ref(referent)) => return Some(referent.clone()),
                Definition::Value(Value::Use(Operand::Move(from) | Operand::Copy(from)))
                    if from.steps.is_empty() =>
                {
                    base = from.base;
                }
                _ => return None,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str) -> String {
        format!("fn f() -> () {{\n    bb0: {{\n{lines}        return;\n    }}\n")
    }

    #[test]
    fn references_are_looked_through() {
        let text =
            read("        _3 = &mut (_2.1: T);\n        _4 = &mut (*_3);\n        _5 = move _4;\n");
        let body = Body::read(&text).unwrap();
        let origins = Origins::of(&body);
        let place = Place::read("((*_5).0: U)").unwrap();
        let resolved = origins.resolve(&place);
        assert_eq!(resolved.base, Base::Local(2));
        assert_eq!(resolved.steps, [Step::Field(1), Step::Field(0)]);
        assert_eq!(resolved.ty, Some("U"));
    }

    #[test]
    fn a_variable_that_is_assigned_twice_has_no_one_origin() {
        let text = read("        _3 = &_1;\n        _3 = &_2;\n        _4 = move _4;\n");
        let body = Body::read(&text).unwrap();
        let origins = Origins::of(&body);
        assert_eq!(origins.definitions(Base::Local(3)).len(), 2);
        let place = Place::read("(*_3)").unwrap();
        assert_eq!(origins.resolve(&place).base, Base::Local(3));
        let itself = Place::read("(*_4)").unwrap();
        assert_eq!(origins.resolve(&itself).base, Base::Local(4));
    }
}
