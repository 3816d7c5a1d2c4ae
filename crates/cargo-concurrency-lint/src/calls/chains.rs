//! The ways from `async` code to the calls that block.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::mir::path::Path;
use crate::mir::summary::{Kind, Place};
use crate::mir::ty::Type;

use super::walk::{Edge, Graph, Target};
use super::world::{Id, World, head};

/// A call in `async` code that ends in one that blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The body that is polled.
    pub body: Id,
    /// The number of the call in it.
    pub call: usize,
    /// The calls, from the one in the polled body to the one that blocks.
    pub steps: Vec<Step>,
    /// The number of the last one's row in the table of what blocks.
    pub row: usize,
}

/// A call on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Whose call it is.
    pub caller: Id,
    /// Who is called, as the caller names it; absolute and without arguments.
    pub path: String,
    /// The path or the method's name in the call.
    pub name: Option<Place>,
    /// The whole call.
    pub place: Option<Place>,
}

/// The shortest chain of each call in polled code of the workspace that ends in one that blocks.
pub fn chains(world: &World<'_>, graph: &Graph) -> Vec<Chain> {
    let next = nearest(world, graph);
    let mut found: BTreeMap<(Id, usize), Chain> = BTreeMap::new();
    for edge in &graph.edges {
        let from = graph.nodes[edge.from].id;
        if !world.units[from.unit].summary.member || !graph.is_polled(world, edge.from) {
            continue;
        }
        let leads = match edge.to {
            Target::Blocks(_) => true,
            Target::Node(node) => next.contains_key(&node) && !ends(world, graph, node),
        };
        if !leads {
            continue;
        }
        let Some(chain) = chain(world, graph, &next, edge) else {
            continue;
        };
        let known = found
            .entry((from, edge.call))
            .or_insert_with(|| chain.clone());
        if chain.steps.len() < known.steps.len() {
            *known = chain;
        }
    }
    found.into_values().collect()
}

/// For each function of a dependency that the workspace calls and that blocks whatever it is given, its
/// shortest chain; the first step is the call of it.
pub fn of_dependencies(world: &World<'_>, graph: &Graph) -> Vec<Chain> {
    let next = nearest(world, graph);
    let mut found: BTreeMap<Id, Chain> = BTreeMap::new();
    for edge in &graph.edges {
        let Target::Node(node) = edge.to else {
            continue;
        };
        let (from, to) = (graph.nodes[edge.from].id, graph.nodes[node].id);
        let between = world.units[from.unit].summary.member && !world.units[to.unit].summary.member;
        if between
            && graph.is_plain[node]
            && edge.passed.is_none()
            && let Entry::Vacant(entry) = found.entry(to)
            && let Some(chain) = chain(world, graph, &next, edge)
        {
            entry.insert(chain);
        }
    }
    found.into_values().collect()
}

/// Whether what blocks in this node is its own matter: the workspace's own polled code.
fn ends(world: &World<'_>, graph: &Graph, node: usize) -> bool {
    let id = graph.nodes[node].id;
    world.units[id.unit].summary.member && graph.is_polled(world, node)
}

/// For each node that leads to a call that blocks, the first step of the shortest way.
fn nearest<'g>(world: &World<'_>, graph: &'g Graph) -> HashMap<usize, &'g Edge> {
    let mut callers: HashMap<usize, Vec<&Edge>> = HashMap::new();
    let mut next: HashMap<usize, &Edge> = HashMap::new();
    let mut waiting = VecDeque::new();
    for edge in &graph.edges {
        match edge.to {
            Target::Blocks(_) => {
                if next.insert(edge.from, edge).is_none() {
                    waiting.push_back(edge.from);
                }
            }
            Target::Node(node) => callers.entry(node).or_default().push(edge),
        }
    }
    while let Some(node) = waiting.pop_front() {
        if ends(world, graph, node) {
            continue;
        }
        for edge in callers.get(&node).into_iter().flatten() {
            next.entry(edge.from).or_insert_with(|| {
                waiting.push_back(edge.from);
                edge
            });
        }
    }
    next
}

/// The way that begins with `first`; none where it does not lead to a call that blocks.
fn chain(
    world: &World<'_>,
    graph: &Graph,
    next: &HashMap<usize, &Edge>,
    first: &Edge,
) -> Option<Chain> {
    let mut steps = vec![step(world, graph, first)];
    let mut edge = first;
    let row = loop {
        match edge.to {
            Target::Blocks(row) => break row,
            Target::Node(node) => edge = next.get(&node)?,
        }
        steps.push(step(world, graph, edge));
    };
    Some(Chain {
        body: graph.nodes[first.from].id,
        call: first.call,
        steps,
        row,
    })
}

fn step(world: &World<'_>, graph: &Graph, edge: &Edge) -> Step {
    let caller = graph.nodes[edge.from].id;
    let call = &world.body(caller).calls[edge.call];
    Step {
        caller,
        path: shown(world, graph, caller, edge),
        name: call.name,
        place: call.place,
    }
}

/// The callee as the caller names it; what is passed by the function that it stands in, and the method
/// of a foreign trait by the type whose code runs.
fn shown(world: &World<'_>, graph: &Graph, caller: Id, edge: &Edge) -> String {
    if let Some(passed) = &edge.passed {
        return passed.clone();
    }
    let text = world.text(caller.unit, world.body(caller).calls[edge.call].callee);
    let path = Path::read(text);
    let named = world.absolute(caller.unit, &path.plain());
    let Target::Node(node) = edge.to else {
        return named;
    };
    let id = graph.nodes[node].id;
    let runs_it = matches!(path.name(), "call" | "call_mut" | "call_once" | "poll");
    let by_trait = path.of.is_some() && world.body(id).kind == Kind::Function;
    if runs_it || by_trait && is_foreign(world, &named) {
        defined(world, id)
    } else {
        named
    }
}

/// Whether the code of the crate is not known.
fn is_foreign(world: &World<'_>, path: &str) -> bool {
    let root = path.split("::").next().unwrap_or_default();
    world.crates(root).is_empty()
}

/// A function as its crate defines it, behind its type where it is a method.
fn defined(world: &World<'_>, id: Id) -> String {
    let body = world.body(id);
    let plain = Path::read(world.text(id.unit, body.path)).plain();
    // The body of an `async fn` is a closure in it.
    let plain = match body.kind {
        Kind::Coroutine => plain.strip_suffix("::{closure#0}").unwrap_or(&plain),
        _ => &plain,
    };
    let of = body.of.map(|of| Type::read(world.text(id.unit, of.ty)));
    let ty = of.as_ref().and_then(head).filter(|_| !plain.ends_with('}'));
    let (module, name) = plain.rsplit_once("::").unwrap_or(("", plain));
    let plain = match ty {
        Some(ty) if module.is_empty() => format!("{ty}::{name}"),
        Some(ty) => format!("{module}::{ty}::{name}"),
        None => plain.to_owned(),
    };
    world.absolute(id.unit, &plain)
}
