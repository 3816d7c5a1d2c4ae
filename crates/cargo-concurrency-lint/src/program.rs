//! What follows from the facts, worked out once for all rules: who calls whom, which code an executor
//! polls, which calls reach a blocking one, what a deadline covers, how many of something there can
//! be. Pure: the rules see facts through this and nothing else.

use rustc_hash::FxHashMap;

use crate::ecosystem::{Ecosystem, Runtime};
use crate::facts::{
    AwaitId, Body, BodyId, Call, CallId, Crate, Facts, Function, FunctionId, Span, Value, Way,
};

mod clients;
mod context;
mod count;
mod deadline;
mod main_task;
mod overlap;
mod pools;
mod reach;
mod repeat;
mod served;
mod trace;
mod work;

pub use clients::Made;
pub use context::Runs;
pub use count::Count;
pub use overlap::is_connection;
pub use reach::{Chain, Link};
pub use repeat::Repeats;
pub use work::{Item, Work};

/// The facts with what follows from them.
pub struct Program<'a> {
    pub facts: &'a Facts,
    pub ecosystem: &'a Ecosystem,
    by_path: FxHashMap<&'a str, Vec<FunctionId>>,
    /// By the path of the trait's method.
    implementers: FxHashMap<&'a str, Vec<FunctionId>>,
    /// The calls of each function.
    callers: Vec<Vec<Site>>,
    runs: Vec<Vec<Runs>>,
    reach: reach::Reach,
    clients: Vec<Made<'a>>,
    pools: pools::Pools<'a>,
    served: served::Served,
    main_task: Vec<bool>,
    /// The compiler's ways to what blocks, by the name of their first call.
    ways: FxHashMap<Span, &'a Way>,
}

/// A call in a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    pub function: FunctionId,
    pub call: CallId,
}

impl<'a> Program<'a> {
    pub fn new(facts: &'a Facts, ecosystem: &'a Ecosystem) -> Self {
        let mut program = Self {
            facts,
            ecosystem,
            by_path: FxHashMap::default(),
            implementers: FxHashMap::default(),
            callers: vec![Vec::new(); facts.functions.len()],
            runs: Vec::new(),
            reach: reach::Reach::default(),
            clients: Vec::new(),
            pools: pools::Pools::default(),
            served: served::Served::default(),
            main_task: Vec::new(),
            ways: facts.ways.iter().map(|way| (way.call, way)).collect(),
        };
        let own: Vec<&str> = facts
            .crates
            .iter()
            .map(|krate| krate.name.as_str())
            .collect();
        for (id, function) in program.functions() {
            program.by_path.entry(&function.path).or_default().push(id);
            // Of a trait from elsewhere there are implementations that nobody has shown us.
            let method = function.implements.as_ref();
            let method =
                method.filter(|path| own.contains(&path.split("::").next().unwrap_or_default()));
            if let Some(method) = method {
                program.implementers.entry(method).or_default().push(id);
            }
        }
        for (id, function) in program.functions() {
            for call in function.call_ids() {
                let site = Site { function: id, call };
                for target in program.targets(&function[call]).to_vec() {
                    program.callers[target.index()].push(site);
                }
                for target in program.passed(&function[call]) {
                    program.callers[target.index()].push(site);
                }
            }
        }
        program.runs = context::all(&program);
        program.reach = reach::Reach::of(&program);
        program.clients = clients::all(&program);
        program.pools = pools::all(&program);
        program.served = served::Served::of(&program);
        program.main_task = main_task::all(&program);
        program
    }

    /// Every function with its number.
    pub fn functions(&self) -> impl Iterator<Item = (FunctionId, &'a Function)> + use<'a> {
        let functions = self.facts.functions.iter().enumerate();
        functions.map(|(index, function)| (FunctionId::at(index), function))
    }

    pub fn function(&self, id: FunctionId) -> &'a Function {
        &self.facts.functions[id.index()]
    }

    /// The functions of the workspace that a call may run: one, or the implementations of a trait's
    /// method.
    pub fn targets(&self, call: &Call) -> &[FunctionId] {
        let path = call.callee.path.as_str();
        if path.is_empty() {
            return &[];
        }
        let implemented = self.implementers.get(path);
        let found = implemented.or_else(|| self.by_path.get(path));
        found.map_or(&[], Vec::as_slice)
    }

    /// The functions that a call is passed by name: `.map(load)`, `spawn_blocking(load)`.
    pub fn passed(&self, call: &Call) -> Vec<FunctionId> {
        let items = call.args.iter().filter_map(Value::item);
        let known = items.filter_map(|path| self.by_path.get(path));
        let first = known.filter_map(|ids| ids.first().copied());
        first.filter(|id| !self.function(*id).is_value).collect()
    }

    /// Where a function is called, by name or passed on.
    pub fn callers(&self, id: FunctionId) -> &[Site] {
        &self.callers[id.index()]
    }

    /// Every call of the workspace, with its function.
    pub fn calls(
        &self,
    ) -> impl Iterator<Item = (FunctionId, &'a Function, CallId, &'a Call)> + use<'a> {
        self.functions().flat_map(|(id, function)| {
            let calls = function.call_ids();
            calls.map(move |call| (id, function, call, &function[call]))
        })
    }

    pub fn krate(&self, function: &Function) -> Option<&'a Crate> {
        self.facts.crates.get(function.krate.index())
    }

    /// The runtime that a function's crate uses.
    pub fn runtime(&self, function: &Function) -> Runtime {
        let uses = |name: &str| {
            let krate = self.krate(function);
            krate.is_some_and(|krate| krate.dependencies.contains_key(name))
        };
        if uses("tokio") || uses("actix-web") || uses("actix_web") {
            Runtime::Tokio
        } else if uses("async_std") {
            Runtime::AsyncStd
        } else if uses("smol") {
            Runtime::Smol
        } else {
            Runtime::Tokio
        }
    }

    /// The awaits of a body that are not in a closure or block within it.
    pub fn awaits_of<'f>(
        &self,
        function: &'f Function,
        body: BodyId,
    ) -> impl Iterator<Item = AwaitId> + use<'f> {
        let awaits = function.awaits.iter().enumerate();
        awaits
            .filter(move |(_, it)| it.body == body)
            .map(|(index, _)| AwaitId::at(index))
    }

    /// Whether `inner` is `outer` or stands in it.
    pub fn is_within(&self, function: &Function, inner: BodyId, outer: BodyId) -> bool {
        function.bodies_around(inner).any(|(id, _)| id == outer)
    }

    /// How a place is named to people: `src/main.rs:12`.
    pub fn place(&self, span: Span) -> String {
        let path = self.facts.file(span).map_or("?", |file| file.path.as_str());
        format!("{path}:{}", span.start.line)
    }
}

impl Body {
    /// Whether it is a closure that is not async.
    pub fn is_plain(&self) -> bool {
        !self.is_async
    }
}
