//! Follows the calls from every function of the workspace, with the types that are known on the way.

use std::collections::HashMap;

use crate::mir::path::Path;
use crate::mir::summary::{Call, Kind};
use crate::mir::ty::Type;

use super::policy::{Follow, Policy, View};
use super::resolve::Resolver;
use super::substitution::{Bindings, Env, Environments, unify};
use super::world::{Id, World};

/// More functions than any program is worth following through.
const MOST: usize = 300_000;

/// A function with the types that it is called with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Node {
    pub id: Id,
    env: Env,
}

/// What a call leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// It keeps the thread, by the row of this number.
    Blocks(usize),
    /// The node of this number.
    Node(usize),
}

/// A call that is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    pub from: usize,
    /// The number of the call in the body.
    pub call: usize,
    pub to: Target,
    /// What runs, where that is a function that the callee was passed.
    pub passed: Option<String>,
}

/// Where a call leads, and what runs if it is not the callee.
type Way = (Target, Option<String>);

/// All that is reached from the workspace.
#[derive(Debug, Default)]
pub struct Graph {
    pub nodes: Vec<Node>,
    /// Whether a node is a function whatever it is given.
    pub is_plain: Vec<bool>,
    pub edges: Vec<Edge>,
    /// There was more than can be followed.
    pub cut: bool,
}

/// Follows all calls from the functions of the workspace.
pub fn walk(world: &World<'_>, policy: &dyn Policy) -> Graph {
    let mut walker = Walker {
        world,
        policy,
        resolver: Resolver::new(world),
        environments: Environments::new(),
        graph: Graph::default(),
        numbers: HashMap::new(),
        waiting: Vec::new(),
    };
    for (unit, members) in world.units.iter().enumerate() {
        if !members.summary.member {
            continue;
        }
        let env = walker.environments.intern(unit, Bindings::new());
        for body in 0..members.summary.bodies.len() {
            walker.visit(Id { unit, body }, env);
        }
    }
    while let Some(number) = walker.waiting.pop() {
        walker.follow(number);
    }
    walker.graph
}

struct Walker<'w, 'a> {
    world: &'w World<'a>,
    policy: &'w dyn Policy,
    resolver: Resolver<'w, 'a>,
    environments: Environments,
    graph: Graph,
    numbers: HashMap<Node, usize>,
    waiting: Vec<usize>,
}

