//! Who calls a function, and what it calls.

use std::collections::HashMap;

use super::View;

/// The neighbours of a set of functions, each with the time that passes between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// Groups and the time of the function while they called it, the most first; none is the root.
    pub callers: Vec<(Option<u32>, u64)>,
    pub callees: Vec<(u32, u64)>,
    pub own: u64,
    pub total: u64,
}

/// Looks at the outermost call in each stack, so that recursion counts once.
pub fn of(view: &View<'_>, groups: &[u32]) -> Neighbours {
    let (mut callers, mut callees) = (HashMap::new(), HashMap::new());
    let mut found = Neighbours::default();
    for &(leaf, weight) in &view.leaves {
        let path: Vec<u32> = view
            .walk(Some(leaf))
            .map(|stack| view.group(stack))
            .collect();
        let Some(at) = path.iter().rposition(|group| groups.contains(group)) else {
            continue;
        };
        found.total += weight;
        *callers.entry(path.get(at + 1).copied()).or_insert(0) += weight;
        // A call of itself is no callee: what it calls in the end is.
        let inner = path
            .iter()
            .position(|group| groups.contains(group))
            .unwrap_or(at);
        match inner.checked_sub(1) {
            Some(callee) => *callees.entry(path[callee]).or_insert(0) += weight,
            None => found.own += weight,
        }
    }
    found.callers = sorted(callers);
    found.callees = sorted(callees);
    found
}

fn sorted<K: Ord + Copy>(weights: HashMap<K, u64>) -> Vec<(K, u64)> {
    let mut sorted: Vec<_> = weights.into_iter().collect();
    sorted.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
    sorted
}
