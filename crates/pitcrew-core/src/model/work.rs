//! What each unit would need if it had the machine to itself, estimated from a recording where it
//! did not.
//!
//! A unit is up to three phases: the front end until its metadata is ready, which uses one thread;
//! code generation, which rustc spreads over threads; and the link. A unit without metadata has no
//! visible border between the first two, so both count as code generation.
//!
//! Two things are estimated, both from the recording alone. While more threads were wanted than
//! there were cores, each got a share, and the time is shortened to that share, though never below
//! the CPU time used. And how well code generation spreads follows from the CPU time per second that
//! it reached with the cores that were left for it: Amdahl's law, solved for the serial part.

use crate::recording::Recording;

use super::graph::Graph;
use super::steps::Steps;

/// Threads beyond rustc's own default number of codegen units have nothing to do.
/// Source: `rustc_session`, `Session::codegen_units`, where 16 is the default.
const DEFAULT_CODEGEN_UNITS: u32 = 16;

/// A code generation shorter than this says nothing about how well it spreads.
const SHORTEST_SAMPLE_S: f64 = 0.1;

/// Cores that must have been free for it to show, on average.
const FEWEST_FREE_CORES: f64 = 1.2;

/// One unit's needs, in seconds on one otherwise idle core.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Work {
    pub front_s: f64,
    pub codegen_s: f64,
    pub link_s: f64,
    /// The part of the code generation that cannot be spread, from 0 to 1.
    pub serial: f64,
    /// Threads that the code generation can use at most.
    pub threads: f64,
}

impl Work {
    /// How much faster than on one core the code generation runs on `cores`.
    pub fn codegen_speed(&self, cores: f64) -> f64 {
        if cores <= 1.0 {
            return cores;
        }
        let cores = cores.min(self.threads);
        1.0 / (self.serial + (1.0 - self.serial) / cores)
    }

    /// Seconds with all the cores it can use.
    pub fn shortest_s(&self) -> f64 {
        self.front_s + self.codegen_s / self.codegen_speed(f64::INFINITY) + self.link_s
    }
}

/// What the units need, and how long cargo took to start a unit that could start.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Works {
    pub units: Vec<Work>,
    pub dispatch_s: f64,
}

/// The phases of a unit on the recording's clock.
struct Spans {
    front: (f64, f64),
    codegen: (f64, f64),
    link: (f64, f64),
    /// CPU seconds of the code generation.
    codegen_cpu_s: Option<f64>,
}

impl Spans {
    fn threads(&self) -> f64 {
        let duration = length(self.codegen);
        match self.codegen_cpu_s {
            Some(cpu_s) if duration > 0.0 => (cpu_s / duration).max(1.0),
            _ => 1.0,
        }
    }
}

pub fn works(recording: &Recording, graph: &Graph) -> Works {
    let spans: Vec<Spans> = spans(graph);
    let cores = f64::from(graph.cores);
    let share = share(&spans, cores);
    let left_for_codegen = left_for_codegen(&spans, cores);
    let samples: Vec<Option<Sample>> = spans
        .iter()
        .map(|spans| sample(spans, &share, &left_for_codegen))
        .collect();
    let typical = typical_serial(&samples);
    let units = spans.iter().zip(&samples).enumerate();
    let work = |(index, (spans, sample)): (usize, (&Spans, &Option<Sample>))| {
        let threads = recording.units[index].profile.codegen_units;
        let codegen_s = share.integral(spans.codegen.0, spans.codegen.1);
        Work {
            front_s: share.integral(spans.front.0, spans.front.1),
            codegen_s: codegen_s.max(spans.codegen_cpu_s.unwrap_or(0.0)),
            link_s: share.integral(spans.link.0, spans.link.1),
            serial: sample.as_ref().map_or(typical, |sample| sample.serial),
            threads: f64::from(threads.unwrap_or(DEFAULT_CODEGEN_UNITS).max(1)),
        }
    };
    Works {
        units: units.map(work).collect(),
        dispatch_s: dispatch(graph),
    }
}

fn spans(graph: &Graph) -> Vec<Spans> {
    let spans = |node: &super::graph::Node| {
        let front_end = node.metadata_s.unwrap_or(node.start_s);
        let link_start = node.end_s - node.link_s;
        let front = (node.start_s, front_end);
        // The front end has one thread and seldom waits; the rest of the CPU time is the others'.
        let rest = node.cpu_s.map(|cpu| cpu - length(front) - node.link_s);
        Spans {
            front,
            codegen: (front_end, link_start),
            link: (link_start, node.end_s),
            codegen_cpu_s: rest.map(|cpu| cpu.max(0.0)),
        }
    };
    graph.nodes.iter().map(spans).collect()
}

fn length((from, to): (f64, f64)) -> f64 {
    (to - from).max(0.0)
}

