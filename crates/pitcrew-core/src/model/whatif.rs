//! What a build would take on other cores, with cheaper units or without some packages: the recorded
//! graph is replayed by the rules that cargo schedules by.
//!
//! Each unit takes a job when its dependencies are ready; among several, the one that most others
//! wait for goes first, as in cargo's queue. Cores are shared: threads that exceed them slow each
//! other down, cores that are left over go to code generation. Since the replay at the recorded
//! number of jobs can be compared with the recorded wall time, the model knows its own error.
//!
//! List scheduling has anomalies (Graham, 1969): one core more can, in odd graphs, make it slower. So
//! a prediction for more cores is not guaranteed to be lower, though it nearly always is.

mod queue;

use std::collections::{BTreeMap, BTreeSet};

use crate::recording::{Needs, Recording};
use serde::Serialize;

use super::graph::Graph;
use super::work::{Work, Works, works};
use queue::{Queue, waiting_units};

/// What is different from the recorded build.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scenario {
    pub cores: u32,
    /// As many as cores where none.
    pub jobs: Option<u32>,
    /// Factors on the work of units, by index; units that are not named stay as they are.
    pub scale: BTreeMap<usize, Scale>,
    /// Units that are not built. Nothing waits for them.
    pub removed: BTreeSet<usize>,
}

/// Factors on one unit's phases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    pub front: f64,
    pub codegen: f64,
    pub link: f64,
}

impl Scale {
    pub const NONE: Self = Self {
        front: 1.0,
        codegen: 1.0,
        link: 1.0,
    };
}

impl Scenario {
    /// As recorded, but on this many cores with as many jobs.
    pub fn on_cores(cores: u32) -> Self {
        Self {
            cores,
            ..Self::default()
        }
    }

    /// The recorded machine and jobs.
    pub fn as_recorded(recording: &Recording) -> Self {
        Self {
            cores: recording.cores,
            jobs: Some(recording.jobs),
            ..Self::default()
        }
    }

    /// Without the packages, by name and version.
    #[must_use]
    pub fn without(mut self, recording: &Recording, packages: &BTreeSet<(&str, &str)>) -> Self {
        let gone = |index: &usize| {
            let unit = &recording.units[*index];
            packages.contains(&(unit.package.as_str(), unit.version.as_str()))
        };
        self.removed.extend((0..recording.units.len()).filter(gone));
        self
    }
}

/// What the replay came to.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Prediction {
    pub cores: u32,
    pub jobs: u32,
    pub wall_s: f64,
    /// Units under way, averaged over the wall time.
    pub mean_units: f64,
    /// The highest sum of the peaks of concurrent units: an upper bound.
    pub peak_bytes: u64,
    /// What no number of cores can go below.
    pub bound_s: f64,
}

/// The model against the build that it was made from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct ReplayCheck {
    pub jobs: u32,
    pub predicted_s: f64,
    pub measured_s: f64,
    /// Predicted over measured, less 1: `0.03` is 3 % too slow.
    pub error: f64,
    /// What no number of cores goes below: the longest chain of dependencies.
    pub bound_s: f64,
}

pub fn replay(recording: &Recording, scenario: &Scenario) -> Prediction {
    Model::new(recording).replay(scenario)
}

pub fn check(recording: &Recording) -> ReplayCheck {
    Model::new(recording).check()
}

/// A recording prepared for any number of replays.
#[derive(Debug, Clone)]
pub struct Model {
    graph: Graph,
    works: Works,
    /// How many units wait for each, directly or not: cargo's own order of preference.
    priority: Vec<u32>,
}

impl Model {
    pub fn new(recording: &Recording) -> Self {
        let graph = Graph::new(recording);
        Self {
            works: works(recording, &graph),
            priority: waiting_units(&graph),
            graph,
        }
    }

    pub(super) fn graph(&self) -> &Graph {
        &self.graph
    }

    pub fn check(&self) -> ReplayCheck {
        let scenario = Scenario {
            cores: self.graph.cores,
            jobs: Some(self.graph.jobs),
            ..Scenario::default()
        };
        let prediction = self.replay(&scenario);
        let predicted_s = prediction.wall_s;
        let measured_s = self.graph.wall_s;
        ReplayCheck {
            jobs: self.graph.jobs,
            predicted_s,
            measured_s,
            bound_s: prediction.bound_s,
            error: if measured_s > 0.0 {
                predicted_s / measured_s - 1.0
            } else {
                0.0
            },
        }
    }