impl<'a> Walker<'_, 'a> {
    /// The number of a function in an environment; none where there are too many.
    fn visit(&mut self, id: Id, env: Env) -> Option<usize> {
        let node = Node { id, env };
        if let Some(known) = self.numbers.get(&node) {
            return Some(*known);
        }
        if self.graph.nodes.len() >= MOST {
            self.graph.cut = true;
            return None;
        }
        let number = self.graph.nodes.len();
        self.graph.nodes.push(node);
        self.graph.is_plain.push(self.environments.is_empty(env));
        self.numbers.insert(node, number);
        self.waiting.push(number);
        Some(number)
    }

    fn follow(&mut self, number: usize) {
        let node = self.graph.nodes[number];
        let body = self.world.body(node.id);
        let unit = node.id.unit;
        for (call, summary) in body.calls.iter().enumerate() {
            for (to, passed) in self.targets(unit, node.env, summary) {
                self.graph.edges.push(Edge {
                    from: number,
                    call,
                    to,
                    passed,
                });
            }
        }
        // What is made here is polled by someone, with the same types.
        if self.world.units[unit].summary.member {
            for ty in &body.makes {
                if let Some(body) = self.world.units[unit].own(self.world.text(unit, *ty)) {
                    self.visit(Id { unit, body }, node.env);
                }
            }
        }
    }

    fn targets(&mut self, unit: usize, env: Env, call: &Call) -> Vec<Way> {
        let text = self.world.text(unit, call.callee);
        if text.is_empty() {
            return Vec::new();
        }
        let path = Path::read(text);
        let args: Vec<Type> = call
            .args
            .iter()
            .map(|ty| self.close(&self.world.ty(unit, *ty), env))
            .collect();
        let on = path.of.map(|(ty, _)| self.close(&Type::read(ty), env));
        let absolute = self.world.absolute(unit, &path.plain());
        let view = View {
            path: &absolute,
            name: path.name(),
            on: on.as_ref(),
            args: &args,
        };
        if self.policy.concerns(view.name) {
            if let Some(row) = self.policy.blocks(&view) {
                return vec![(Target::Blocks(row), None)];
            }
            if self.policy.runs_elsewhere(&view) {
                return Vec::new();
            }
        }
        if let Some(on) = &on
            && let Some(target) = self.run(on, &path)
        {
            return target.into_iter().collect();
        }
        match self.policy.follows(&absolute) {
            Follow::Into => {}
            Follow::Passed => return self.passed(&view),
            Follow::Not => return Vec::new(),
        }
        let found = match &on {
            Some(on) => self.resolver.of_trait(unit, text, on),
            None => self.resolver.plain(unit, text),
        };
        match found {
            Some(id) => {
                let output = self.close(&self.world.ty(unit, call.output), env);
                let target = self.enter(id, &args, &output);
                target.into_iter().map(|target| (target, None)).collect()
            }
            None if is_std(&absolute) => self.passed(&view),
            None => Vec::new(),
        }
    }

    fn close(&self, ty: &Type, env: Env) -> Type {
        self.environments.close(ty, env, self.world)
    }

    /// A call of a closure or of a function that was passed, or the poll of a coroutine; some nothing
    /// where it is one of these and yet not to be followed.
    fn run(&mut self, on: &Type, path: &Path<'_>) -> Option<Option<Way>> {
        let calls = matches!(path.name(), "call" | "call_mut" | "call_once");
        match on.behind_refs() {
            Type::Body(_) | Type::Fn { .. } if calls => Some(self.body_of(on.behind_refs())),
            Type::Body(_) if path.name() == "poll" => {
                Some(self.poll(on.behind_refs()).map(|target| (target, None)))
            }
            _ => None,
        }
    }

    /// The body of a closure, or of a function that is passed by name.
    fn body_of(&mut self, ty: &Type) -> Option<Way> {
        match ty {
            Type::Body(text) => {
                let (text, env) = self.environments.origin(text)?;
                let unit = self.environments.unit(env);
                let body = self.world.units[unit].own(text)?;
                let number = self.visit(Id { unit, body }, env)?;
                Some((Target::Node(number), None))
            }
            Type::Fn {
                path: Some(path), ..
            } => {
                let (text, env) = self.environments.origin(path)?;
                let unit = self.environments.unit(env);
                let path = Path::read(text);
                let absolute = self.world.absolute(unit, &path.plain());
                let view = View {
                    path: &absolute,
                    name: path.name(),
                    on: None,
                    args: &[],
                };
                if self.policy.concerns(view.name)
                    && let Some(row) = self.policy.blocks(&view)
                {
                    return Some((Target::Blocks(row), Some(absolute)));
                }
                if self.policy.follows(&absolute) != Follow::Into {
                    return None;
                }
                let id = self.resolver.plain(unit, text)?;
                let env = self.environments.intern(id.unit, Bindings::new());
                let number = self.visit(id, env)?;
                Some((Target::Node(number), Some(absolute)))
            }
            _ => None,
        }
    }

    /// A coroutine of a dependency that is awaited. The workspace's own are looked at by themselves.
    fn poll(&mut self, ty: &Type) -> Option<Target> {
        let Type::Body(text) = ty else { return None };
        let (text, env) = self.environments.origin(text)?;
        let unit = self.environments.unit(env);
        let target = self.world.units[unit].own(text).map(|body| (unit, body));
        let (unit, body) = target.or_else(|| self.foreign_coroutine(unit, text))?;
        if self.world.units[unit].summary.member {
            return None;
        }
        let env = self.environments.intern(unit, Bindings::new());
        self.visit(Id { unit, body }, env).map(Target::Node)
    }

    /// The body of `{async fn body of dep::f()}`, which its own crate calls otherwise.
    fn foreign_coroutine(&mut self, unit: usize, text: &str) -> Option<(usize, usize)> {
        let path = text
            .strip_prefix("{async fn body of ")?
            .strip_suffix("()}")?;
        let absolute = self.world.absolute(unit, &Path::read(path).plain());
        if self.policy.follows(&absolute) != Follow::Into {
            return None;
        }
        let id = self.resolver.plain(unit, path)?;
        let made = self.world.body(id).makes.first()?;
        let body = self.world.units[id.unit].own(self.world.text(id.unit, *made))?;
        Some((id.unit, body))
    }

    /// Enters a function with what its parameters stand for.
    fn enter(&mut self, id: Id, args: &[Type], output: &Type) -> Option<Target> {
        let body = self.world.body(id);
        let mut found = HashMap::new();
        for (declared, given) in body.params.iter().zip(args) {
            unify(&self.world.ty(id.unit, *declared), given, &mut found);
        }
        unify(&self.world.ty(id.unit, body.output), output, &mut found);
        let mut bindings: Bindings = found.into_iter().collect();
        bindings.sort();
        let env = self.environments.intern(id.unit, bindings);
        self.visit(id, env).map(Target::Node)
    }

    /// What is passed to a function whose code is not known or not followed: it is run at once, unless
    /// it is only put somewhere.
    fn passed(&mut self, view: &View<'_>) -> Vec<Way> {
        if STORES.contains(&view.name) {
            return Vec::new();
        }
        let passed: Vec<Type> = view
            .args
            .iter()
            .map(|ty| ty.behind_refs().clone())
            .collect();
        let closure = |ty: &&Type| match ty {
            Type::Body(text) => text.starts_with("{closure@"),
            Type::Fn { path, .. } => path.is_some(),
            _ => false,
        };
        let closures = passed.iter().filter(closure);
        closures.filter_map(|ty| self.body_of(ty)).collect()
    }
}

/// Functions that keep what they are given for later.
const STORES: &[&str] = &[
    "new",
    "from",
    "into",
    "push",
    "push_back",
    "insert",
    "clone",
    "pin",
    "set",
    "set_hook",
    "Some",
    "replace",
    "swap",
    "take",
    "boxed",
    "extend",
    "collect",
    "lazy",
    "forget",
    "drop",
];

fn is_std(path: &str) -> bool {
    ["std::", "core::", "alloc::"]
        .iter()
        .any(|root| path.starts_with(root))
}

impl Graph {
    /// Whether the node is where a task is polled: an `async` body, or a `poll` written by hand.
    pub fn is_polled(&self, world: &World<'_>, node: usize) -> bool {
        matches!(
            world.body(self.nodes[node].id).kind,
            Kind::Coroutine | Kind::Poll
        )
    }
}
