//! Macros whose inside was read.

use super::Digest;
use super::control::leaves_loop;
use crate::facts::{
    Arm, Await, AwaitId, Body, BodyKind, Call, Callee, Form, LocalKind, Origin, Select as Fact,
    SelectId, Span, TouchKind, Ty, Use, Value,
};
use crate::observe::sketch::expr::{Inside, MacroCall, Select, SelectArm};

/// Macros that poll all their arguments until all are done.
const JOINS: [&str; 4] = ["join", "try_join", "race_ok", "zip"];

impl<'w> Digest<'w> {
    pub(super) fn macro_call(&mut self, call: &'w MacroCall, span: Span) -> Value {
        let name = self.span(call.path.extent);
        match &call.inside {
            Inside::Unread => self.other(span),
            Inside::Select(select) => self.select(call, select, span),
            Inside::Stream(block) => {
                let id = self.new_body(Body {
                    kind: BodyKind::AsyncBlock,
                    is_async: true,
                    span,
                    ..Body::default()
                });
                self.in_body(id, &[], |this| this.block(block));
                self.value(span, Ty::new("futures::Stream"), Origin::Body(id))
            }
            Inside::Statements(block) => {
                let value = self.block(block);
                self.goes(&value, Use::Other);
                self.other(span)
            }
            Inside::Repeat(of, count) => {
                let of = self.expr(of);
                let count = Box::new(self.expr(count));
                let ty = Ty::new("std::vec::Vec").with([of.ty]);
                self.value(span, ty, Origin::Repeat(count))
            }
            Inside::Args(args) => self.of_args(call, args, name, span),
        }
    }

    fn of_args(
        &mut self,
        call: &'w MacroCall,
        args: &'w [crate::observe::sketch::expr::Expr],
        name: Span,
        span: Span,
    ) -> Value {
        let last = call.path.last();
        if last == "vec" {
            let mut items = self.args(args);
            for item in &mut items {
                self.touched(item, TouchKind::Moved);
            }
            let ty = Ty::new("std::vec::Vec").with(items.first().map(|item| item.ty.clone()));
            return self.value(span, ty, Origin::Array(items));
        }
        if last == "pin" && args.len() == 1 {
            return self.expr(&args[0]);
        }
        let values = self.args(args);
        let names: Vec<&str> = call.path.names().collect();
        let path = self
            .declared
            .names()
            .resolve(self.scope.module, &self.scope.imports, &names);
        let joins = JOINS.contains(&last) && args.len() > 1;
        if joins {
            for value in &values {
                self.touched(value, TouchKind::Moved);
            }
        }
        let output = match last {
            "format" => Ty::new("std::string::String"),
            _ if joins => self.joined(&values),
            _ => Ty::unknown(),
        };
        let value = self.add_call(Call {
            span,
            name,
            form: Form::Macro,
            callee: Callee {
                path: path.unwrap_or_default(),
                name: last.to_owned(),
            },
            args: values,
            output,
            ..Call::default()
        });
        if !joins {
            return value;
        }
        // tokio's `join!` awaits by itself.
        let ty = value.ty.clone();
        let id = self.suspend_in_macro(value, name, span);
        self.value(span, ty, Origin::Await(id))
    }

    fn joined(&self, values: &[Value]) -> Ty {
        Ty::new("()").with(values.iter().map(|value| self.awaited_ty(value)))
    }

    fn suspend_in_macro(&mut self, value: Value, name: Span, span: Span) -> AwaitId {
        let output = value.ty.clone();
        let id = self.suspend(value, name, span);
        self.function.awaits[id.index()].output = output;
        id
    }

    fn select(&mut self, call: &'w MacroCall, select: &'w Select, span: Span) -> Value {
        let id = SelectId::at(self.function.selects.len());
        let names: Vec<&str> = call.path.names().collect();
        let path = self
            .declared
            .names()
            .resolve(self.scope.module, &self.scope.imports, &names);
        self.function.selects.push(Fact {
            body: self.body,
            within: self.within,
            span,
            path: path.unwrap_or_default(),
            arms: Vec::new(),
            otherwise: select.otherwise.is_some(),
        });
        let mut futures = Vec::new();
        for arm in &select.arms {
            let future = self.expr(&arm.future);
            if let Some(call) = future.call() {
                self.surely_async(call);
                self.call_mut(call).goes = Use::Selected(id);
            }
            self.touched(&future, TouchKind::Read);
            if let Some(condition) = &arm.condition {
                self.expr(condition);
            }
            futures.push(future);
        }
        let name = self.span(call.path.extent);
        let waits = AwaitId::at(self.function.awaits.len());
        self.function.awaits.push(Await {
            body: self.body,
            within: self.within,
            block: self.block,
            span,
            dot: name,
            value: self.value(span, Ty::unknown(), Origin::Select(id)),
            ..Await::default()
        });
        self.held_across(waits);
        self.arms(id, select, futures);
        self.value(span, Ty::unknown(), Origin::Select(id))
    }

    fn arms(&mut self, id: SelectId, select: &'w Select, futures: Vec<Value>) {
        let before = self.live.clone();
        let mut ends = Vec::new();
        for (arm, future) in select.arms.iter().zip(futures) {
            self.live.clone_from(&before);
            let fact = self.arm(arm, future);
            let leaves = fact.leaves;
            self.function.selects[id.index()].arms.push(fact);
            let live = std::mem::take(&mut self.live);
            ends.push(if leaves { Vec::new() } else { live });
        }
        if let Some(otherwise) = &select.otherwise {
            self.live.clone_from(&before);
            self.expr(otherwise);
            ends.push(std::mem::take(&mut self.live));
        }
        self.join_branches(ends);
    }

    fn arm(&mut self, arm: &'w SelectArm, future: Value) -> Arm {
        let known = self.variables.len();
        let ty = self.awaited_ty(&future);
        let binds = self.bind(&arm.pattern, &ty, LocalKind::Pattern, None);
        let value = self.expr(&arm.handler);
        self.goes(&value, Use::Other);
        self.end_scope(known);
        Arm {
            future,
            binds,
            handler: self.span(arm.handler.extent),
            leaves: leaves_loop(&arm.handler),
        }
    }
}
