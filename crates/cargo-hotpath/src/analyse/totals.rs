//! Self and total time by any key: function, crate, thread.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::AddAssign;

use super::View;
use crate::profile::StackId;

/// Time of one thing, or whatever else is summed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<K, W = u64> {
    pub key: K,
    /// While it was the innermost.
    pub own: W,
    /// While it was anywhere on the stack.
    pub total: W,
}

/// Distinct leaves with their weight: many samples share a stack.
pub fn leaves(view: &View<'_>) -> Vec<(StackId, u64)> {
    let mut weights: HashMap<StackId, u64> = HashMap::new();
    for sample in &view.samples {
        if let Some(leaf) = view.leaf(sample) {
            *weights.entry(leaf).or_default() += sample.weight;
        }
    }
    let mut leaves: Vec<_> = weights.into_iter().collect();
    leaves.sort_unstable();
    leaves
}

/// The rows by `key`, the most own time first. A recursive function counts once in a stack.
pub fn by<K: Copy + Eq + Hash + Ord>(
    view: &View<'_>,
    key: impl Fn(StackId) -> Option<K>,
) -> Vec<Row<K>> {
    let mut rows: HashMap<K, (u64, u64)> = HashMap::new();
    let mut on_stack: Vec<K> = Vec::new();
    for (leaf, weight) in leaves(view) {
        on_stack.clear();
        for stack in view.walk(Some(leaf)) {
            let Some(key) = key(stack) else { continue };
            if stack == leaf {
                rows.entry(key).or_default().0 += weight;
            }
            on_stack.push(key);
        }
        on_stack.sort_unstable();
        on_stack.dedup();
        for key in &on_stack {
            rows.entry(*key).or_default().1 += weight;
        }
    }
    let mut rows: Vec<Row<K>> = rows
        .into_iter()
        .map(|(key, (own, total))| Row { key, own, total })
        .collect();
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
    let mut rows: HashMap<K, (W, W)> = HashMap::new();
    for (leaf, weight) in leaves {
        let mut seen: Vec<K> = Vec::new();
        for key in view.walk(Some(*leaf)).filter_map(&key) {
            if seen.is_empty() {
                rows.entry(key).or_default().0 += *weight;
            }
            if !seen.contains(&key) {
                seen.push(key);
                rows.entry(key).or_default().1 += *weight;
            }
        }
    }
    rows.into_iter()
        .map(|(key, (own, total))| Row { key, own, total })
        .collect()
}

/// By function, as groups of [`View::groups`].
pub fn by_function(view: &View<'_>) -> Vec<Row<u32>> {
    by(view, |stack| Some(view.group(stack)))
}

/// By crate: whose code was running.
pub fn by_origin<'a>(view: &View<'a>) -> Vec<Row<&'a crate::profile::Origin>> {
    by(view, |stack| Some(view.origin(stack)))
}

/// By thread, as indices of the profile's table.
pub fn by_thread(view: &View<'_>) -> Vec<Row<u32>> {
    let mut weights: HashMap<u32, u64> = HashMap::new();
    for sample in &view.samples {
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

/// The module with the most time whose functions have no names, and that time.
pub fn nameless<'a>(view: &View<'a>) -> Option<(&'a str, u64)> {
    let mut weights: HashMap<&str, u64> = HashMap::new();
    for sample in &view.samples {
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
    for sample in &view.samples {
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