/// The share of a core that each thread got, over time.
fn share(spans: &[Spans], cores: f64) -> Steps {
    let wanted = Steps::sum(spans.iter().flat_map(|unit| {
        [
            (unit.front.0, unit.front.1, 1.0),
            (unit.codegen.0, unit.codegen.1, unit.threads()),
            (unit.link.0, unit.link.1, 1.0),
        ]
    }));
    wanted.map(|threads| {
        if threads > cores {
            cores / threads
        } else {
            1.0
        }
    })
}

/// The cores that each unit in code generation could use, over time.
fn left_for_codegen(spans: &[Spans], cores: f64) -> Steps {
    let codegen = Steps::sum(spans.iter().map(|s| (s.codegen.0, s.codegen.1, 1.0)));
    let single = Steps::sum(
        spans
            .iter()
            .flat_map(|s| [s.front, s.link].map(|(from, to)| (from, to, 1.0))),
    );
    codegen.zip(&single, |codegen, single| {
        if codegen > 0.0 {
            ((cores - single) / codegen).max(1.0)
        } else {
            0.0
        }
    })
}

/// What one unit's code generation tells about its serial part.
struct Sample {
    serial: f64,
    weight: f64,
}

fn sample(spans: &Spans, share: &Steps, left: &Steps) -> Option<Sample> {
    let (from, to) = spans.codegen;
    let own_s = share.integral(from, to);
    let cores = left.mean(from, to);
    let cpu_s = spans.codegen_cpu_s?;
    if own_s < SHORTEST_SAMPLE_S || cores < FEWEST_FREE_CORES {
        return None;
    }
    let speed = (cpu_s / own_s).clamp(1.0, cores);
    let serial = (1.0 / speed - 1.0 / cores) / (1.0 - 1.0 / cores);
    Some(Sample {
        serial: serial.clamp(0.0, 1.0),
        weight: own_s,
    })
}

/// For the units that say nothing themselves: the mean of those that do, or no spreading at all.
fn typical_serial(samples: &[Option<Sample>]) -> f64 {
    let known = samples.iter().flatten();
    let weight: f64 = known.clone().map(|sample| sample.weight).sum();
    let sum: f64 = known.map(|sample| sample.serial * sample.weight).sum();
    if weight > 0.0 { sum / weight } else { 1.0 }
}

/// The median time between readiness and start where a job was free.
fn dispatch(graph: &Graph) -> f64 {
    let active = Steps::sum(graph.nodes.iter().map(|n| (n.start_s, n.end_s, 1.0)));
    let jobs = f64::from(graph.jobs);
    let gap = |unit: usize| {
        let (_, ready_s) = graph.last_ready(unit)?;
        let start_s = graph.nodes[unit].start_s;
        let free = start_s > ready_s && active.mean(ready_s, start_s) < jobs - 0.5;
        free.then_some(start_s - ready_s)
    };
    let mut gaps: Vec<f64> = (0..graph.nodes.len()).filter_map(gap).collect();
    gaps.sort_by(f64::total_cmp);
    gaps.get(gaps.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::synthetic;

    fn works_of(recording: &Recording) -> Works {
        works(recording, &Graph::new(recording))
    }

    #[test]
    fn code_generation_that_used_two_cores_spreads() {
        let mut recording = synthetic::chain(&[3.0]);
        recording.units[0].metadata_s = Some(1.0);
        recording.units[0].cpu_s = Some(1.0 + 4.0);
        let work = works_of(&recording).units[0];
        assert_eq!((work.front_s, work.codegen_s, work.serial), (1.0, 4.0, 0.0));
        assert_eq!(work.codegen_speed(2.0), 2.0);
        assert_eq!(work.codegen_speed(0.5), 0.5);
    }

    #[test]
    fn code_generation_that_used_one_of_two_cores_does_not() {
        let mut recording = synthetic::chain(&[3.0]);
        recording.units[0].cpu_s = Some(3.0);
        let work = works_of(&recording).units[0];
        assert_eq!((work.codegen_s, work.serial), (3.0, 1.0));
        assert_eq!(work.codegen_speed(8.0), 1.0);
    }

    #[test]
    fn a_crowd_on_one_core_is_shortened_but_not_below_its_cpu_time() {
        let mut recording = synthetic::chain(&[4.0, 4.0]);
        (recording.cores, recording.jobs) = (1, 2);
        recording.units[1].deps.clear();
        (recording.units[1].start_s, recording.units[1].end_s) = (0.0, 4.0);
        recording.units[0].cpu_s = Some(3.0);
        recording.units[1].cpu_s = Some(1.0);
        let works = works_of(&recording);
        assert_eq!(works.units[0].codegen_s, 3.0);
        assert_eq!(works.units[1].codegen_s, 2.0);
    }
}
