//! What a piece of code does when it runs, as far as limits and deadlines are concerned; and which code
//! runs once for each item of a stream or a collection.

use std::collections::HashSet;

use super::Program;
use crate::ecosystem::{BlockingKind, NetworkKind};
use crate::facts::{BodyId, Call, CallId, Form, Function, FunctionId, Origin, Use, Value};

/// What limits how much of it can usefully run at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// The pool's connections.
    Database,
    /// The other side, and open sockets.
    Network,
    /// The machine's cores: only where nothing is waited for beside.
    Cpu,
    Unknown,
}

/// Code that runs for each item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Item {
    Body(FunctionId, BodyId),
    Function(FunctionId),
}

/// Calls are followed through this many functions.
const DEPTH: u32 = 4;

impl Program<'_> {
    /// What the items' code does: what it waits for most.
    pub fn work(&self, items: &[Item]) -> Work {
        let mut calls = Vec::new();
        self.calls_in(items, &mut calls);
        let kinds = calls
            .iter()
            .map(|(id, call)| self.work_of(self.function(*id), call));
        kinds.min().unwrap_or(Work::Unknown)
    }

    fn work_of(&self, _function: &Function, call: &Call) -> Work {
        let blocking = self.blocks(call).map(|row| row.kind);
        if blocking == Some(BlockingKind::Cpu) {
            Work::Cpu
        } else if blocking == Some(BlockingKind::Database) || self.ecosystem.queries.has(call) {
            Work::Database
        } else if self.ecosystem.network.has(call) || blocking == Some(BlockingKind::Http) {
            Work::Network
        } else {
            Work::Unknown
        }
    }

    /// The calls that the items' code makes, through functions of the workspace too.
    pub fn calls_in<'p>(&'p self, items: &[Item], found: &mut Vec<(FunctionId, &'p Call)>) {
        self.calls_where(items, &|_, _| true, found);
    }

    /// The same, but neither a call that does not hold nor what it calls.
    pub fn calls_where<'p>(
        &'p self,
        items: &[Item],
        holds: &dyn Fn(FunctionId, &Call) -> bool,
        found: &mut Vec<(FunctionId, &'p Call)>,
    ) {
        let mut seen = HashSet::new();
        let mut next: Vec<Item> = items.to_vec();
        for _ in 0..DEPTH {
            for item in std::mem::take(&mut next) {
                if !seen.insert(item) {
                    continue;
                }
                let (id, outer) = match item {
                    Item::Body(id, body) => (id, body),
                    Item::Function(id) => (id, BodyId(0)),
                };
                let function = self.function(id);
                for call in &function.calls {
                    if self.is_within(function, call.body, outer) && holds(id, call) {
                        found.push((id, call));
                        let called = self.targets(call).iter().copied();
                        next.extend(called.chain(self.passed(call)).map(Item::Function));
                    }
                }
            }
        }
    }

    /// Whether the items' code takes a permit before it does its work.
    pub fn takes_permit(&self, items: &[Item]) -> bool {
        let mut calls = Vec::new();
        self.calls_in(items, &mut calls);
        calls
            .iter()
            .any(|(_, call)| self.ecosystem.permits.has(call))
    }

    /// The code that runs for each item of a stream or collection: the closures and functions that its
    /// chain is given, and what is pushed into it.
    pub fn items_of(&self, id: FunctionId, value: &Value) -> Vec<Item> {
        let mut found = Vec::new();
        self.add_items(id, self.function(id), value, &mut found, DEPTH * 4);
        found
    }

    /// The items of a call that is given all that runs at a time: `join_all(x)`, `x.buffered(n)`,
    /// `x.for_each_concurrent(n, f)`.
    pub fn items_of_call(&self, id: FunctionId, call: &Call) -> Vec<Item> {
        let mut found = Vec::new();
        let function = self.function(id);
        for value in call.receiver.iter().chain(&call.args) {
            self.add_items(id, function, value, &mut found, DEPTH * 4);
        }
        found
    }

    fn add_items(
        &self,
        id: FunctionId,
        function: &Function,
        value: &Value,
        found: &mut Vec<Item>,
        depth: u32,
    ) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        match &value.origin {
            Origin::Body(body) => found.push(Item::Body(id, *body)),
            Origin::Item(path, _) => {
                let functions = self.by_path.get(path.as_str()).into_iter().flatten();
                found.extend(functions.map(|id| Item::Function(*id)));
            }
            Origin::Array(values) | Origin::Tuple(values) => {
                for value in values {
                    self.add_items(id, function, value, found, depth);
                }
            }
            Origin::Call(call) => self.add_call(id, function, *call, found, depth),
            Origin::Local(local) => {
                if let Some(init) = &function[*local].init {
                    self.add_items(id, function, init, found, depth);
                }
                let pushed = function.calls.iter().filter(|call| {
                    let adds = ["push", "push_back", "extend", "insert"];
                    adds.contains(&call.callee.name.as_str())
                        && call.receiver.as_ref().and_then(Value::local) == Some(*local)
                });
                for value in pushed.flat_map(|call| &call.args) {
                    self.add_items(id, function, value, found, depth);
                }
            }
            _ => {}
        }
    }

    fn add_call(
        &self,
        id: FunctionId,
        function: &Function,
        call: CallId,
        found: &mut Vec<Item>,
        depth: u32,
    ) {
        let call = &function[call];
        let targets = self.targets(call);
        found.extend(targets.iter().map(|id| Item::Function(*id)));
        if let Some(receiver) = &call.receiver {
            self.add_items(id, function, receiver, found, depth);
        }
        let passes = call.form == Form::Method || targets.is_empty();
        for value in call.args.iter().filter(|_| passes) {
            self.add_items(id, function, value, found, depth);
        }
    }

    /// Whether a call waits for the network with nothing that ends the wait.
    pub fn waits_without_end(&self, id: FunctionId, call: &Call) -> bool {
        let Some(row) = self.ecosystem.network.find(call) else {
            return false;
        };
        if row.kind == NetworkKind::Read || self.is_bounded(id, call.goes) {
            return false;
        }
        match &row.client {
            Some(client) => self.client_waits(client) && !self.request_is_bounded(id, call, client),
            None => true,
        }
    }

    /// Whether a chain bounds its own request: `client.get(url).timeout(..).send()`.
    fn request_is_bounded(&self, id: FunctionId, call: &Call, client: &str) -> bool {
        let Some(row) = self.ecosystem.client(client) else {
            return false;
        };
        let function = self.function(id);
        let Some(Origin::Call(before)) = call.receiver.as_ref().map(|value| &value.origin) else {
            return false;
        };
        let chain = self.chain(function, *before);
        chain.iter().any(|(_, call)| {
            row.request.contains(&call.callee.path) || call.callee.name == "timeout"
        })
    }

    /// Whether the workspace makes a client of this kind that waits without end.
    fn client_waits(&self, name: &str) -> bool {
        self.clients
            .iter()
            .any(|made| made.client.name == name && !made.bounded)
    }

    /// Where the result of a call is waited for: the call that it goes to is looked through.
    pub fn final_use(&self, function: &Function, goes: Use) -> Use {
        let mut at = goes;
        for _ in 0..8 {
            match at {
                Use::Argument(call, _) | Use::Receiver(call)
                    if self.passes(&function[call]).is_some() =>
                {
                    at = function[call].goes;
                }
                _ => break,
            }
        }
        at
    }
}
