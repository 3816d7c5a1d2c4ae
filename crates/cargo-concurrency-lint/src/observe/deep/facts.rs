//! From the summaries to the facts that the rules judge.

use std::collections::{BTreeMap, HashMap, HashSet};

use camino::Utf8Path;

use super::places::{Files, shown};
use super::types::convert;
use super::units::{Unit, Units};
use crate::calls::{Chain, Graph, World};
use crate::facts::{
    Await, AwaitId, Body, BodyId, BodyKind, Call, Callee, Compiled, Crate, CrateId, CrateKind,
    Form, Function, Guard, Local, Origin, Outside, Span, Step, Value, Way, Witness,
};
use crate::mir::path::Path;
use crate::mir::summary::{self, Detail, Kind, Summary, Text};
use crate::mir::ty::{Type, last};

/// The facts of the workspace's crates.
pub struct Adapter<'a> {
    world: &'a World<'a>,
    units: &'a Units,
    files: Files<'a>,
    crates: &'a [Crate],
    /// Bodies by kind and place: a library and its tests have the same.
    seen: HashSet<(Kind, Span)>,
    /// The calls that lead to one that blocks.
    leads: HashSet<(usize, usize, usize)>,
}

impl<'a> Adapter<'a> {
    pub fn new(
        world: &'a World<'a>,
        units: &'a Units,
        root: &'a Utf8Path,
        crates: &'a [Crate],
    ) -> Self {
        Self {
            world,
            units,
            files: Files::new(root),
            crates,
            seen: HashSet::new(),
            leads: HashSet::new(),
        }
    }

    /// All facts, with the ways to what blocks.
    pub fn facts(mut self, graph: &Graph, chains: &[Chain]) -> Compiled {
        let lead = |chain: &Chain| (chain.body.unit, chain.body.body, chain.call);
        self.leads = chains.iter().map(lead).collect();
        let mut facts = Compiled::default();
        let members = self.units.units.iter().enumerate();
        for (index, unit) in members.filter(|(_, unit)| unit.member) {
            facts.compiled.insert(unit.summary.name.clone());
            let sizes = sizes(&unit.summary);
            for body in 0..unit.summary.bodies.len() {
                facts
                    .functions
                    .extend(self.function(index, unit, body, &sizes));
            }
        }
        facts.outside = self.outside(graph);
        facts.ways = self.ways(chains);
        facts.files = self.files.files;
        facts
    }

    fn function(
        &mut self,
        index: usize,
        unit: &Unit,
        number: usize,
        sizes: &HashMap<Text, u64>,
    ) -> Option<Function> {
        let summary = &unit.summary;
        let body = &summary.bodies[number];
        let span = self.files.span(summary, body.place?)?;
        if !self.seen.insert((body.kind, span)) {
            return None;
        }
        let ty = |text: Text| self.ty(index, text);
        let plain = Path::read(summary.text(body.path)).plain();
        let polled = matches!(body.kind, Kind::Coroutine);
        let own = Body {
            kind: match body.kind {
                Kind::Function | Kind::Poll => BodyKind::Function,
                Kind::Closure => BodyKind::Closure,
                Kind::Coroutine => BodyKind::AsyncBlock,
            },
            is_async: polled,
            span,
            // What polling a coroutine gives is wrapped in `Poll`, what calling it gives is a future.
            output: if polled {
                ty(body.output).args.first().cloned().unwrap_or_default()
            } else {
                ty(body.output)
            },
            size: body.own.and_then(|own| sizes.get(&own).copied()),
            witness: Witness::Compiler,
            ..Body::default()
        };
        let mut function = Function {
            path: self.world.absolute(index, &plain),
            krate: self.krate(unit),
            span,
            name: span,
            bodies: vec![own],
            test: unit.test,
            ..Function::default()
        };
        let detail = body.detail.as_deref();
        if let Some(detail) = detail {
            self.variables(index, summary, detail, &mut function);
            self.awaits(index, summary, detail, &mut function);
        }
        for (call, made) in body.calls.iter().enumerate() {
            let leads = self.leads.contains(&(index, number, call));
            function
                .calls
                .extend(self.call(index, summary, made, leads));
        }
        Some(function)
    }

