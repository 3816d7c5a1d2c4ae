//! The call tree as columns, each node before its callees: what a page draws as a flame graph.

use serde::Serialize;

use crate::analyse::View;
use crate::analyse::tree::{self, Node};

/// Where a node ends and the next begins follows from `depth` and `total`.
#[derive(Debug, Default, Serialize)]
pub struct Nodes {
    /// Indices of the page's functions.
    function: Vec<u32>,
    depth: Vec<u32>,
    own: Vec<u64>,
    total: Vec<u64>,
}

impl Nodes {
    pub fn of(view: &View<'_>) -> Self {
        /// Narrower than this part of the whole nothing can be seen, nor pointed at after some zooming.
        const PARTS: u64 = 20_000;
        let mut nodes = Self::default();
        let least = view.weight() / PARTS;
        for node in &tree::tree(view) {
            nodes.add(node, 0, least);
        }
        nodes
    }

    fn add(&mut self, node: &Node, depth: u32, least: u64) {
        self.function.push(node.group);
        self.depth.push(depth);
        self.own.push(node.own);
        self.total.push(node.total);
        for callee in node.callees.iter().filter(|callee| callee.total > least) {
            self.add(callee, depth + 1, least);
        }
    }
}
