//! Calls of functions by path.

use super::Digest;
use crate::facts::{Call, CallId, Callee, Form, Origin, Span, TouchKind, Ty, Use, Value};
use crate::observe::sketch::PathSketch;
use crate::observe::sketch::expr::{Expr, Kind};

impl<'w> Digest<'w> {
    pub(super) fn call(&mut self, callee: &'w Expr, args: &'w [Expr], span: Span) -> Value {
        let Kind::Path(path) = &callee.kind else {
            let called = self.expr(callee);
            let output = called.ty.args.first().cloned().unwrap_or_default();
            let call = Call {
                span,
                name: self.span(callee.extent),
                args: self.args(args),
                output,
                ..Call::default()
            };
            return self.add_call(call);
        };
        let name = self.span(path.extent);
        if let Some(id) = path.single().and_then(|name| self.variable(name)) {
            self.mention(id, name);
            let output = self.function[id].ty.args.first().cloned();
            let call = Call {
                span,
                name,
                callee: Callee {
                    path: String::new(),
                    name: path.last().to_owned(),
                },
                // The variable is the one that is called.
                receiver: Some(self.value(name, self.function[id].ty.clone(), Origin::Local(id))),
                args: self.args(args),
                output: output.unwrap_or_default(),
                ..Call::default()
            };
            return self.add_call(call);
        }
        let meant = self.callee_path(path).unwrap_or_default();
        if self.is_constructor(path, &meant) {
            return self.construct(path, meant, args, span);
        }
        let values = self.args(args);
        if meant == "std::mem::drop" {
            values.iter().for_each(|value| self.dropped(value));
        }
        let generics = self.generics(path);
        let output = match self.signature(&meant) {
            Some(signature) => signature.gives(),
            None => self.gives(&meant, &generics, None, &values),
        };
        let call = Call {
            span,
            name,
            callee: Callee {
                path: meant,
                name: path.last().to_owned(),
            },
            args: values,
            generics,
            output,
            ..Call::default()
        };
        self.add_call(call)
    }

    /// The arguments of a call, each given away unless it is borrowed.
    pub(super) fn args(&mut self, args: &'w [Expr]) -> Vec<Value> {
        args.iter().map(|arg| self.expr(arg)).collect()
    }

    /// Adds the call, with its operands going to it.
    pub(super) fn add_call(&mut self, mut call: Call) -> Value {
        let id = CallId::at(self.function.calls.len());
        call.body = self.body;
        call.within = self.within;
        let (span, output) = (call.span, call.output.clone());
        let operands: Vec<Value> = call.args.clone();
        if let Some(receiver) = call.receiver.clone() {
            self.goes(&receiver, Use::Receiver(id));
        }
        let borrows = call.form == Form::Macro;
        self.function.calls.push(call);
        for (index, value) in operands.iter().enumerate() {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            self.goes(value, Use::Argument(id, index));
            if !borrows {
                self.touched(value, TouchKind::Moved);
            }
        }
        self.guard_taken(id);
        self.value(span, output, Origin::Call(id))
    }

    /// What the path of a callee, a constant or a unit struct means.
    pub(super) fn callee_path(&self, path: &PathSketch) -> Option<String> {
        if let Some(inner) = path.single().and_then(|name| self.inner.get(name)) {
            return Some(inner.clone());
        }
        let meant = self.declared.callee(&self.scope, path)?;
        Some(self.world.ecosystem.canonical(&meant).into_owned())
    }

    /// `Some(x)`, `Message(a, b)`: it makes a value and runs nothing.
    fn is_constructor(&self, path: &PathSketch, meant: &str) -> bool {
        path.last().starts_with(char::is_uppercase) && self.signature(meant).is_none()
    }

    fn construct(
        &mut self,
        path: &PathSketch,
        meant: String,
        args: &'w [Expr],
        span: Span,
    ) -> Value {
        let values = self.args(args);
        for value in &values {
            self.touched(value, TouchKind::Moved);
        }
        let inner = values.first().map(|value| value.ty.clone());
        let ty = match path.last() {
            "Some" => Ty::new("std::option::Option").with(inner),
            "Ok" => Ty::new("std::result::Result").with(inner),
            "Err" => Ty::new("std::result::Result"),
            _ if self.declared.types.contains_key(&meant) => Ty::new(meant),
            // A variant: the enum stands before it.
            _ => match meant.rsplit_once("::") {
                Some((of, _)) if self.declared.types.contains_key(of) => Ty::new(of),
                _ => Ty::unknown(),
            },
        };
        self.value(span, ty, Origin::Tuple(values))
    }

    fn generics(&self, path: &PathSketch) -> Vec<Ty> {
        // `f::<T>()`, and `Vec::<T>::new()`.
        let mut segments = path.segments.iter().rev().take(2);
        let args = segments.find(|segment| !segment.args.is_empty());
        let args = args
            .map(|segment| segment.args.iter())
            .into_iter()
            .flatten();
        args.map(|arg| self.ty(arg)).collect()
    }
}
