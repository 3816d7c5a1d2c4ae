//! Self and total time by any key: function, crate, thread.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::ops::AddAssign;

use rustc_hash::FxHashMap;

use super::View;
use crate::profile::{Function, Origin, StackId};

/// Time of one thing, or whatever else is summed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<K, W = u64> {
    pub key: K,
    /// While it was the innermost.
    pub own: W,
    /// While it was anywhere on the stack.
    pub total: W,
}

/// The rows by `key`, the most own time first. A recursive function counts once in a stack.
pub fn by<K: Copy + Eq + Hash + Ord>(
    view: &View<'_>,
    key: impl Fn(StackId) -> Option<K>,
) -> Vec<Row<K>> {
    let mut rows = sums(view, &view.leaves, key, Own::Innermost);
    rows.sort_by(|a, b| (b.own, b.total, a.key).cmp(&(a.own, a.total, b.key)));
    rows
}

/// The rows by `key` where own is what belongs to the innermost frame that has a key, whatever that
/// calls; in no order.
pub fn nearest<K: Copy + Eq + Hash, W: Copy + Default + AddAssign>(
    view: &View<'_>,
    leaves: &[(StackId, W)],
    key: impl Fn(StackId) -> Option<K>,
) -> Vec<Row<K, W>> {
    sums(view, leaves, key, Own::Nearest)
}

/// Whose own a leaf's weight is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Own {
    /// The leaf's, where it has a key.
    Innermost,
    /// The nearest frame's that has a key.
    Nearest,
}

/// One pass over the tree of stacks, callers first: big recordings have a million frames on their
/// stacks, and a report asks a dozen times.
fn sums<K: Copy + Eq + Hash, W: Copy + Default + AddAssign>(
    view: &View<'_>,
    leaves: &[(StackId, W)],
    key: impl Fn(StackId) -> Option<K>,
    whose: Own,
) -> Vec<Row<K, W>> {
    let mut own: Vec<W> = vec![W::default(); view.profile.stacks.len()];
    for &(leaf, weight) in leaves {
        own[leaf as usize] += weight;
    }
    let mut rows: Vec<Row<K, W>> = Vec::new();
    let mut known: FxHashMap<K, usize> = FxHashMap::default();
    let mut path = Path::default();
    for step in &view.order {
        path.leave(step.depth as usize, &mut rows);
        let row = key(step.stack).map(|key| {
            *known.entry(key).or_insert_with(|| {
                let (own, total) = (W::default(), W::default());
                rows.push(Row { key, own, total });
                rows.len() - 1
            })
        });
        let own = own[step.stack as usize];
        let near = path.enter(row, own);
        let owner = if whose == Own::Innermost { row } else { near };
        if let Some(owner) = owner {
            rows[owner].own += own;
        }
    }
    path.leave(0, &mut rows);
    rows
}

/// The frames from the root to where a walk is.
#[derive(Default)]
struct Path<W> {
    frames: Vec<OnPath<W>>,
    /// Of each row, how many frames of it are on the path.
    open: Vec<u32>,
}

struct OnPath<W> {
    row: Option<usize>,
    /// Of the nearest that has one.
    near: Option<usize>,
    /// What was seen of it and of all that it called, so far.
    weight: W,
}

impl<W: Copy + Default + AddAssign> Path<W> {
    /// One frame further in; gives the nearest row.
    fn enter(&mut self, row: Option<usize>, weight: W) -> Option<usize> {
        let near = row.or_else(|| self.frames.last().and_then(|frame| frame.near));
        if let Some(row) = row {
            if row >= self.open.len() {
                self.open.resize(row + 1, 0);
            }
            self.open[row] += 1;
        }
        self.frames.push(OnPath { row, near, weight });
        near
    }

    /// Out again, up to `depth` frames.
    fn leave<K>(&mut self, depth: usize, rows: &mut [Row<K, W>]) {
        while self.frames.len() > depth {
            let Some(left) = self.frames.pop() else {
                return;
            };
            if let Some(row) = left.row {
                self.open[row] -= 1;
                // Further in, the same is part of the same.
                if self.open[row] == 0 {
                    rows[row].total += left.weight;
                }
            }
            if let Some(caller) = self.frames.last_mut() {
                caller.weight += left.weight;
            }
        }
    }
}

