//! Which functions reach a blocking call on their caller's thread, and how.

use std::collections::{BTreeMap, VecDeque};

use super::{Program, Runs, Site};
use crate::ecosystem::{Blocking, BlockingKind};
use crate::facts::{Call, CallId, Function, FunctionId, Span, Step};

/// For each kind of blocking, the first step of the shortest way from each function.
#[derive(Debug, Default)]
pub struct Reach {
    steps: BTreeMap<BlockingKind, Vec<Option<Hop>>>,
}

#[derive(Debug, Clone, Copy)]
struct Hop {
    call: CallId,
    next: Next,
}

#[derive(Debug, Clone, Copy)]
enum Next {
    /// The call itself blocks.
    Leaf,
    Function(FunctionId),
}

/// The way from a call to the blocking one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    pub links: Vec<Link>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Who is called, as people would write it.
    pub name: String,
    /// Where; none within a dependency.
    pub at: Option<Span>,
    /// The same for people, where it lies in a dependency.
    pub note: Option<String>,
}

impl Reach {
    pub fn of(program: &Program<'_>) -> Self {
        let mut reach = Self::default();
        let mut queues: BTreeMap<BlockingKind, VecDeque<FunctionId>> = BTreeMap::new();
        let count = program.facts.functions.len();
        for (id, function, call_id, call) in program.calls() {
            if !blocks_caller(program, id, function, call) {
                continue;
            }
            let Some(row) = program.blocks(call) else {
                continue;
            };
            let steps = reach
                .steps
                .entry(row.kind)
                .or_insert_with(|| vec![None; count]);
            if steps[id.index()].is_none() {
                steps[id.index()] = Some(Hop {
                    call: call_id,
                    next: Next::Leaf,
                });
                queues.entry(row.kind).or_default().push_back(id);
            }
        }
        // Breadth first from the leaves: the first way that is found is the shortest.
        for (kind, queue) in &mut queues {
            while let Some(id) = queue.pop_front() {
                for site in program.callers(id) {
                    if reach.spread(program, *kind, *site, id) {
                        queue.push_back(site.function);
                    }
                }
            }
        }
        reach
    }

    /// Marks a caller; tells whether it was not marked before.
    fn spread(
        &mut self,
        program: &Program<'_>,
        kind: BlockingKind,
        site: Site,
        to: FunctionId,
    ) -> bool {
        let caller = program.function(site.function);
        let call = &caller[site.call];
        let Some(steps) = self.steps.get_mut(&kind) else {
            return false;
        };
        let known = steps[site.function.index()].is_some();
        if known
            || !blocks_caller(program, site.function, caller, call)
            || !runs_target(program, call, to, |other| steps[other.index()].is_some())
        {
            return false;
        }
        steps[site.function.index()] = Some(Hop {
            call: site.call,
            next: Next::Function(to),
        });
        true
    }

    fn step(&self, kind: BlockingKind, id: FunctionId) -> Option<Hop> {
        self.steps.get(&kind)?.get(id.index()).copied().flatten()
    }
}

/// Whether a call runs on the thread of whoever calls its function, and blocks it.
fn blocks_caller(program: &Program<'_>, id: FunctionId, function: &Function, call: &Call) -> bool {
    // Calling an async function only makes its future; whoever polls that is told of separately.
    program.runs(function, id.index(), call.body) == Runs::Here && !function.is_async()
}

/// Whether a call surely runs `to`: it is its only target, or every implementation blocks.
fn runs_target(
    program: &Program<'_>,
    call: &Call,
    to: FunctionId,
    blocks: impl Fn(FunctionId) -> bool,
) -> bool {
    let function = program.function(to);
    if function.is_async() {
        return false;
    }
    match program.targets(call) {
        [] => is_passed_inline(program, call, to),
        targets => targets.contains(&to) && targets.iter().all(|other| blocks(*other)),
    }
}

/// `.map(load)` runs `load`; `spawn_blocking(load)` does so elsewhere.
fn is_passed_inline(program: &Program<'_>, call: &Call, to: FunctionId) -> bool {
    let inline = program.ecosystem.runs_inline(&call.callee.name);
    inline && program.ecosystem.runs.find(call).is_none() && program.passed(call).contains(&to)
}