    pub fn replay(&self, scenario: &Scenario) -> Prediction {
        let cores = scenario.cores.max(1);
        let jobs = scenario.jobs.unwrap_or(cores).max(1);
        let works = self.scaled(scenario);
        let mut queue = Queue::new(&self.graph, &self.priority, &scenario.removed);
        let mut running: Vec<Running> = Vec::new();
        let mut now_s = 0.0;
        let mut busy_s = 0.0;
        let mut bytes = 0_u64;
        let mut peak_bytes = 0_u64;
        loop {
            while running.len() < jobs as usize
                && let Some(unit) = queue.next()
            {
                bytes = bytes.saturating_add(self.peak(unit));
                running.push(Running::new(unit, &works[unit], self.works.dispatch_s));
            }
            peak_bytes = peak_bytes.max(bytes);
            let speeds = speeds(&running, &works, cores);
            let times = running.iter().zip(&speeds);
            let step_s = times.map(|(unit, speed)| unit.left_s() / speed);
            let Some(step_s) = step_s.min_by(f64::total_cmp) else {
                break;
            };
            now_s += step_s;
            busy_s += step_s * running.len() as f64;
            for (unit, speed) in running.iter_mut().zip(&speeds) {
                unit.advance(step_s * speed);
                if unit.phase > 0 && self.graph.nodes[unit.unit].metadata_s.is_some() {
                    queue.ready(&self.graph, unit.unit, Needs::Metadata);
                }
                if unit.is_done() {
                    bytes = bytes.saturating_sub(self.peak(unit.unit));
                    queue.ready(&self.graph, unit.unit, Needs::Metadata);
                    queue.ready(&self.graph, unit.unit, Needs::End);
                }
            }
            running.retain(|unit| !unit.is_done());
        }
        let around_s = self.around_s();
        let wall_s = now_s + around_s;
        Prediction {
            cores,
            jobs,
            wall_s,
            mean_units: if wall_s > 0.0 { busy_s / wall_s } else { 0.0 },
            peak_bytes,
            bound_s: self.longest_chain_s(&works, scenario) + around_s,
        }
    }

    fn peak(&self, unit: usize) -> u64 {
        self.graph.nodes[unit].peak_bytes.unwrap_or(0)
    }

    fn scaled(&self, scenario: &Scenario) -> Vec<Work> {
        let scaled = |(index, work): (usize, &Work)| {
            let scale = scenario.scale.get(&index).unwrap_or(&Scale::NONE);
            let by = |factor: f64| {
                if factor.is_finite() {
                    factor.max(0.0)
                } else {
                    1.0
                }
            };
            Work {
                front_s: work.front_s * by(scale.front),
                codegen_s: work.codegen_s * by(scale.codegen),
                link_s: work.link_s * by(scale.link),
                ..*work
            }
        };
        self.works.units.iter().enumerate().map(scaled).collect()
    }

    /// Before the first unit and after the last: cargo's own time.
    fn around_s(&self) -> f64 {
        let nodes = &self.graph.nodes;
        let first_s = nodes.iter().map(|node| node.start_s).min_by(f64::total_cmp);
        let last_s = nodes.iter().map(|node| node.end_s).max_by(f64::total_cmp);
        self.graph.wall_s - last_s.unwrap_or(0.0) + first_s.unwrap_or(0.0)
    }

    /// The longest chain when each unit has all the cores it can use.
    fn longest_chain_s(&self, works: &[Work], scenario: &Scenario) -> f64 {
        let mut ends = vec![0.0_f64; works.len()];
        let mut metadata = vec![0.0_f64; works.len()];
        for &unit in &self.graph.order {
            if scenario.removed.contains(&unit) {
                continue;
            }
            let node = &self.graph.nodes[unit];
            let ready = |dep: &crate::recording::UnitDep| match dep.needs {
                Needs::Metadata => metadata[dep.unit],
                Needs::End => ends[dep.unit],
            };
            let start_s = node.deps.iter().map(ready).fold(0.0, f64::max);
            let start_s = start_s + self.works.dispatch_s;
            ends[unit] = start_s + works[unit].shortest_s();
            metadata[unit] = match node.metadata_s {
                Some(_) => start_s + works[unit].front_s,
                None => ends[unit],
            };
        }
        ends.into_iter().fold(0.0, f64::max)
    }
}

/// A unit under way: its phases' work, and what is left of the present one.
struct Running {
    unit: usize,
    phase: usize,
    left: [f64; 3],
}

impl Running {
    fn new(unit: usize, work: &Work, dispatch_s: f64) -> Self {
        let left = [work.front_s + dispatch_s, work.codegen_s, work.link_s];
        Self {
            unit,
            phase: 0,
            left,
        }
    }

    fn left_s(&self) -> f64 {
        self.left.get(self.phase).copied().unwrap_or(0.0)
    }

    fn is_done(&self) -> bool {
        self.phase >= self.left.len()
    }

    /// Takes off work; what is as good as nothing counts as done, so that time always moves on.
    fn advance(&mut self, work_s: f64) {
        if let Some(left) = self.left.get_mut(self.phase) {
            *left -= work_s;
            if *left <= 1e-9 {
                self.phase += 1;
            }
        }
    }

    fn spreads(&self) -> bool {
        self.phase == 1
    }
}

/// Work per second of each running unit.
fn speeds(running: &[Running], works: &[Work], cores: u32) -> Vec<f64> {
    let cores = f64::from(cores);
    let units = running.len() as f64;
    if units >= cores {
        return vec![cores / units; running.len()];
    }
    let spreading = running.iter().filter(|unit| unit.spreads()).count() as f64;
    let each = (cores - (units - spreading)) / spreading.max(1.0);
    let speed = |unit: &Running| {
        if unit.spreads() {
            works[unit.unit].codegen_speed(each)
        } else {
            1.0
        }
    };
    running.iter().map(speed).collect()
}

#[cfg(test)]
mod tests;