    fn ty(&self, index: usize, text: Text) -> crate::facts::Ty {
        let absolute = |path: &str| self.world.absolute_type(index, path);
        convert(&absolute, &self.world.ty(index, text))
    }

    /// The crate's number among the source's.
    fn krate(&self, unit: &Unit) -> CrateId {
        let kind = match unit.kinds.first().map(String::as_str) {
            Some("bin") => CrateKind::Bin,
            Some("example") => CrateKind::Example,
            Some("test") => CrateKind::Test,
            Some("bench") => CrateKind::Bench,
            _ => CrateKind::Lib,
        };
        let same = |krate: &&Crate| krate.name == unit.summary.name;
        let of_kind = self
            .crates
            .iter()
            .position(|krate| same(&krate) && krate.kind == kind);
        let any = || self.crates.iter().position(|krate| same(&krate));
        CrateId::at(of_kind.or_else(any).unwrap_or_default())
    }

    fn variables(
        &mut self,
        index: usize,
        summary: &Summary,
        detail: &Detail,
        function: &mut Function,
    ) {
        for variable in &detail.variables {
            let Some(span) = self.files.span(summary, variable.place) else {
                continue;
            };
            function.locals.push(Local {
                name: summary.text(variable.name).to_owned(),
                span,
                ty: self.ty(index, variable.ty),
                witness: Witness::Compiler,
                ..Local::default()
            });
        }
    }

    fn awaits(
        &mut self,
        index: usize,
        summary: &Summary,
        detail: &Detail,
        function: &mut Function,
    ) {
        let mut held: BTreeMap<u32, Vec<AwaitId>> = BTreeMap::new();
        for point in &detail.awaits {
            let Some(dot) = self.files.span(summary, point.place) else {
                continue;
            };
            let id = AwaitId::at(function.awaits.len());
            for guard in &point.held {
                held.entry(*guard).or_default().push(id);
            }
            function.awaits.push(Await {
                body: BodyId(0),
                span: dot,
                dot,
                value: Value {
                    span: dot,
                    ty: self.ty(index, point.future),
                    ..Value::default()
                },
                output: self.ty(index, point.output),
                witness: Witness::Compiler,
                ..Await::default()
            });
        }
        for (number, guard) in (0..).zip(&detail.guards) {
            let taken = guard
                .taken
                .and_then(|place| self.files.span(summary, place));
            let (Some(taken), Some(held_across)) = (taken, held.remove(&number)) else {
                continue;
            };
            function.guards.push(Guard {
                ty: self.ty(index, guard.ty),
                name: guard.name.map(|name| summary.text(name).to_owned()),
                taken,
                held_across,
                witness: Witness::Compiler,
                ..Guard::default()
            });
        }
    }

    /// A call that is written in the source, or that leads to one that blocks.
    fn call(
        &mut self,
        index: usize,
        summary: &Summary,
        made: &summary::Call,
        leads: bool,
    ) -> Option<Call> {
        let name = self.files.span(summary, made.name.or(made.place)?)?;
        let span = self.files.span(summary, made.place?)?;
        let text = summary.text(made.callee);
        let path = Path::read(text);
        let written = !made.by_macro && !is_call_of_value(&path) && self.is_written(name);
        if text.is_empty() || !(written || leads) {
            return None;
        }
        let mut args: Vec<Value> = made
            .args
            .iter()
            .map(|ty| Value {
                span,
                ty: self.ty(index, *ty),
                origin: self.passed(index, *ty),
                ..Value::default()
            })
            .collect();
        let method = is_method(
            &path,
            made.args
                .first()
                .map(|ty| self.world.ty(index, *ty))
                .as_deref(),
        );
        let receiver = (method && !args.is_empty()).then(|| args.remove(0));
        let absolute = |path: &str| self.world.absolute_type(index, path);
        // `Client::default()`: without a receiver the trait would not tell whose it is.
        let of_type = path.of.filter(|_| !method).and_then(|(of, _)| {
            let ty = convert(&absolute, &Type::read(of));
            let is_named = ty.path.contains("::");
            is_named.then(|| format!("{}::{}", ty.path, path.name()))
        });
        Some(Call {
            body: BodyId(0),
            span,
            name,
            form: if method { Form::Method } else { Form::Function },
            callee: Callee {
                path: of_type.unwrap_or_else(|| self.world.absolute(index, &path.plain())),
                name: path.name().to_owned(),
            },
            receiver,
            args,
            generics: path
                .generics()
                .iter()
                .map(|ty| convert(&absolute, ty))
                .collect(),
            output: self.ty(index, made.output),
            witness: Witness::Compiler,
            ..Call::default()
        })
    }

