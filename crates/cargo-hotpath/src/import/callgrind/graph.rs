//! The call graph of a callgrind file, and the stacks that it stands for.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, Result};

use crate::import::named::{Named, Stacks};
use crate::names::origin::Places;
use crate::profile::{Profile, Sample, Unit};

#[derive(Default)]
pub struct Graph {
    functions: Vec<Function>,
    known: HashMap<(String, String), usize>,
}

#[derive(Default)]
struct Function {
    name: String,
    object: String,
    /// The file that it is written in; code inlined into it has others.
    home: String,
    /// By file and line.
    own: BTreeMap<(String, u32), u64>,
    /// By callee, file and line of the call, with all that the callee cost there.
    calls: BTreeMap<(usize, String, u32), u64>,
    /// What its callers paid for it.
    called: u64,
    is_called: bool,
}

impl Function {
    /// No more than the whole, which is known to be countable.
    fn own(&self) -> u64 {
        self.own.values().sum()
    }

    fn total(&self) -> u64 {
        // Recursion counts a cost on each level: the sum may be more than there is.
        let calls = self.calls.values();
        calls.fold(self.own(), |sum, cost| sum.saturating_add(*cost))
    }
}

/// Parts of less than this of the whole are not taken apart any more.
const FINEST: f64 = 0.000_2;
/// As deep as stacks are rebuilt: recursion has no end in a graph.
const DEEPEST: usize = 256;
/// As many frames as all rebuilt stacks may have together: calls that recursion counts again and again are
/// never finer than the whole, and would be taken apart for ever.
const MOST_FRAMES: usize = 3_000_000;

impl Graph {
    pub fn function(&mut self, name: &str, object: &str) -> usize {
        let key = (name.to_owned(), object.to_owned());
        *self.known.entry(key).or_insert_with(|| {
            self.functions.push(Function {
                name: name.to_owned(),
                object: object.to_owned(),
                ..Function::default()
            });
            self.functions.len() - 1
        })
    }

    /// Says where a function is written.
    pub fn set_home(&mut self, function: usize, file: &str) {
        file.clone_into(&mut self.functions[function].home);
    }

    pub fn cost(&mut self, function: usize, at: (&str, u32), cost: u64) -> Result<()> {
        let own = self.functions[function].own.entry((at.0.to_owned(), at.1));
        add(own.or_default(), cost)
    }

    pub fn call(&mut self, from: usize, to: usize, at: (&str, u32), cost: u64) -> Result<()> {
        let calls = &mut self.functions[from].calls;
        add(calls.entry((to, at.0.to_owned(), at.1)).or_default(), cost)?;
        if from != to {
            self.functions[to].is_called = true;
            add(&mut self.functions[to].called, cost)?;
        }
        Ok(())
    }

    pub fn profile(&self, places: &Places, command: &str) -> Result<Profile> {
        let mut whole: u64 = 0;
        for cost in self.functions.iter().flat_map(|f| f.own.values()) {
            add(&mut whole, *cost)?;
        }
        let mut stacks = Stacks::new(places, Unit::Instructions, "instructions");
        command.clone_into(&mut stacks.about().command);
        let thread = stacks.thread(0, 0, command.split(' ').next().unwrap_or_default());
        let mut rebuilding = Rebuilding {
            graph: self,
            least: whole as f64 * FINEST,
            path: Vec::new(),
            left: MOST_FRAMES,
            own_left: self.functions.iter().map(Function::own).collect(),
            out: Vec::new(),
        };
        for (index, function) in self.functions.iter().enumerate() {
            let total = function.total();
            // What no caller paid for was called by nobody: the program's start, threads, handlers.
            let rest = if function.is_called {
                total.saturating_sub(function.called)
            } else {
                total
            };
            if rest > 0 {
                rebuilding.descend(index, rest.min(whole) as f64);
            }
        }
        rebuilding.settle();
        for (frames, weight) in rebuilding.out {
            let stack = stacks.stack(frames);
            stacks.sample(Sample {
                thread,
                stack,
                weight,
                count: weight,
                ..Sample::default()
            });
        }
        Ok(stacks.finish())
    }
}

fn add(sum: &mut u64, more: u64) -> Result<()> {
    *sum = sum
        .checked_add(more)
        .context("its costs add up to more than any program runs")?;
    Ok(())
}

struct Rebuilding<'a> {
    graph: &'a Graph,
    least: f64,
    /// The functions above, each with the place of its call of the next.
    path: Vec<Named<'a>>,
    /// Frames that may still be looked at.
    left: usize,
    /// Of each function's own cost, what no stack has got yet: recursion counts a cost on each level, and
    /// would give it out again and again.
    own_left: Vec<u64>,
    out: Vec<(Vec<Named<'a>>, u64)>,
}

impl<'a> Rebuilding<'a> {
    /// Gives `weight`, a part of a function's total, to its own lines and to its callees.
    fn descend(&mut self, index: usize, weight: f64) {
        let graph = self.graph;
        let function = &graph.functions[index];
        let total = function.total() as f64;
        if total <= 0.0 || !self.may_go_on() {
            return;
        }
        let part = (weight / total).min(1.0);
        for ((file, line), cost) in &function.own {
            let own = *cost as f64 * part;
            self.give(index, named(function, file, *line), own);
        }
        for ((callee, file, line), cost) in &function.calls {
            let cost = *cost as f64 * part;
            if cost < self.least || self.path.len() >= DEEPEST {
                continue;
            }
            self.path.push(named(function, file, *line));
            self.descend(*callee, cost);
            self.path.pop();
        }
    }

    /// Takes the frames of one more stack.
    fn may_go_on(&mut self) -> bool {
        let left = self.left.checked_sub(self.path.len() + 1);
        self.left = left.unwrap_or_default();
        left.is_some()
    }

    fn give(&mut self, index: usize, innermost: Named<'a>, weight: f64) {
        let weight = (weight.round() as u64).min(self.own_left[index]);
        if weight > 0 && self.may_go_on() {
            self.own_left[index] -= weight;
            let mut frames = self.path.clone();
            frames.push(innermost);
            self.out.push((frames, weight));
        }
    }

    /// What was too fine, too deep or rounded away gets a stack of its function alone; so each
    /// function's own cost is exact, and only who called is lost.
    fn settle(&mut self) {
        for (index, function) in self.graph.functions.iter().enumerate() {
            let rest = self.own_left[index];
            if rest > 0 {
                let (file, line) = function.own.keys().next().map_or(("", 0), |(f, l)| (f, *l));
                self.out.push((vec![named(function, file, line)], rest));
            }
        }
    }
}

fn named<'a>(function: &'a Function, file: &'a str, line: u32) -> Named<'a> {
    let known = |file: &str| !file.is_empty() && file != "???";
    Named {
        name: &function.name,
        module: Some(&function.object),
        home: known(&function.home).then_some(function.home.as_str()),
        at: known(file).then_some((file, line)),
    }
}
