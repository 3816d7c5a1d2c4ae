//! What runs again and again: a call in a loop or in a closure that runs for each item, and what bounds
//! it.

use super::{Count, Program};
use crate::facts::{
    BodyId, BodyKind, Call, CallId, Form, Function, Loop, LoopId, LoopKind, Origin, Span, Use,
    Value,
};

/// Why a call runs again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    /// Once for each item of a collection or a message of a channel.
    Item,
    /// Once for each connection that a listener accepts.
    Connection,
    /// Once for each tick of a timer.
    Tick,
}

impl Program<'_> {
    /// Why a call runs again without a bound, if it does.
    pub fn repeats(&self, function: &Function, call_id: CallId) -> Option<Repeats> {
        let call = &function[call_id];
        let mut within = call.within;
        let mut body = call.body;
        let mut at = call.span;
        loop {
            for (loop_id, it) in function.loops_around(within) {
                if let Some(repeats) = self.loop_repeats(function, loop_id, it) {
                    return (!self.is_held_back(function, Scope::Loop(loop_id), at))
                        .then_some(repeats);
                }
            }
            // A closure that runs for each item.
            let it = &function[body];
            if it.kind == BodyKind::AsyncBlock && it.goes == Use::Returned {
                // The future that the closure gives.
                (body, within) = (it.parent?, None);
                continue;
            }
            if it.kind != BodyKind::Closure {
                return None;
            }
            let Use::Argument(taker, _) = it.goes else {
                return None;
            };
            let taker = &function[taker];
            if self.runs_for_each(function, taker) {
                let held = self.is_held_back(function, Scope::Body(body), at);
                return (!held && !self.is_pulled(function, taker)).then_some(Repeats::Item);
            }
            within = taker.within;
            body = taker.body;
            at = taker.span;
        }
    }

    /// Whether a loop runs for as many rounds as there is input.
    fn loop_repeats(&self, function: &Function, id: LoopId, it: &Loop) -> Option<Repeats> {
        match &it.kind {
            LoopKind::For(_, over) => {
                // A range's end is a number that someone chose, unless it is a length.
                if is_range(over) && !self.ends_with_length(function, over) {
                    return self.is_large(function, over).then_some(Repeats::Item);
                }
                match self.count(function, over) {
                    Count::AtMost(count) if count <= u64::from(self.facts.limits.io) => None,
                    _ => Some(Repeats::Item),
                }
            }
            LoopKind::WhileLet(_, value) => Some(self.source_of_rounds(function, id, Some(value))),
            LoopKind::While | LoopKind::Forever => {
                let kind = self.source_of_rounds(function, id, None);
                // A loop that retries or polls makes no rounds from input unless it takes some.
                (kind != Repeats::Item || self.takes_input(function, id)).then_some(kind)
            }
        }
    }

    /// What makes the rounds of an endless loop: what it waits for first.
    fn source_of_rounds(&self, function: &Function, id: LoopId, value: Option<&Value>) -> Repeats {
        let named = value
            .into_iter()
            .flat_map(|value| self.names_in(function, value));
        let awaited = function.awaits.iter().filter(|it| it.within == Some(id));
        let awaited = awaited.flat_map(|it| self.names_in(function, &it.value));
        let selected = function.selects.iter().filter(|it| it.within == Some(id));
        let selected = selected
            .flat_map(|it| &it.arms)
            .flat_map(|arm| self.names_in(function, &arm.future));
        let names: Vec<&str> = named.chain(awaited).chain(selected).collect();
        if names
            .iter()
            .any(|name| ["accept", "incoming"].contains(name))
        {
            Repeats::Connection
        } else if names.contains(&"tick") && !names.contains(&"recv") {
            Repeats::Tick
        } else {
            Repeats::Item
        }
    }

    fn takes_input(&self, function: &Function, id: LoopId) -> bool {
        const TAKES: [&str; 10] = [
            "recv",
            "next",
            "try_next",
            "pop",
            "pop_front",
            "try_recv",
            "recv_async",
            "select_next_some",
            "read_frame",
            "dequeue",
        ];
        let calls = function.calls.iter().filter(|call| call.within == Some(id));
        let mut names = calls.map(|call| call.callee.name.as_str());
        names.any(|name| TAKES.contains(&name))
    }

    /// The names of the calls that a value comes from.
    fn names_in<'f>(&self, function: &'f Function, value: &'f Value) -> Vec<&'f str> {
        let mut names = Vec::new();
        let mut at = value;
        for _ in 0..8 {
            match &at.origin {
                Origin::Call(id) => {
                    let call = &function[*id];
                    names.push(call.callee.name.as_str());
                    match call.receiver.as_ref().or(call.args.first()) {
                        Some(next) => at = next,
                        None => break,
                    }
                }
                Origin::Await(id) => at = &function[*id].value,
                Origin::Local(id) => match &function[*id].init {
                    Some(init) => at = init,
                    None => break,
                },
                _ => break,
            }
        }
        names
    }

    fn ends_with_length(&self, function: &Function, range: &Value) -> bool {
        let Origin::Range { to: Some(to), .. } = &range.origin else {
            return false;
        };
        let source = self.source(function, to);
        source
            .call()
            .is_some_and(|id| ["len", "count"].contains(&function[id].callee.name.as_str()))
    }

    fn is_large(&self, function: &Function, over: &Value) -> bool {
        match self.count(function, over) {
            Count::AtMost(count) => count > u64::from(self.facts.limits.io),
            Count::Unknown => false,
        }
    }

    /// Whether a method runs its closure once for each of many items.
    fn runs_for_each(&self, function: &Function, taker: &Call) -> bool {
        const EACH: [&str; 12] = [
            "map",
            "for_each",
            "filter_map",
            "flat_map",
            "then",
            "for_each_concurrent",
            "try_for_each",
            "try_for_each_concurrent",
            "and_then",
            "fold",
            "map_ok",
            "inspect",
        ];
        if taker.form != Form::Method || !EACH.contains(&taker.callee.name.as_str()) {
            return false;
        }
        let Some(receiver) = &taker.receiver else {
            return false;
        };
        if !self.is_many(function, receiver) || is_range(receiver) {
            return false;
        }
        !self
            .count(function, receiver)
            .is_at_most(self.facts.limits.io)
    }

    /// Whether the chain goes over many items, rather than into an `Option` or a `Result`.
    fn is_many(&self, function: &Function, value: &Value) -> bool {
        const MANY: [&str; 16] = [
            "iter",
            "into_iter",
            "iter_mut",
            "drain",
            "values",
            "keys",
            "chunks",
            "lines",
            "split",
            "stream",
            "into_values",
            "into_keys",
            "incoming",
            "events",
            "messages",
            "enumerate",
        ];
        let path = value.ty.pointee().path.as_str();
        if path == "std::iter::Iterator" || path == "futures::Stream" {
            return true;
        }
        self.names_in(function, value)
            .iter()
            .any(|name| MANY.contains(name))
    }

    /// Whether whoever takes the items pulls only some at a time: `stream.map(spawn).buffered(n)`.
    fn is_pulled(&self, function: &Function, taker: &Call) -> bool {
        let mut at = taker;
        for _ in 0..12 {
            if self.ecosystem.limits.has(at) {
                return true;
            }
            // The closure of a `for_each` that awaits goes on only when it is done.
            match at.goes {
                Use::Receiver(next) => at = &function[next],
                Use::Bound(local) => {
                    let mut calls = function.calls.iter();
                    let on = calls
                        .find(|call| call.receiver.as_ref().and_then(Value::local) == Some(local));
                    match on {
                        Some(next) if self.ecosystem.limits.has(next) => return true,
                        _ => return false,
                    }
                }
                _ => break,
            }
        }
        false
    }

    /// Whether something in the loop or the closure holds the rounds back before `at`, or waits for
    /// what they began: a permit, a task that has ended, the task itself.
    fn is_held_back(&self, function: &Function, scope: Scope, at: Span) -> bool {
        let inside = |body: BodyId, within: Option<LoopId>| match scope {
            Scope::Loop(id) => function
                .loops_around(within)
                .any(|(around, _)| around == id),
            Scope::Body(id) => body == id,
        };
        let calls = function
            .calls
            .iter()
            .filter(|call| inside(call.body, call.within));
        let mut calls = calls.filter(|call| !at.contains(call.span));
        let names_limit = |call: &Call| {
            let name = call.callee.name.as_str();
            self.ecosystem.permits.has(call) && call.span.is_before(at)
                || ["join_next", "try_join_next", "join_next_with_id"].contains(&name)
                || name == "next" && self.is_set(call.receiver.as_ref())
                || self.acquires(call) && call.span.is_before(at)
        };
        calls.any(names_limit) || self.awaits_handle(function, inside)
    }

    /// Whether a round waits for a task that an earlier one began: it awaits what a variable holds.
    fn awaits_handle(
        &self,
        function: &Function,
        inside: impl Fn(BodyId, Option<LoopId>) -> bool,
    ) -> bool {
        let mut awaits = function
            .awaits
            .iter()
            .filter(|point| inside(point.body, point.within));
        awaits.any(|point| {
            let Some(local) = point.value.local().map(|id| &function[id]) else {
                return false;
            };
            // A future of this round's own is another matter.
            local.init.is_none() && local.ty.path != "std::future::Future"
        })
    }

    fn is_set(&self, receiver: Option<&Value>) -> bool {
        receiver.is_some_and(|value| {
            let path = value.ty.pointee().path.as_str();
            path.ends_with("FuturesUnordered")
                || path.ends_with("JoinSet")
                || path.ends_with("FuturesOrdered")
        })
    }

    /// A function of the workspace that takes a permit.
    fn acquires(&self, call: &Call) -> bool {
        self.targets(call).iter().any(|id| {
            let calls = &self.function(*id).calls;
            calls.iter().any(|call| self.ecosystem.permits.has(call))
        })
    }
}

#[derive(Debug, Clone, Copy)]
enum Scope {
    Loop(LoopId),
    Body(BodyId),
}

fn is_range(value: &Value) -> bool {
    matches!(value.origin, Origin::Range { .. })
}
