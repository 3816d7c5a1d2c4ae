//! The chain of units that the build's wall time is made of: from the last unit to end, back through
//! whatever each waited for last. A dependent starts at its dependency's metadata where pipelining
//! allows it, so a step may count less than its unit's whole duration.

use crate::recording::{Needs, Recording};
use serde::Serialize;

use super::graph::Graph;
use super::steps::Steps;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CriticalPath {
    /// In order of time.
    pub steps: Vec<PathStep>,
    /// What the steps took themselves.
    pub work_s: f64,
    /// What they waited although their dependencies were ready.
    pub waiting_s: f64,
    /// The part of the waiting that was for a free core.
    pub core_waiting_s: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PathStep {
    /// Index in the recording's units.
    pub unit: usize,
    pub label: String,
    pub start_s: f64,
    /// When the next step was free to go, or this last unit ended.
    pub until_s: f64,
    /// Whether the next step needed only the metadata.
    pub until: Needs,
    /// This step's share of the path: from when nothing but itself held it up until `until_s`.
    pub own_s: f64,
    /// Between its last dependency's readiness and its start.
    pub waited_s: f64,
    pub wait: Wait,
}

/// Why a unit did not start when it could.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wait {
    /// All jobs were taken.
    FreeCore,
    /// A job was free: cargo's own work, a lock, or starting the process.
    Cargo,
}

pub fn critical_path(recording: &Recording) -> CriticalPath {
    let graph = Graph::new(recording);
    let active = Steps::sum(
        graph
            .nodes
            .iter()
            .map(|node| (node.start_s, node.end_s, 1.0)),
    );
    let last = (0..graph.nodes.len())
        .max_by(|&a, &b| graph.nodes[a].end_s.total_cmp(&graph.nodes[b].end_s));
    let mut steps = Vec::new();
    let mut next = last.map(|unit| (unit, Needs::End, graph.nodes[unit].end_s));
    while let Some((unit, until, until_s)) = next {
        let node = &graph.nodes[unit];
        let held_by = graph.last_ready(unit);
        let ready_s = held_by.map_or(0.0, |(_, ready_s)| ready_s);
        // Clocks of two processes may disagree by a little: then the unit "starts" too early.
        let from_s = node.start_s.max(ready_s).min(until_s);
        let waited_s = (node.start_s.min(until_s) - ready_s).max(0.0);
        let busy = active.mean(ready_s, node.start_s) >= f64::from(graph.jobs) - 0.5;
        steps.push(PathStep {
            unit,
            label: recording.units[unit].label(),
            start_s: node.start_s,
            until_s,
            until,
            own_s: until_s - from_s,
            waited_s,
            wait: if busy { Wait::FreeCore } else { Wait::Cargo },
        });
        next = held_by.map(|(dep, ready_s)| (dep.unit, dep.needs, ready_s.min(until_s)));
    }
    steps.reverse();
    let waiting = |step: &&PathStep| step.wait == Wait::FreeCore;
    CriticalPath {
        work_s: steps.iter().map(|step| step.own_s).sum(),
        waiting_s: steps.iter().map(|step| step.waited_s).sum(),
        core_waiting_s: steps.iter().filter(waiting).map(|s| s.waited_s).sum(),
        steps,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::synthetic;

    #[test]
    fn a_step_ends_where_its_metadata_lets_the_next_begin() {
        let mut recording = synthetic::chain(&[4.0, 3.0]);
        recording.units[0].metadata_s = Some(1.0);
        recording.units[1].start_s = 1.5;
        recording.units[1].end_s = 6.0;
        recording.units[1].deps[0].needs = Needs::Metadata;
        recording.jobs = 8;
        let path = critical_path(&recording);
        let own: Vec<f64> = path.steps.iter().map(|step| step.own_s).collect();
        assert_eq!(own, [1.0, 4.5]);
        assert_eq!((path.work_s, path.waiting_s), (5.5, 0.5));
        assert_eq!(path.steps[0].until, Needs::Metadata);
        assert_eq!(path.steps[1].wait, Wait::Cargo);
    }

    #[test]
    fn waiting_while_all_jobs_are_taken_is_waiting_for_a_core() {
        let mut recording = synthetic::chain(&[1.0, 1.0]);
        recording.jobs = 1;
        let mut other = recording.units[0].clone();
        (other.start_s, other.end_s) = (1.0, 3.0);
        recording.units.push(other);
        (recording.units[1].start_s, recording.units[1].end_s) = (3.0, 4.0);
        let path = critical_path(&recording);
        assert_eq!(path.steps.len(), 2);
        assert_eq!(path.steps[1].waited_s, 2.0);
        assert_eq!(path.steps[1].wait, Wait::FreeCore);
        assert_eq!(path.core_waiting_s, 2.0);
    }

    proptest! {
        #[test]
        fn work_and_waiting_add_up_to_the_last_end(recording in synthetic::realistic()) {
            let path = critical_path(&recording);
            let last = recording.units.iter().map(|unit| unit.end_s).fold(0.0, f64::max);
            prop_assert!((path.work_s + path.waiting_s - last).abs() < 1e-6);
            prop_assert!(path.work_s <= recording.wall_s + 1e-6);
        }
    }
}
