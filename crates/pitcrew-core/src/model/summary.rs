//! The build in a few figures: totals by kind of work, the slowest units, and where the workspace's
//! own crates come in.

use crate::recording::{CacheAnswer, Recording, Unit, UnitKind};
use serde::Serialize;

use super::graph::Graph;
use super::steps::Steps;

/// How many of the slowest units are named.
const SLOWEST: usize = 10;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    pub command: String,
    pub profile: String,
    pub wall_s: f64,
    /// None where no CPU time is known.
    pub cpu_s: Option<f64>,
    pub cores: u32,
    pub jobs: u32,
    pub target_bytes: Option<u64>,
    pub all: Total,
    pub members: Total,
    /// By duration, longest first.
    pub slowest: Vec<UnitCost>,
    pub links: Links,
    pub build_script_compiles: Total,
    pub build_script_runs: Total,
    pub proc_macros: Total,
    /// Units that only proc-macros need: syn and its like.
    pub proc_macro_dependencies: Total,
    pub cache_hits: u32,
    /// When the first unit of a member started.
    pub first_member_s: Option<f64>,
    /// From the end of the last dependency to the end of the build.
    pub tail_s: f64,
    /// Seconds with members' units under way and no other.
    pub members_only_s: f64,
}

/// A group of units. The seconds are the sum of durations: with several jobs more than wall time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Total {
    pub units: u32,
    pub duration_s: f64,
    pub cpu_s: f64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Links {
    /// Units that link.
    pub units: u32,
    /// Those whose linker was observed.
    pub observed: u32,
    pub link_s: f64,
    pub longest_s: f64,
    /// The unit that had the longest.
    pub slowest: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnitCost {
    /// Index in the recording's units.
    pub unit: usize,
    pub label: String,
    pub duration_s: f64,
    pub cpu_s: Option<f64>,
    pub link_s: Option<f64>,
}

pub fn summary(recording: &Recording) -> Summary {
    let graph = Graph::new(recording);
    let units = &recording.units;
    let total = |wanted: &dyn Fn(usize, &Unit) -> bool| {
        let chosen = (0..units.len()).filter(|&unit| wanted(unit, &units[unit]));
        total(&graph, chosen)
    };
    let all = total(&|_, _| true);
    let only_for_macros = only_for_proc_macros(&graph, units);
    let known = graph.nodes.iter().any(|node| node.cpu_s.is_some());
    let starts = graph.nodes.iter().filter(|node| node.member);
    let others = graph.nodes.iter().filter(|node| !node.member);
    Summary {
        command: recording.command.clone(),
        profile: recording.profile.clone(),
        wall_s: graph.wall_s,
        cpu_s: known.then_some(all.cpu_s),
        cores: graph.cores,
        jobs: graph.jobs,
        target_bytes: recording.target_bytes,
        all,
        members: total(&|_, unit| unit.member),
        slowest: slowest(&graph, units),
        links: links(&graph, units),
        build_script_compiles: total(&|_, unit| unit.kind == UnitKind::BuildScript),
        build_script_runs: total(&|_, unit| unit.kind == UnitKind::RunBuildScript),
        proc_macros: total(&|_, unit| unit.kind == UnitKind::ProcMacro),
        proc_macro_dependencies: total(&|index, _| only_for_macros[index]),
        cache_hits: total(&|_, unit| unit.cache == Some(CacheAnswer::Hit)).units,
        first_member_s: starts.map(|node| node.start_s).min_by(f64::total_cmp),
        tail_s: graph.wall_s - others.map(|node| node.end_s).fold(0.0, f64::max),
        members_only_s: members_only(&graph),
    }
}

fn total(graph: &Graph, units: impl Iterator<Item = usize>) -> Total {
    units.fold(Total::default(), |sum, unit| {
        let node = &graph.nodes[unit];
        Total {
            units: sum.units + 1,
            duration_s: sum.duration_s + node.duration_s(),
            cpu_s: sum.cpu_s + node.cpu_s.unwrap_or(0.0),
        }
    })
}

fn slowest(graph: &Graph, units: &[Unit]) -> Vec<UnitCost> {
    let mut order: Vec<usize> = (0..units.len()).collect();
    let duration = |unit: &usize| graph.nodes[*unit].duration_s();
    order.sort_by(|a, b| duration(b).total_cmp(&duration(a)).then(a.cmp(b)));
    order.truncate(SLOWEST);
    let cost = |unit: usize| UnitCost {
        unit,
        label: units[unit].label(),
        duration_s: graph.nodes[unit].duration_s(),
        cpu_s: graph.nodes[unit].cpu_s,
        link_s: units[unit].link_s.map(|_| graph.nodes[unit].link_s),
    };
    order.into_iter().map(cost).collect()
}

fn links(graph: &Graph, units: &[Unit]) -> Links {
    let mut found = Links::default();
    for (index, unit) in units.iter().enumerate() {
        found.units += u32::from(unit.kind.links());
        if unit.link_s.is_none() {
            continue;
        }
        let link_s = graph.nodes[index].link_s;
        found.observed += 1;
        found.link_s += link_s;
        if link_s > found.longest_s {
            (found.longest_s, found.slowest) = (link_s, Some(index));
        }
    }
    found
}

/// For each unit whether every way from the build's results to it leads through a proc-macro; the
/// macros themselves are counted apart.
fn only_for_proc_macros(graph: &Graph, units: &[Unit]) -> Vec<bool> {
    let is_macro = |unit: usize| units[unit].kind == UnitKind::ProcMacro;
    let mut by_macro = vec![false; units.len()];
    let mut otherwise = vec![false; units.len()];
    for &unit in graph.order.iter().rev() {
        let node = &graph.nodes[unit];
        otherwise[unit] |= node.dependents.is_empty();
        for dep in &node.deps {
            if is_macro(unit) {
                by_macro[dep.unit] = true;
            } else {
                by_macro[dep.unit] |= by_macro[unit];
                otherwise[dep.unit] |= otherwise[unit];
            }
        }
    }
    (0..units.len())
        .map(|unit| by_macro[unit] && !otherwise[unit] && !is_macro(unit))
        .collect()
}

fn members_only(graph: &Graph) -> f64 {
    let active = |member: bool| {
        let nodes = graph.nodes.iter().filter(|node| node.member == member);
        Steps::sum(nodes.map(|node| (node.start_s, node.end_s, 1.0)))
    };
    active(true)
        .zip(&active(false), |own, other| {
            f64::from(u8::from(own > 0.0 && other == 0.0))
        })
        .integral(0.0, graph.wall_s)
}

impl Links {
    /// Whether the linker was seen at work for any unit.
    pub fn known(&self) -> bool {
        self.observed > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::synthetic;

    #[test]
    fn totals_by_kind_and_the_tail() {
        // syn <- derive (macro) <- app (lib, member) <- app (bin, member)
        let mut recording = synthetic::chain(&[2.0, 1.0, 3.0, 1.5]);
        recording.units[1].kind = UnitKind::ProcMacro;
        recording.units[2].member = true;
        recording.units[3].member = true;
        recording.units[3].kind = UnitKind::Bin;
        recording.units[3].link_s = Some(0.5);
        recording.wall_s = 8.0;
        let found = summary(&recording);
        assert_eq!(found.proc_macros.duration_s, 1.0);
        assert_eq!(found.proc_macro_dependencies.duration_s, 2.0);
        assert_eq!((found.members.units, found.first_member_s), (2, Some(3.0)));
        assert_eq!((found.tail_s, found.members_only_s), (5.0, 4.5));
        assert_eq!((found.links.units, found.links.observed), (2, 1));
        assert_eq!((found.links.link_s, found.links.slowest), (0.5, Some(3)));
        assert_eq!(found.slowest[0].unit, 2);
        assert_eq!(found.cpu_s, None);
    }

    #[test]
    fn what_others_need_too_is_not_the_macros_alone() {
        let mut recording = synthetic::chain(&[2.0, 1.0, 3.0]);
        recording.units[1].kind = UnitKind::ProcMacro;
        recording.units[2].deps.push(synthetic::end(0));
        assert_eq!(summary(&recording).proc_macro_dependencies.units, 0);
    }
}