/// By function, as groups of [`View::groups`].
pub fn by_function(view: &View<'_>) -> Vec<Row<u32>> {
    by(view, |stack| Some(view.group(stack)))
}

/// By crate: whose code was running.
pub fn by_origin<'a>(view: &View<'a>) -> Vec<Row<&'a Origin>> {
    let functions = &view.profile.functions;
    let mut places: BTreeMap<&Origin, usize> = BTreeMap::new();
    for function in functions {
        places.insert(&function.origin, 0);
    }
    // Numbers in the order of the origins, for these are compared a million times.
    let mut origins = Vec::with_capacity(places.len());
    for (origin, at) in &mut places {
        *at = origins.len();
        origins.push(*origin);
    }
    let number = |function: &Function| places.get(&function.origin).copied().unwrap_or(0);
    let numbers: Vec<usize> = functions.iter().map(number).collect();
    let rows = by(view, |stack| {
        Some(numbers[view.frame(stack).function as usize])
    });
    let named = rows.into_iter().map(|row| Row {
        key: origins[row.key],
        own: row.own,
        total: row.total,
    });
    named.collect()
}

/// By thread, as indices of the profile's table.
pub fn by_thread(view: &View<'_>) -> Vec<Row<u32>> {
    let mut weights: HashMap<u32, u64> = HashMap::new();
    for sample in view.samples.iter() {
        *weights.entry(sample.thread).or_default() += sample.weight;
    }
    let mut rows: Vec<Row<u32>> = weights
        .into_iter()
        .map(|(key, weight)| Row {
            key,
            own: weight,
            total: weight,
        })
        .collect();
    rows.sort_by(|a, b| (b.own, a.key).cmp(&(a.own, b.key)));
    rows
}

/// Threads that are shown together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crowd {
    /// The one of them with the most time.
    pub thread: u32,
    pub members: usize,
}

/// By thread; more than `most` of one name, in processes of one name, are one row: workers of a pool, the many
/// short processes of a test run.
pub fn by_crowd(view: &View<'_>, most: usize) -> Vec<Row<Crowd>> {
    let name_of = |thread: u32| {
        let thread = &view.profile.threads[thread as usize];
        (&thread.process, &thread.name)
    };
    let threads = by_thread(view);
    let mut members: HashMap<_, usize> = HashMap::new();
    for row in &threads {
        *members.entry(name_of(row.key)).or_default() += 1;
    }
    let mut rows: Vec<Row<Crowd>> = Vec::new();
    let mut known: HashMap<_, usize> = HashMap::new();
    for row in threads {
        let name = name_of(row.key);
        let members = Some(members[&name]).filter(|members| *members > most);
        match known.get(&name).filter(|_| members.is_some()) {
            Some(at) => {
                rows[*at].own += row.own;
                rows[*at].total += row.total;
            }
            None => {
                known.insert(name, rows.len());
                let key = Crowd {
                    thread: row.key,
                    members: members.unwrap_or(1),
                };
                rows.push(Row {
                    key,
                    own: row.own,
                    total: row.total,
                });
            }
        }
    }
    rows.sort_by(|a, b| (b.own, a.key.thread).cmp(&(a.own, b.key.thread)));
    rows
}

/// The module with the most time whose functions have no names, and that time.
pub fn nameless<'a>(view: &View<'a>) -> Option<(&'a str, u64)> {
    let mut weights: HashMap<&str, u64> = HashMap::new();
    for sample in view.samples.iter() {
        let Some(stack) = sample.stack else { continue };
        let function = view.profile.function_of(view.frame(stack));
        if let Some(module) = function.module.filter(|_| !function.resolved) {
            let path = view.profile.modules[module as usize].path.as_str();
            *weights.entry(path).or_default() += sample.weight;
        }
    }
    weights
        .into_iter()
        .max_by_key(|(path, weight)| (*weight, *path))
}

/// What is known badly: weights of samples whose innermost function has no name, and of those whose
/// outermost callers are missing.
pub fn flaws(view: &View<'_>) -> (u64, u64) {
    let (mut unresolved, mut truncated) = (0, 0);
    for sample in view.samples.iter() {
        let resolved = sample
            .stack
            .is_some_and(|stack| view.profile.function_of(view.frame(stack)).resolved);
        if !resolved {
            unresolved += sample.weight;
        }
        if sample.truncated {
            truncated += sample.weight;
        }
    }
    (unresolved, truncated)
}