impl Link {
    fn of(step: &Step) -> Self {
        Self {
            name: step.path.clone(),
            at: step.at,
            note: step.note.clone(),
        }
    }
}

impl Program<'_> {
    /// What a call does to its thread, by itself or, where MIR tells, within a dependency.
    pub fn blocks(&self, call: &Call) -> Option<&Blocking> {
        if let Some(row) = self.ecosystem.blocking.find(call) {
            return Some(row);
        }
        let outside = self.facts.outside.get(&call.callee.path)?;
        self.ecosystem.blocking.rows().get(outside.row)
    }

    /// How a call comes to block, with the row of the last call: the shortest way to this kind.
    pub fn blocking_chain(
        &self,
        function: &Function,
        id: CallId,
        kind: BlockingKind,
    ) -> Option<(Chain, &Blocking)> {
        let call = &function[id];
        self.named_chain(call, kind)
            .or_else(|| self.compiled_chain(function, call, kind))
    }

    /// The way that the compiler has seen, where names alone do not show it: through what is passed.
    fn compiled_chain(
        &self,
        function: &Function,
        call: &Call,
        kind: BlockingKind,
    ) -> Option<(Chain, &Blocking)> {
        let way = self.ways.get(&call.name)?;
        // Into a closure that stands right here: what it calls is told where it stands.
        let second = way.steps.get(1).and_then(|step| step.at);
        if second.is_some_and(|at| function.span.contains(at)) {
            return None;
        }
        let row = self.ecosystem.blocking.rows().get(way.row)?;
        let links = way.steps.iter().map(Link::of).collect();
        (row.kind == kind).then_some((Chain { links }, row))
    }

    /// The way by the names of what is called.
    fn named_chain(&self, call: &Call, kind: BlockingKind) -> Option<(Chain, &Blocking)> {
        if let Some(row) = self.blocks(call).filter(|row| row.kind == kind) {
            return Some((self.leaf(call), row));
        }
        let targets = self.targets(call);
        let passed = self.passed(call);
        let candidates = targets.iter().chain(passed.iter()).copied();
        let blocks = |other: FunctionId| self.reach.step(kind, other).is_some();
        let mut to = candidates
            .filter(|to| blocks(*to))
            .find(|to| runs_target(self, call, *to, blocks))?;
        let mut links = vec![self.link(call)];
        // No way is longer than there are functions.
        for _ in 0..self.facts.functions.len() {
            let function = self.function(to);
            let step = self.reach.step(kind, to)?;
            let call = &function[step.call];
            match step.next {
                Next::Leaf => {
                    links.extend(self.leaf(call).links);
                    return Some((Chain { links }, self.blocks(call)?));
                }
                Next::Function(next) => {
                    links.push(self.link(call));
                    to = next;
                }
            }
        }
        None
    }

    fn link(&self, call: &Call) -> Link {
        let callee = &call.callee;
        let named = self
            .passed(call)
            .first()
            .map(|id| self.function(*id).path.clone());
        let path = match self.targets(call) {
            [] => named.unwrap_or_else(|| callee.path.clone()),
            _ => callee.path.clone(),
        };
        Link {
            name: if path.is_empty() {
                callee.name.clone()
            } else {
                path
            },
            at: Some(call.name),
            note: None,
        }
    }

    /// The blocking call itself, with what lies between within a dependency.
    fn leaf(&self, call: &Call) -> Chain {
        let mut links = vec![self.link(call)];
        if self.ecosystem.blocking.find(call).is_none()
            && let Some(outside) = self.facts.outside.get(&call.callee.path)
        {
            links.extend(outside.chain.iter().map(Link::of));
        }
        Chain { links }
    }
}

impl Program<'_> {
    /// The chain in one line: `load (src/a.rs:3) → std::fs::read (src/b.rs:7)`.
    pub fn describe(&self, chain: &Chain) -> String {
        let links = chain.links.iter().map(|link| {
            let at = link.at.map(|span| self.place(span));
            match at.as_ref().or(link.note.as_ref()) {
                Some(at) => format!("{} ({at})", link.name),
                None => link.name.clone(),
            }
        });
        links.collect::<Vec<_>>().join(" → ")
    }
}
