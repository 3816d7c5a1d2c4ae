//! What would vanish from the build if a direct dependency did: the packages that the workspace
//! reaches through that dependency alone. In graph terms the dependency's edges dominate them; it is
//! found by walking the graph without those edges, once per direct dependency.

use std::collections::{BTreeMap, BTreeSet};

use crate::recording::Recording;
use guppy::graph::PackageGraph;
use serde::{Deserialize, Serialize};

use super::whatif::{Model, Scenario};

/// A package and what it depends on, by index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackageNode {
    pub name: String,
    pub version: String,
    /// A member of the workspace.
    pub member: bool,
    pub deps: Vec<usize>,
}

/// A direct dependency of the workspace, and what is built for it alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DirectDependency {
    pub name: String,
    pub version: String,
    /// `name version`, the dependency itself first; empty where other packages need it as well.
    pub packages: Vec<String>,
    pub units: u32,
    /// Sum of the durations of these packages' units.
    pub duration_s: f64,
    pub cpu_s: f64,
    /// Wall time that the build would lose without them, by the replay.
    pub wall_s: f64,
}

/// The direct dependencies of the members, the most expensive first. Packages that were not built
/// (another platform's, say) are left out, and nothing is reached through them.
pub fn direct_dependencies(recording: &Recording, nodes: &[PackageNode]) -> Vec<DirectDependency> {
    let model = Model::new(recording);
    let as_recorded = Scenario::as_recorded(recording);
    let full_s = model.replay(&as_recorded).wall_s;
    let units = units_by_package(recording);
    let built =
        |node: &PackageNode| units.contains_key(&(node.name.as_str(), node.version.as_str()));
    let reach = Reach::new(nodes, built);
    let mut found: Vec<DirectDependency> = reach
        .direct()
        .into_iter()
        .map(|direct| {
            let mut scenario = as_recorded.clone();
            let gone = reach.only_through(direct);
            for &node in &gone {
                let key = (nodes[node].name.as_str(), nodes[node].version.as_str());
                scenario
                    .removed
                    .extend(units.get(&key).into_iter().flatten());
            }
            let saved_s = if gone.is_empty() {
                0.0
            } else {
                full_s - model.replay(&scenario).wall_s
            };
            let duration = |unit: &usize| model.graph().nodes[*unit].duration_s();
            let cpu = |unit: &usize| model.graph().nodes[*unit].cpu_s.unwrap_or(0.0);
            let name = |node: &usize| format!("{} {}", nodes[*node].name, nodes[*node].version);
            let removed = &scenario.removed;
            DirectDependency {
                name: nodes[direct].name.clone(),
                version: nodes[direct].version.clone(),
                packages: gone.iter().map(name).collect(),
                units: u32::try_from(removed.len()).unwrap_or(u32::MAX),
                duration_s: removed.iter().map(duration).sum(),
                cpu_s: removed.iter().map(cpu).sum(),
                wall_s: saved_s.max(0.0),
            }
        })
        .collect();
    found.sort_by(|a, b| {
        let by_time = b.wall_s.total_cmp(&a.wall_s);
        by_time
            .then(b.duration_s.total_cmp(&a.duration_s))
            .then_with(|| a.name.cmp(&b.name))
    });
    found
}

fn units_by_package(recording: &Recording) -> BTreeMap<(&str, &str), Vec<usize>> {
    let mut units: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (index, unit) in recording.units.iter().enumerate() {
        let key = (unit.package.as_str(), unit.version.as_str());
        units.entry(key).or_default().push(index);
    }
    units
}

/// Reachability among the packages that were built.
struct Reach<'a> {
    nodes: &'a [PackageNode],
    built: Vec<bool>,
}

impl<'a> Reach<'a> {
    fn new(nodes: &'a [PackageNode], built: impl Fn(&PackageNode) -> bool) -> Self {
        let built = nodes
            .iter()
            .map(|node| node.member || built(node))
            .collect();
        Self { nodes, built }
    }

    fn deps(&self, node: usize) -> impl Iterator<Item = usize> {
        let deps = self.nodes[node].deps.iter().copied();
        deps.filter(|&dep| self.built.get(dep).copied().unwrap_or(false))
    }

    fn members(&self) -> impl Iterator<Item = usize> {
        (0..self.nodes.len()).filter(|&node| self.nodes[node].member)
    }

    fn direct(&self) -> BTreeSet<usize> {
        self.members()
            .flat_map(|member| self.deps(member))
            .filter(|&dep| !self.nodes[dep].member)
            .collect()
    }

    /// The packages that no member reaches once no member depends on `direct`, itself first.
    fn only_through(&self, direct: usize) -> Vec<usize> {
        let kept = self.reached(self.members(), Some(direct));
        if kept[direct] {
            return Vec::new();
        }
        let below = self.reached(std::iter::once(direct), None);
        let others = (0..self.nodes.len()).filter(|&n| n != direct && below[n] && !kept[n]);
        std::iter::once(direct).chain(others).collect()
    }

