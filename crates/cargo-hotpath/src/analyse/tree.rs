//! The call tree: functions by who called them, the outermost first.

use std::collections::BTreeMap;

use super::View;

/// A function in one place of the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    pub group: u32,
    pub own: u64,
    pub total: u64,
    /// The most time first.
    pub callees: Vec<Self>,
}

#[derive(Default)]
struct Growing {
    own: u64,
    total: u64,
    callees: BTreeMap<u32, Self>,
}

/// The outermost functions with all below them.
pub fn tree(view: &View<'_>) -> Vec<Node> {
    let mut root = Growing::default();
    for &(leaf, weight) in &view.leaves {
        let mut path: Vec<u32> = view
            .walk(Some(leaf))
            .map(|stack| view.group(stack))
            .collect();
        path.reverse();
        let mut at = &mut root;
        for group in path {
            at = at.callees.entry(group).or_default();
            at.total += weight;
        }
        at.own += weight;
    }
    grown(root.callees)
}

fn grown(callees: BTreeMap<u32, Growing>) -> Vec<Node> {
    let mut nodes: Vec<Node> = callees
        .into_iter()
        .map(|(group, growing)| Node {
            group,
            own: growing.own,
            total: growing.total,
            callees: grown(growing.callees),
        })
        .collect();
    nodes.sort_by(|a, b| (b.total, a.group).cmp(&(a.total, b.group)));
    nodes
}
