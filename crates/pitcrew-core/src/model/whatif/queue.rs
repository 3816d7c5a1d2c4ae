//! Which unit starts next: cargo's queue. Among the units whose dependencies are ready, the one that
//! most others wait for goes first.

use std::collections::{BTreeSet, BinaryHeap};

use crate::recording::Needs;

use super::Graph;

/// The units that wait, and those that may start.
pub struct Queue<'a> {
    /// Edges that are still open, by unit; none where the unit is not built.
    open: Vec<Option<usize>>,
    /// Whether dependents have been told, by unit and need.
    told: Vec<[bool; 2]>,
    startable: BinaryHeap<(u32, std::cmp::Reverse<usize>)>,
    priority: &'a [u32],
}

impl<'a> Queue<'a> {
    pub fn new(graph: &Graph, priority: &'a [u32], removed: &BTreeSet<usize>) -> Self {
        let is_removed = |unit: &usize| removed.contains(unit);
        let open = |unit: usize| {
            let deps = graph.nodes[unit].deps.iter();
            (!is_removed(&unit)).then(|| deps.filter(|dep| !is_removed(&dep.unit)).count())
        };
        let units = graph.nodes.len();
        let mut queue = Self {
            open: (0..units).map(open).collect(),
            told: vec![[false; 2]; units],
            startable: BinaryHeap::new(),
            priority,
        };
        for unit in 0..units {
            if queue.open[unit] == Some(0) {
                queue.push(unit);
            }
        }
        queue
    }

    fn push(&mut self, unit: usize) {
        let entry = (self.priority[unit], std::cmp::Reverse(unit));
        self.startable.push(entry);
    }

    /// The unit to start now, if any may.
    pub fn next(&mut self) -> Option<usize> {
        self.startable.pop().map(|(_, unit)| unit.0)
    }

    /// Tells the dependents that need no more than this, once.
    pub fn ready(&mut self, graph: &Graph, unit: usize, needs: Needs) {
        let told = &mut self.told[unit][usize::from(needs == Needs::End)];
        if std::mem::replace(told, true) {
            return;
        }
        for dependent in &graph.nodes[unit].dependents {
            if dependent.needs != needs {
                continue;
            }
            if let Some(open) = &mut self.open[dependent.unit] {
                *open -= 1;
                if *open == 0 {
                    self.push(dependent.unit);
                }
            }
        }
    }
}

/// The number of units that wait for each, directly or not.
pub fn waiting_units(graph: &Graph) -> Vec<u32> {
    let units = graph.nodes.len();
    let words = units.div_ceil(64);
    let mut waiting = vec![0_u64; units * words];
    let mut count = vec![0; units];
    for &unit in graph.order.iter().rev() {
        let mut set = vec![0_u64; words];
        for dependent in &graph.nodes[unit].dependents {
            let from = dependent.unit * words;
            for (word, more) in set.iter_mut().zip(&waiting[from..from + words]) {
                *word |= more;
            }
            set[dependent.unit / 64] |= 1 << (dependent.unit % 64);
        }
        count[unit] = set.iter().map(|word| word.count_ones()).sum();
        waiting[unit * words..(unit + 1) * words].copy_from_slice(&set);
    }
    count
}