    fn reached(&self, from: impl Iterator<Item = usize>, without: Option<usize>) -> Vec<bool> {
        let mut seen = vec![false; self.nodes.len()];
        let mut stack: Vec<usize> = from.collect();
        while let Some(node) = stack.pop() {
            if std::mem::replace(&mut seen[node], true) {
                continue;
            }
            let cut = |dep: &usize| !(self.nodes[node].member && Some(*dep) == without);
            stack.extend(self.deps(node).filter(cut));
        }
        seen
    }
}

/// The packages of a workspace, with normal, build and development links.
pub fn packages(graph: &PackageGraph) -> Vec<PackageNode> {
    let all: Vec<_> = graph.packages().collect();
    let index: BTreeMap<_, usize> = all.iter().enumerate().map(|(i, p)| (p.id(), i)).collect();
    let node = |package: &guppy::graph::PackageMetadata<'_>| PackageNode {
        name: package.name().to_owned(),
        version: package.version().to_string(),
        member: package.in_workspace(),
        deps: package
            .direct_links()
            .filter_map(|link| index.get(link.to().id()).copied())
            .collect(),
    };
    all.iter().map(node).collect()
}

/// The packages as the recorded units depend on each other: exactly what was built, with the
/// features and the platform of that build.
pub fn recorded_packages(recording: &Recording) -> Vec<PackageNode> {
    let mut index: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut nodes: Vec<PackageNode> = Vec::new();
    let mut package_of = Vec::with_capacity(recording.units.len());
    for unit in &recording.units {
        let node = *index
            .entry((&unit.package, &unit.version))
            .or_insert_with(|| {
                nodes.push(PackageNode {
                    name: unit.package.clone(),
                    version: unit.version.clone(),
                    ..PackageNode::default()
                });
                nodes.len() - 1
            });
        nodes[node].member |= unit.member;
        package_of.push(node);
    }
    for (unit, &package) in recording.units.iter().zip(&package_of) {
        for dep in &unit.deps {
            if let Some(&dep) = package_of.get(dep.unit)
                && dep != package
                && !nodes[package].deps.contains(&dep)
            {
                nodes[package].deps.push(dep);
            }
        }
    }
    nodes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::synthetic;

    fn node(name: &str, member: bool, deps: &[usize]) -> PackageNode {
        PackageNode {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            member,
            deps: deps.to_vec(),
        }
    }

    /// app -> a -> {shared, only}, app -> b -> shared
    fn recording() -> (Recording, Vec<PackageNode>) {
        let mut recording = synthetic::chain(&[1.0, 4.0, 1.0, 1.0, 1.0]);
        let names = ["shared", "only", "a", "b", "app"];
        for (unit, name) in recording.units.iter_mut().zip(names) {
            unit.package = name.to_owned();
            unit.deps.clear();
        }
        recording.units[2].deps = vec![synthetic::end(0), synthetic::end(1)];
        recording.units[3].deps = vec![synthetic::end(0)];
        recording.units[4].deps = vec![synthetic::end(2), synthetic::end(3)];
        recording.units[4].member = true;
        let nodes = vec![
            node("shared", false, &[]),
            node("only", false, &[]),
            node("a", false, &[0, 1]),
            node("b", false, &[0]),
            node("app", true, &[2, 3]),
        ];
        (recording, nodes)
    }

    #[test]
    fn only_what_no_other_dependency_needs_vanishes() {
        let (recording, nodes) = recording();
        let found = direct_dependencies(&recording, &nodes);
        assert_eq!(found[0].name, "a");
        assert_eq!(found[0].packages, ["a 1.0.0", "only 1.0.0"]);
        assert_eq!((found[0].units, found[0].duration_s), (2, 5.0));
        assert!(found[0].wall_s > 0.0);
        assert_eq!(found[1].packages, ["b 1.0.0"]);
    }

    #[test]
    fn a_dependency_that_others_need_costs_nothing_of_its_own() {
        let (recording, mut nodes) = recording();
        nodes[4].deps.push(0);
        let found = direct_dependencies(&recording, &nodes);
        let shared = found.iter().find(|dep| dep.name == "shared").unwrap();
        assert!(shared.packages.is_empty());
        assert_eq!((shared.units, shared.wall_s), (0, 0.0));
    }

    #[test]
    fn packages_that_were_not_built_are_no_way_to_others() {
        let (recording, mut nodes) = recording();
        nodes.push(node("windows-only", false, &[1]));
        nodes[4].deps.push(5);
        let found = direct_dependencies(&recording, &nodes);
        assert!(found.iter().all(|dep| dep.name != "windows-only"));
        assert_eq!(found[0].packages, ["a 1.0.0", "only 1.0.0"]);
    }

    #[test]
    fn the_recorded_packages_are_the_same_graph() {
        let (recording, nodes) = recording();
        assert_eq!(recorded_packages(&recording), nodes);
    }

    proptest! {
        #[test]
        fn any_recording_has_direct_dependencies(recording in synthetic::arbitrary()) {
            for dep in direct_dependencies(&recording, &recorded_packages(&recording)) {
                prop_assert!(dep.wall_s.is_finite() && dep.duration_s.is_finite());
            }
        }
    }
}
