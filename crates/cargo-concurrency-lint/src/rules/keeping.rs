//! What the rules about blocking share: the calls in polled code that keep their thread, by kind.

use pitcrew_core::finding::{Location, RuleInfo};

use super::Found;
use crate::ecosystem::{Blocking, BlockingKind};
use crate::facts::{BodyKind, Call, Function, FunctionId, Witness};
use crate::program::{Chain, Program};

/// A call that keeps the thread of the executor that polls it.
pub struct Keeping<'a> {
    pub id: FunctionId,
    pub function: &'a Function,
    pub call: &'a Call,
    pub chain: Chain,
    pub row: &'a Blocking,
}

/// The calls in polled code that block in one of these ways, each once, by the shortest way.
pub fn calls<'a>(program: &'a Program<'_>, kinds: &[BlockingKind]) -> Vec<Keeping<'a>> {
    let mut found = Vec::new();
    for (id, function) in program.functions() {
        for call_id in function.call_ids() {
            let call = &function[call_id];
            if !program.is_polled(function, id.index(), call.body)
                || program.is_startup(function, call.body, call.span.start)
            {
                continue;
            }
            let chains = kinds
                .iter()
                .filter_map(|kind| program.blocking_chain(function, call_id, *kind));
            let shortest = chains.min_by_key(|(chain, _)| chain.links.len());
            if let Some((chain, row)) = shortest {
                found.push(Keeping {
                    id,
                    function,
                    call,
                    chain,
                    row,
                });
            }
        }
    }
    found
}

impl Keeping<'_> {
    /// Whether the call itself blocks, rather than what it calls.
    pub fn is_direct(&self) -> bool {
        self.chain.links.len() == 1
    }

    /// The name of what blocks in the end.
    pub fn leaf(&self) -> &str {
        self.chain.links.last().map_or("", |link| &link.name)
    }

    /// The finding, with the chain where there is one, and what to write instead.
    pub fn found(&self, program: &Program<'_>, rule: &RuleInfo, consequence: &str) -> Found {
        let leaf = self.leaf();
        let does = &self.row.does;
        let message = if self.is_direct() {
            format!("`{leaf}` {does}: {consequence}")
        } else {
            let callee = &self.chain.links[0].name;
            format!("`{callee}` reaches `{leaf}`, which {does}: {consequence}")
        };
        let runtime = program.runtime(self.function);
        let fact = format!("rustc: this calls {leaf}");
        let mut found = program
            .found(rule, self.id, self.call.name, message)
            .by(self.witness(), fact);
        if !self.is_direct() {
            let caller = &self.function.path;
            let chain = program.describe(&self.chain);
            found = found.help(format!("{caller} → {chain}"));
            found.finding.cause = self.cause(program);
        }
        found.help(match self.is_in_dependency() {
            true => format!("instead: {} around it", runtime.blocking_task()),
            false => format!("instead: {}", self.row.instead(runtime)),
        })
    }

    /// The last place of the workspace on the way, where another function than this one goes on to what
    /// blocks: many calls may come by there.
    fn cause(&self, program: &Program<'_>) -> Option<Location> {
        let (_, on_the_way) = self.chain.links.split_first()?;
        let last = on_the_way.iter().rev().find_map(|link| link.at)?;
        program.location(last)
    }

    /// Whether another crate does it, so that here it can only be called elsewhere.
    fn is_in_dependency(&self) -> bool {
        !self.is_direct()
            && self
                .chain
                .links
                .last()
                .is_some_and(|link| link.at.is_none())
    }

    /// Whether it runs once, in the main task: that keeps no worker thread, only what `main` itself
    /// polls.
    pub fn is_in_main_task(&self, program: &Program<'_>) -> bool {
        self.call.within.is_none()
            && self.function[self.call.body].kind == BodyKind::Function
            && program.is_main_task(self.id)
    }

    fn witness(&self) -> Witness {
        self.call.witness
    }
}
