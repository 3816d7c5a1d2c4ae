//! Whether something bounds how long a future may take: a timeout around it, around the body that
//! awaits it, or around every call of the function that it stands in; an alarm in the same `select!`.

use std::collections::HashSet;

use super::Program;
use crate::ecosystem::As;
use crate::facts::{
    Await, BodyId, BodyKind, Call, Form, Function, FunctionId, LocalId, Origin, SelectId, Use,
    Value,
};

impl Program<'_> {
    /// Whether a deadline covers what goes there.
    pub fn is_bounded(&self, id: FunctionId, goes: Use) -> bool {
        Search {
            program: self,
            seen: HashSet::new(),
            held: HashSet::new(),
        }
        .goes(id, goes)
    }

    /// Whether a deadline covers everything in a body.
    pub fn is_body_bounded(&self, id: FunctionId, body: BodyId) -> bool {
        Search {
            program: self,
            seen: HashSet::new(),
            held: HashSet::new(),
        }
        .body(id, body)
    }

    /// Whether a `select!` has an arm that ends the wait of the others.
    pub fn has_alarm(&self, function: &Function, select: SelectId) -> bool {
        function[select]
            .arms
            .iter()
            .any(|arm| self.is_alarm(function, &arm.future))
    }

    fn is_alarm(&self, function: &Function, value: &Value) -> bool {
        let source = self.source(function, value);
        match source.origin {
            Origin::Call(id) => {
                let call = &function[id];
                let through = call.receiver.as_ref().or(call.args.first());
                self.ecosystem.alarms.has(call)
                    || self
                        .targets(call)
                        .iter()
                        .any(|target| self.only_sleeps(*target))
                    || through.is_some_and(|inner| self.is_timer(function, inner))
            }
            _ => self.is_timer(function, source),
        }
    }

    fn is_timer(&self, function: &Function, value: &Value) -> bool {
        const TIMERS: [&str; 7] = [
            "tokio::time::Sleep",
            "tokio::time::Interval",
            "tokio_util::sync::CancellationToken",
            "smol::Timer",
            "async_io::Timer",
            "futures_timer::Delay",
            "actix_rt::time::Sleep",
        ];
        let source = self.source(function, value);
        TIMERS.contains(&value.ty.pointee().path.as_str())
            || TIMERS.contains(&source.ty.pointee().path.as_str())
            || source
                .call()
                .is_some_and(|id| self.ecosystem.alarms.has(&function[id]))
    }

    /// `async fn deadline() { sleep(..).await }`.
    fn only_sleeps(&self, id: FunctionId) -> bool {
        let function = self.function(id);
        let awaits: Vec<&Await> = function
            .awaits
            .iter()
            .filter(|it| it.body == BodyId(0))
            .collect();
        matches!(awaits[..], [only] if only.value.call().is_some_and(|call| self.ecosystem.alarms.has(&function[call])))
    }
}

struct Search<'p, 'a> {
    program: &'p Program<'a>,
    seen: HashSet<(FunctionId, BodyId)>,
    /// A variable may be set to something that is made of it.
    held: HashSet<(FunctionId, LocalId)>,
}

impl Search<'_, '_> {
    fn goes(&mut self, id: FunctionId, goes: Use) -> bool {
        let function = self.program.function(id);
        match goes {
            Use::Argument(call, index) => self.argument(id, &function[call], index),
            Use::Receiver(call) => self.receiver(id, &function[call]),
            Use::Selected(select) => {
                self.program.has_alarm(function, select) || self.body(id, function[select].body)
            }
            Use::Awaited(point) => self.body(id, function[point].body),
            Use::Bound(local) => self.held(id, function, local),
            // Given to whoever polls the body's future, or calls the function.
            Use::Returned => self.body(id, BodyId(0)),
            _ => false,
        }
    }

    fn argument(&mut self, id: FunctionId, call: &Call, index: u32) -> bool {
        let ecosystem = self.program.ecosystem;
        if let Some(row) = ecosystem.timeouts.find(call) {
            return row.future == Some(index);
        }
        // A wrapper of one's own: `with_deadline(fetch())`.
        if call.callee.name.contains("timeout") || call.callee.name.contains("deadline") {
            return true;
        }
        if let Some(row) = ecosystem.runs.find(call) {
            return row.how == As::Task && self.goes(id, call.goes);
        }
        let passes = self.program.passes(call).is_some() || call.form == Form::Macro;
        let joins = ecosystem.joins.has(call);
        (passes || joins) && self.goes(id, call.goes)
    }

    fn receiver(&mut self, id: FunctionId, call: &Call) -> bool {
        let ecosystem = self.program.ecosystem;
        if ecosystem
            .timeouts
            .find(call)
            .is_some_and(|row| row.future.is_none())
        {
            return true;
        }
        if call.callee.name.contains("timeout") {
            return true;
        }
        self.goes(id, call.goes)
    }

    /// A future in a variable: whoever takes it.
    fn held(&mut self, id: FunctionId, function: &Function, local: LocalId) -> bool {
        if !self.held.insert((id, local)) {
            return false;
        }
        let is = |value: &Value| value.local() == Some(local);
        for call in &function.calls {
            if let Some(index) = call.args.iter().position(is) {
                return self.argument(id, call, u32::try_from(index).unwrap_or(u32::MAX));
            }
            if call.receiver.as_ref().is_some_and(is) {
                return self.receiver(id, call);
            }
        }
        let mut awaits = function.awaits.iter();
        if let Some(point) = awaits.find(|point| is(&point.value)) {
            return self.body(id, point.body);
        }
        let arms = |select: &crate::facts::Select| select.arms.iter().any(|arm| is(&arm.future));
        let selected = function.selects.iter().position(arms);
        selected.is_some_and(|index| self.goes(id, Use::Selected(SelectId::at(index))))
    }

    /// Whether a deadline covers a whole body.
    fn body(&mut self, id: FunctionId, body: BodyId) -> bool {
        if !self.seen.insert((id, body)) {
            return false;
        }
        let function = self.program.function(id);
        let it = &function[body];
        if it.kind != BodyKind::Function {
            return match it.goes {
                Use::Other | Use::Ignored | Use::Discarded => false,
                goes => self.goes(id, goes),
            };
        }
        let callers = self.program.callers(id);
        // One that nobody calls is called from outside.
        let used = callers
            .iter()
            .filter(|site| !self.program.function(site.function).test);
        let used: Vec<_> = used.collect();
        !used.is_empty()
            && used.into_iter().all(|site| {
                let caller = self.program.function(site.function);
                self.goes(site.function, caller[site.call].goes)
            })
    }
}
