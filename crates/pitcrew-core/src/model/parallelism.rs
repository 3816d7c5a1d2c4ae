//! How well the machine was used: units under way and CPU used, over time.

use crate::recording::Recording;
use serde::Serialize;

use super::graph::Graph;
use super::steps::{Step, Steps};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Parallelism {
    /// Units under way, over time.
    pub active: Vec<Step>,
    /// Cores in use over time, as far as CPU times are known: each unit's CPU time spread evenly
    /// over its duration.
    pub cpu: Vec<Step>,
    /// Units under way, averaged over the wall time.
    pub mean_units: f64,
    /// Cores in use, averaged over the wall time; none where no CPU time is known.
    pub mean_cores: Option<f64>,
    /// `mean_cores` over the machine's cores.
    pub cpu_utilisation: Option<f64>,
    /// Seconds, and share of the wall time, with just one unit under way.
    pub single_s: f64,
    pub single_share: f64,
    /// Seconds with no unit under way: cargo's own start and end, mostly.
    pub idle_s: f64,
}

pub fn parallelism(recording: &Recording) -> Parallelism {
    let graph = Graph::new(recording);
    let nodes = &graph.nodes;
    let active = Steps::sum(nodes.iter().map(|node| (node.start_s, node.end_s, 1.0)));
    let cpu = Steps::sum(nodes.iter().filter_map(|node| {
        let duration = node.duration_s();
        let cores = node.cpu_s.filter(|_| duration > 0.0)? / duration;
        Some((node.start_s, node.end_s, cores))
    }));
    let wall_s = graph.wall_s;
    let of_wall = |seconds: f64| if wall_s > 0.0 { seconds / wall_s } else { 0.0 };
    let busy_s: f64 = nodes.iter().map(super::graph::Node::duration_s).sum();
    let known = nodes.iter().any(|node| node.cpu_s.is_some());
    let cpu_s: f64 = nodes.iter().filter_map(|node| node.cpu_s).sum();
    let single_s = active.time_where(wall_s, |units| units == 1.0);
    let some_s = active.time_where(wall_s, |units| units > 0.0);
    let mean_cores = known.then(|| of_wall(cpu_s));
    Parallelism {
        mean_units: of_wall(busy_s),
        mean_cores,
        cpu_utilisation: mean_cores.map(|mean| mean / f64::from(graph.cores)),
        single_s,
        single_share: of_wall(single_s),
        idle_s: (wall_s - some_s).max(0.0),
        active: active.points().to_vec(),
        cpu: cpu.points().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::synthetic;

    #[test]
    fn two_units_that_overlap_by_half() {
        let mut recording = synthetic::chain(&[2.0, 2.0]);
        recording.units[1].deps.clear();
        (recording.units[1].start_s, recording.units[1].end_s) = (1.0, 3.0);
        recording.units[0].cpu_s = Some(2.0);
        recording.units[1].cpu_s = Some(3.0);
        recording.wall_s = 4.0;
        recording.cores = 2;
        let found = parallelism(&recording);
        assert_eq!(found.mean_units, 1.0);
        assert_eq!(found.mean_cores, Some(1.25));
        assert_eq!(found.cpu_utilisation, Some(0.625));
        assert_eq!(
            (found.single_s, found.single_share, found.idle_s),
            (2.0, 0.5, 1.0)
        );
    }
}
