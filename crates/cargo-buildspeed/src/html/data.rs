//! The data that the page is given: nothing is said twice, since a build may have thousands of units,
//! and times are finite, in order, and as fine as a screen can show.

use pitcrew_core::model::Analyses;
use pitcrew_core::model::critical_path::{PathStep, Wait};
use pitcrew_core::model::graph::{Graph, Node};
use pitcrew_core::model::steps::Step;
use pitcrew_core::recording::{CacheAnswer, Needs, Recording, Unit, UnitKind};
use serde::Serialize;

#[derive(Serialize)]
pub struct Page<'a> {
    command: &'a str,
    profile: &'a str,
    rustc: &'a str,
    created: u64,
    cores: u32,
    jobs: u32,
    memory_bytes: u64,
    wall: f64,
    cpu: Option<f64>,
    mean_cores: Option<f64>,
    mean_units: f64,
    peak_bytes: u64,
    links: f64,
    links_observed: u32,
    target_bytes: Option<u64>,
    /// The settings that units were compiled with; each unit names one by its place.
    profiles: Vec<String>,
    units: Vec<PageUnit<'a>>,
    path: Path,
    active: Vec<[f64; 2]>,
    cpu_curve: Vec<[f64; 2]>,
    memory_curve: Vec<[f64; 2]>,
    direct: Vec<Direct<'a>>,
    model: Model,
}

#[derive(Serialize)]
struct PageUnit<'a> {
    package: &'a str,
    version: &'a str,
    target: &'a str,
    label: String,
    kind: UnitKind,
    member: bool,
    host: bool,
    start: f64,
    metadata: Option<f64>,
    end: f64,
    link: f64,
    cpu: Option<f64>,
    peak: Option<u64>,
    cache: Option<CacheAnswer>,
    profile: usize,
    /// Index, and whether only the metadata is waited for.
    deps: Vec<(usize, bool)>,
}

#[derive(Serialize)]
struct Path {
    work: f64,
    waiting: f64,
    core_waiting: f64,
    steps: Vec<PagePathStep>,
}

#[derive(Serialize)]
struct PagePathStep {
    unit: usize,
    until: f64,
    own: f64,
    waited: f64,
    for_core: bool,
}

#[derive(Serialize)]
struct Direct<'a> {
    name: &'a str,
    version: &'a str,
    packages: &'a [String],
    wall: f64,
    cpu: f64,
}

#[derive(Serialize)]
struct Model {
    predicted: f64,
    error: f64,
    bound: f64,
    /// Cores and predicted wall time.
    what_if: Vec<(u32, f64)>,
}

pub fn page<'a>(recording: &'a Recording, analyses: &'a Analyses) -> Page<'a> {
    let graph = Graph::new(recording);
    let summary = &analyses.summary;
    let parallelism = &analyses.parallelism;
    let mut profiles = Vec::new();
    let units = recording.units.iter().zip(&graph.nodes);
    let units = units.map(|(unit, node)| page_unit(unit, node, &mut profiles));
    let units = units.collect();
    let check = &analyses.replay_check;
    let what_if = analyses.what_if.iter();
    Page {
        command: &recording.command,
        profile: &recording.profile,
        rustc: &recording.rustc,
        created: recording.created,
        cores: graph.cores,
        jobs: graph.jobs,
        memory_bytes: recording.memory_bytes,
        wall: graph.wall_s,
        cpu: summary.cpu_s,
        mean_cores: parallelism.mean_cores,
        mean_units: parallelism.mean_units,
        peak_bytes: analyses.memory.peak_bytes,
        links: summary.links.link_s,
        links_observed: summary.links.observed,
        target_bytes: recording.target_bytes,
        units,
        profiles,
        path: Path {
            work: analyses.critical_path.work_s,
            waiting: analyses.critical_path.waiting_s,
            core_waiting: analyses.critical_path.core_waiting_s,
            steps: analyses.critical_path.steps.iter().map(path_step).collect(),
        },
        active: curve(&parallelism.active),
        cpu_curve: curve(&parallelism.cpu),
        memory_curve: curve(&analyses.memory.bound),
        direct: direct(analyses),
        model: Model {
            predicted: check.predicted_s,
            error: check.error,
            bound: check.bound_s,
            what_if: what_if.map(|on| (on.cores, on.wall_s)).collect(),
        },
    }
}

fn page_unit<'a>(unit: &'a Unit, node: &Node, profiles: &mut Vec<String>) -> PageUnit<'a> {
    let profile = profile(unit);
    let known = profiles.iter().position(|known| *known == profile);
    PageUnit {
        package: &unit.package,
        version: &unit.version,
        target: &unit.target,
        label: unit.label(),
        kind: unit.kind,
        member: unit.member,
        host: unit.for_host,
        start: fine(node.start_s),
        metadata: node.metadata_s.map(fine),
        end: fine(node.end_s),
        link: fine(node.link_s),
        cpu: node.cpu_s.map(fine),
        peak: unit.peak_bytes,
        cache: unit.cache,
        profile: known.unwrap_or_else(|| {
            profiles.push(profile);
            profiles.len() - 1
        }),
        deps: node
            .deps
            .iter()
            .map(|dep| (dep.unit, dep.needs == Needs::Metadata))
            .collect(),
    }
}

/// Hundredths of a millisecond: no build is zoomed into further, and digits are most of a page.
/// Rounding keeps the order.
fn fine(seconds: f64) -> f64 {
    let rounded = (seconds * 1e5).round() / 1e5;
    if rounded.is_finite() {
        rounded
    } else {
        seconds
    }
}

/// The settings as they would stand in a manifest; empty for a build script's run.
fn profile(unit: &Unit) -> String {
    if unit.kind == UnitKind::RunBuildScript {
        return String::new();
    }
    let profile = &unit.profile;
    let mut settings = vec![
        format!("opt-level = {}", profile.opt_level),
        format!("debug = {}", profile.debuginfo),
    ];
    settings.extend(
        profile
            .codegen_units
            .map(|n| format!("codegen-units = {n}")),
    );
    settings.extend(profile.lto.as_ref().map(|lto| format!("lto = {lto}")));
    settings.extend(profile.incremental.then(|| "incremental".to_owned()));
    settings.extend(profile.test.then(|| "test".to_owned()));
    settings.join(", ")
}

fn path_step(step: &PathStep) -> PagePathStep {
    PagePathStep {
        unit: step.unit,
        until: fine(step.until_s),
        own: fine(step.own_s),
        waited: fine(step.waited_s),
        for_core: step.wait == Wait::FreeCore,
    }
}

fn curve(steps: &[Step]) -> Vec<[f64; 2]> {
    steps
        .iter()
        .map(|step| [fine(step.at_s), fine(step.value)])
        .collect()
}

fn direct(analyses: &Analyses) -> Vec<Direct<'_>> {
    let deps = analyses.direct_dependencies.iter();
    deps.filter(|dep| !dep.packages.is_empty())
        .map(|dep| Direct {
            name: &dep.name,
            version: &dep.version,
            packages: &dep.packages,
            wall: dep.wall_s,
            cpu: dep.cpu_s,
        })
        .collect()
}
