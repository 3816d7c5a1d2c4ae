//! Whether the jobs fit in memory. Only each unit's own peak is known, not when it had it, so sums
//! of concurrent peaks are upper bounds: what is said to fit does fit.

use crate::recording::Recording;
use serde::Serialize;

use super::graph::Graph;
use super::steps::{Step, Steps};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Memory {
    /// Sum of the peaks of the units under way, in bytes, over time.
    pub bound: Vec<Step>,
    /// The highest of it, and when.
    pub peak_bytes: u64,
    pub peak_at_s: f64,
    /// The units under way then, largest first.
    pub peak_units: Vec<usize>,
    /// 0 where unknown.
    pub machine_bytes: u64,
    pub jobs: u32,
    /// What the `jobs` largest units would hold if they ever met.
    pub worst_case_bytes: u64,
    /// The largest `--jobs` with which even that fits the machine; at least 1. None where no limit
    /// is known: no peak was recorded, the machine's memory is unknown, or all units fit at once.
    pub largest_jobs: Option<u32>,
}

pub fn memory(recording: &Recording) -> Memory {
    let graph = Graph::new(recording);
    let bound = Steps::sum(graph.nodes.iter().filter_map(|node| {
        let bytes = node.peak_bytes?;
        Some((node.start_s, node.end_s, bytes as f64))
    }));
    let peak = bound.max();
    let peak_at_s = peak.map_or(0.0, |point| point.at_s);
    let mut peak_units: Vec<usize> = (0..graph.nodes.len())
        .filter(|&unit| {
            let node = &graph.nodes[unit];
            node.start_s <= peak_at_s && peak_at_s < node.end_s && node.peak_bytes.is_some()
        })
        .collect();
    peak_units.sort_by_key(|&unit| std::cmp::Reverse(graph.nodes[unit].peak_bytes));

    let mut peaks: Vec<u64> = graph.nodes.iter().filter_map(|n| n.peak_bytes).collect();
    peaks.sort_unstable_by(|a, b| b.cmp(a));
    let worst_case = |jobs: usize| sum(peaks.iter().take(jobs));
    let fitting = (1..=peaks.len())
        .take_while(|&jobs| worst_case(jobs) <= recording.memory_bytes)
        .count();
    let limited = recording.memory_bytes > 0 && fitting < peaks.len();
    Memory {
        bound: bound.points().to_vec(),
        peak_bytes: peak.map_or(0, |point| point.value as u64),
        peak_at_s,
        peak_units,
        machine_bytes: recording.memory_bytes,
        jobs: graph.jobs,
        worst_case_bytes: worst_case(graph.jobs as usize),
        largest_jobs: limited.then(|| u32::try_from(fitting.max(1)).unwrap_or(u32::MAX)),
    }
}

fn sum<'a>(bytes: impl Iterator<Item = &'a u64>) -> u64 {
    bytes.fold(0, |sum, bytes| sum.saturating_add(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::synthetic;

    const GIB: u64 = 1 << 30;

    #[test]
    fn concurrent_peaks_add_up_and_limit_the_jobs() {
        let mut recording = synthetic::chain(&[2.0, 2.0, 2.0]);
        for (unit, gib) in recording.units.iter_mut().zip([1, 3, 2]) {
            unit.peak_bytes = Some(gib * GIB);
        }
        recording.units[2].start_s = 3.0;
        recording.jobs = 3;
        recording.memory_bytes = 5 * GIB;
        let found = memory(&recording);
        assert_eq!((found.peak_bytes, found.peak_at_s), (5 * GIB, 3.0));
        assert_eq!(found.peak_units, [1, 2]);
        assert_eq!(found.worst_case_bytes, 6 * GIB);
        assert_eq!(found.largest_jobs, Some(2));
        recording.memory_bytes = 6 * GIB;
        assert_eq!(memory(&recording).largest_jobs, None, "all of it fits");
        recording.memory_bytes = 1;
        assert_eq!(memory(&recording).largest_jobs, Some(1));
    }
}
