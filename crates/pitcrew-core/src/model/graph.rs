//! A recording made safe to compute with. A recording is read from disk, so its edges may dangle or
//! run in circles and its times may be anything; every model works on this graph instead, where
//! times are finite and ordered and edges run one way.

use crate::recording::{Needs, Recording, Unit, UnitDep};

/// More seconds than any build takes: the cap that keeps sums finite.
const LONGEST_S: f64 = 1e7;

/// The units of a recording, by the same indices.
#[derive(Debug, Clone)]
pub struct Graph {
    pub nodes: Vec<Node>,
    /// Dependencies before their dependents.
    pub order: Vec<usize>,
    /// Never less than the last unit's end.
    pub wall_s: f64,
    /// At least 1.
    pub cores: u32,
    /// At least 1.
    pub jobs: u32,
}

/// One unit's times, with `start_s <= metadata_s <= end_s`.
#[derive(Debug, Clone)]
pub struct Node {
    pub start_s: f64,
    pub metadata_s: Option<f64>,
    pub end_s: f64,
    /// Within the unit, and after its metadata.
    pub link_s: f64,
    pub cpu_s: Option<f64>,
    pub peak_bytes: Option<u64>,
    pub member: bool,
    pub deps: Vec<UnitDep>,
    /// Who waits for this unit.
    pub dependents: Vec<UnitDep>,
}

impl Node {
    fn new(unit: &Unit, cores: f64) -> Self {
        let start_s = seconds(unit.start_s);
        let end_s = seconds(unit.end_s).max(start_s);
        let metadata_s = unit
            .metadata_s
            .map(|metadata| seconds(metadata).clamp(start_s, end_s));
        let longest_link = end_s - metadata_s.unwrap_or(start_s);
        Self {
            start_s,
            metadata_s,
            end_s,
            link_s: unit.link_s.map_or(0.0, seconds).min(longest_link),
            cpu_s: unit.cpu_s.filter(|cpu| cpu.is_finite()).map(|cpu| {
                // No process gets more than all cores all the time.
                seconds(cpu).min((end_s - start_s) * cores)
            }),
            peak_bytes: unit.peak_bytes,
            member: unit.member,
            deps: Vec::new(),
            dependents: Vec::new(),
        }
    }

    pub fn duration_s(&self) -> f64 {
        self.end_s - self.start_s
    }

    /// When a dependent that needs this much may start.
    pub fn ready_s(&self, needs: Needs) -> f64 {
        match needs {
            Needs::Metadata => self.metadata_s.unwrap_or(self.end_s),
            Needs::End => self.end_s,
        }
    }
}

impl Graph {
    pub fn new(recording: &Recording) -> Self {
        let cores = recording.cores.max(1);
        let node = |unit: &Unit| Node::new(unit, f64::from(cores));
        let mut nodes: Vec<Node> = recording.units.iter().map(node).collect();
        let order = add_acyclic_edges(&mut nodes, &recording.units);
        let last_end = nodes.iter().map(|node| node.end_s).fold(0.0, f64::max);
        Self {
            nodes,
            order,
            wall_s: seconds(recording.wall_s).max(last_end),
            cores,
            jobs: recording.jobs.max(1),
        }
    }

    /// The dependency that was ready last, and when: what held the unit back.
    pub fn last_ready(&self, unit: usize) -> Option<(UnitDep, f64)> {
        self.nodes[unit]
            .deps
            .iter()
            .map(|dep| (*dep, self.nodes[dep.unit].ready_s(dep.needs)))
            .max_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// A time as the models can use it: finite, not negative, not absurd.
fn seconds(value: f64) -> f64 {
    if value.is_nan() {
        0.0
    } else {
        value.clamp(0.0, LONGEST_S)
    }
}

/// Copies the recorded edges, without those that point nowhere or close a circle, and returns the
/// units with dependencies before dependents.
fn add_acyclic_edges(nodes: &mut [Node], units: &[Unit]) -> Vec<usize> {
    #[derive(Clone, Copy, PartialEq)]
    enum Visit {
        New,
        Open,
        Done,
    }
    let mut state = vec![Visit::New; units.len()];
    let mut order = Vec::with_capacity(units.len());
    let mut stack: Vec<(usize, usize)> = Vec::new();
    for root in 0..units.len() {
        if state[root] == Visit::New {
            state[root] = Visit::Open;
            stack.push((root, 0));
        }
        while let Some((unit, next)) = stack.last_mut() {
            let unit = *unit;
            let Some(dep) = units[unit].deps.get(*next) else {
                state[unit] = Visit::Done;
                order.push(unit);
                stack.pop();
                continue;
            };
            *next += 1;
            match state.get(dep.unit) {
                None | Some(Visit::Open) => continue,
                Some(Visit::New) => {
                    state[dep.unit] = Visit::Open;
                    stack.push((dep.unit, 0));
                }
                Some(Visit::Done) => {}
            }
            nodes[unit].deps.push(*dep);
        }
    }
    for unit in 0..nodes.len() {
        for dep in nodes[unit].deps.clone() {
            nodes[dep.unit].dependents.push(UnitDep {
                unit,
                needs: dep.needs,
            });
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::synthetic;

    #[test]
    fn edges_that_dangle_or_close_a_circle_are_dropped() {
        let mut recording = synthetic::chain(&[1.0, 1.0, 1.0]);
        recording.units[0].deps = vec![synthetic::end(2), synthetic::end(0), synthetic::end(99)];
        let graph = Graph::new(&recording);
        let edges: usize = graph.nodes.iter().map(|node| node.deps.len()).sum();
        assert_eq!(edges, 2, "one edge of the circle of three goes");
        assert_eq!(graph.order.len(), 3);
        let place = |unit| graph.order.iter().position(|&u| u == unit);
        for (unit, node) in graph.nodes.iter().enumerate() {
            for dep in &node.deps {
                assert!(place(dep.unit) < place(unit));
            }
        }
    }

    #[test]
    fn times_become_finite_and_ordered() {
        let mut recording = synthetic::chain(&[1.0]);
        let unit = &mut recording.units[0];
        unit.start_s = f64::NAN;
        unit.metadata_s = Some(f64::INFINITY);
        unit.end_s = -3.0;
        unit.cpu_s = Some(f64::NAN);
        unit.link_s = Some(1e300);
        let node = &Graph::new(&recording).nodes[0];
        assert_eq!(
            (node.start_s, node.metadata_s, node.end_s),
            (0.0, Some(0.0), 0.0)
        );
        assert_eq!((node.link_s, node.cpu_s), (0.0, None));
    }
}
