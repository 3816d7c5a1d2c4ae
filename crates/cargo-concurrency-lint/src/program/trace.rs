//! From a value back to where it comes from: through variables, clones and pointers around it.

use super::Program;
use crate::facts::{Call, CallId, Form, Function, LocalId, Origin, TouchKind, Value};

/// Calls that give what they are given, or something that stands for it.
const PASSES: [&str; 12] = [
    "std::boxed::Box::pin",
    "std::boxed::Box::new",
    "std::pin::Pin::new",
    "std::sync::Arc::clone",
    "std::rc::Rc::clone",
    "std::sync::Arc::new",
    "std::rc::Rc::new",
    "std::pin::pin",
    "futures::FutureExt::boxed",
    "futures::FutureExt::boxed_local",
    "futures::FutureExt::fuse",
    "std::convert::identity",
];

/// The same for methods, whatever their type.
const PASSING: [&str; 12] = [
    "clone",
    "boxed",
    "boxed_local",
    "fuse",
    "as_mut",
    "as_ref",
    "by_ref",
    "to_owned",
    "into_future",
    "instrument",
    "in_current_span",
    "as_deref",
];

/// Values are followed no further.
const DEPTH: usize = 12;

impl Program<'_> {
    /// Where a value comes from, in the end.
    pub fn source<'f>(&self, function: &'f Function, value: &'f Value) -> &'f Value {
        let mut at = value;
        for _ in 0..DEPTH {
            let next = match &at.origin {
                Origin::Local(id) => self.only_value(function, *id),
                Origin::Call(id) => self.passes(&function[*id]),
                _ => None,
            };
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    /// The variable that a value is, through clones and pointers around it.
    pub fn root(&self, function: &Function, value: &Value) -> Option<LocalId> {
        let mut at = value;
        let mut found = None;
        for _ in 0..DEPTH {
            let next = match &at.origin {
                Origin::Local(id) => {
                    found = Some(*id);
                    // A variable set to a clone stands for what was cloned.
                    function[*id]
                        .init
                        .as_ref()
                        .filter(|init| self.stands_for(function, init))
                }
                Origin::Call(id) => self.passes(&function[*id]),
                Origin::Field(of, _) => Some(&**of),
                _ => None,
            };
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
        found
    }

    fn stands_for(&self, function: &Function, value: &Value) -> bool {
        match &value.origin {
            Origin::Local(_) => true,
            Origin::Call(id) => self.passes(&function[*id]).is_some(),
            _ => false,
        }
    }

    /// What a variable is set to, if it is set once.
    fn only_value<'f>(&self, function: &'f Function, id: LocalId) -> Option<&'f Value> {
        let local = &function[id];
        let set = local
            .touches
            .iter()
            .any(|touch| touch.kind == TouchKind::Set);
        local.init.as_ref().filter(|_| !set)
    }

    /// What a call only passes on.
    pub fn passes<'f>(&self, call: &'f Call) -> Option<&'f Value> {
        match call.form {
            Form::Method if PASSING.contains(&call.callee.name.as_str()) => call.receiver.as_ref(),
            Form::Function if PASSES.contains(&call.callee.path.as_str()) => call.args.first(),
            _ => None,
        }
    }

    /// The calls of a chain, the last first: `build`, `timeout`, `builder`; through variables too.
    pub fn chain<'f>(&self, function: &'f Function, last: CallId) -> Vec<(CallId, &'f Call)> {
        let mut found: Vec<(CallId, &Call)> = vec![(last, &function[last])];
        for _ in 0..64 {
            let Some((_, call)) = found.last() else { break };
            let Some(receiver) = &call.receiver else {
                break;
            };
            let mut at = receiver;
            // A builder in a variable: `let b = Client::builder(); let b = b.timeout(..);`
            if let Origin::Local(id) = at.origin {
                match &function[id].init {
                    Some(init) => at = init,
                    None => break,
                }
            }
            match at.origin {
                Origin::Call(id) if found.iter().all(|(known, _)| *known != id) => {
                    found.push((id, &function[id]));
                }
                _ => break,
            }
        }
        found
    }
}