    /// A function that is passed by name.
    fn passed(&self, index: usize, ty: Text) -> Origin {
        match &*self.world.ty(index, ty) {
            Type::Fn {
                path: Some(path), ..
            } => {
                let plain = Path::read(path).plain();
                Origin::Item(self.world.absolute(index, &plain), None)
            }
            _ => Origin::Other,
        }
    }

    /// Whether a call stands there: what `?`, `for`, operators and the like become has the place of
    /// something else.
    fn is_written(&self, name: Span) -> bool {
        let Some((text, rest)) = self.files.text(name) else {
            return false;
        };
        let rest = rest.trim_start();
        let named = text.starts_with(|c: char| c.is_alphabetic() || "_<:".contains(c));
        named && (rest.starts_with('(') || rest.starts_with("::<"))
    }

    /// The dependencies' functions that block whoever calls them and with whatever.
    fn outside(&self, graph: &Graph) -> BTreeMap<String, Outside> {
        let mut outside = BTreeMap::new();
        for chain in crate::calls::chains::of_dependencies(self.world, graph) {
            let mut calls = chain.steps.iter();
            let Some(first) = calls.next() else { continue };
            let row = chain.row;
            let steps = calls.map(|step| Step {
                path: step.path.clone(),
                at: None,
                note: step
                    .place
                    .map(|place| shown(self.world.units[step.caller.unit].summary, place)),
            });
            let chain = steps.collect();
            let found = Outside { chain, row };
            outside.entry(first.path.clone()).or_insert(found);
        }
        outside
    }

    fn ways(&mut self, chains: &[Chain]) -> Vec<Way> {
        let mut ways = Vec::new();
        let mut seen = HashSet::new();
        for chain in chains {
            let mut steps = Vec::new();
            for step in &chain.steps {
                let summary = self.world.units[step.caller.unit].summary;
                let place = step.name.or(step.place);
                let at = place.and_then(|place| self.files.span(summary, place));
                let note = place
                    .filter(|_| at.is_none())
                    .map(|place| shown(summary, place));
                steps.push(Step {
                    path: step.path.clone(),
                    at,
                    note,
                });
            }
            let Some(call) = steps.first().and_then(|step| step.at) else {
                continue;
            };
            if seen.insert(call) {
                let row = chain.row;
                ways.push(Way { call, steps, row });
            }
        }
        ways
    }
}

fn sizes(summary: &Summary) -> HashMap<Text, u64> {
    let sizes = summary.sizes.iter();
    sizes.map(|(ty, size)| (*ty, size.bytes)).collect()
}

/// `f()` of a closure or a function pointer: the source says as much.
fn is_call_of_value(path: &Path<'_>) -> bool {
    let of = path.of.map(|(_, of)| Path::read(of));
    of.is_some_and(|of| matches!(of.name(), "Fn" | "FnMut" | "FnOnce"))
}

/// Whether the first argument is the receiver: that of a trait's method, or of a method of its type.
fn is_method(path: &Path<'_>, first: Option<&Type>) -> bool {
    let Some(first) = first else { return false };
    let first = first.behind_refs().path().map(last);
    match path.of {
        // A parameter's type tells nothing.
        Some((of, _)) => {
            let of = Type::read(of);
            let of = of.behind_refs().path().map(last);
            of.is_none() || first.is_none() || first == of
        }
        None => path.owner().is_some_and(|owner| first == Some(owner)),
    }
}
