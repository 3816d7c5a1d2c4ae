//! The diagnosis for the JSON report's `summary`: structs of its own, so that the contract does not
//! move with the models. Units are in the names.

use pitcrew_core::model::Analyses;
use pitcrew_core::model::critical_path::{PathStep, Wait};
use pitcrew_core::model::dominators::DirectDependency;
use pitcrew_core::model::summary::{Total, UnitCost};
use pitcrew_core::model::whatif::Prediction;
use pitcrew_core::recording::Needs;
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
struct Summary<'a> {
    command: &'a str,
    profile: &'a str,
    wall_s: f64,
    cpu_s: Option<f64>,
    cores: u32,
    jobs: u32,
    units: u32,
    target_bytes: Option<u64>,
    parallelism: Parallelism,
    critical_path: CriticalPath<'a>,
    slowest: Vec<Unit<'a>>,
    links: Links,
    build_scripts: BuildScripts,
    proc_macros: ProcMacros,
    members: Members,
    cache_hits: u32,
    direct_dependencies: Vec<Dependency<'a>>,
    memory: Memory,
    model: Model,
    what_if: Vec<WhatIf>,
}

#[derive(Serialize)]
struct Parallelism {
    mean_cores: Option<f64>,
    mean_units: f64,
    cpu_utilisation: Option<f64>,
    single_unit_s: f64,
    idle_s: f64,
}

#[derive(Serialize)]
struct CriticalPath<'a> {
    work_s: f64,
    waiting_s: f64,
    waiting_for_core_s: f64,
    steps: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Step<'a> {
    unit: &'a str,
    start_s: f64,
    own_s: f64,
    until: &'static str,
    waited_s: f64,
    waited_for: Option<&'static str>,
}

#[derive(Serialize)]
struct Unit<'a> {
    unit: &'a str,
    duration_s: f64,
    cpu_s: Option<f64>,
    link_s: Option<f64>,
}

#[derive(Serialize)]
struct Totals {
    units: u32,
    duration_s: f64,
    cpu_s: f64,
}

#[derive(Serialize)]
struct Links {
    units: u32,
    observed: u32,
    link_s: f64,
}

#[derive(Serialize)]
struct BuildScripts {
    compiled: Totals,
    run: Totals,
}

#[derive(Serialize)]
struct ProcMacros {
    own: Totals,
    dependencies: Totals,
}

#[derive(Serialize)]
struct Members {
    own: Totals,
    first_start_s: Option<f64>,
    alone_s: f64,
    tail_s: f64,
}

#[derive(Serialize)]
struct Dependency<'a> {
    name: &'a str,
    version: &'a str,
    packages: &'a [String],
    units: u32,
    duration_s: f64,
    cpu_s: f64,
    predicted_wall_s: f64,
}

#[derive(Serialize)]
struct Memory {
    peak_bytes: u64,
    peak_at_s: f64,
    machine_bytes: Option<u64>,
    worst_case_bytes: u64,
    largest_jobs: Option<u32>,
}

#[derive(Serialize)]
struct Model {
    predicted_s: f64,
    measured_s: f64,
    error: f64,
    bound_s: f64,
}

#[derive(Serialize)]
struct WhatIf {
    cores: u32,
    jobs: u32,
    predicted_s: f64,
    peak_bytes: u64,
}

/// The report's `summary`.
pub fn summary_json(analyses: &Analyses) -> Value {
    let summary = &analyses.summary;
    let check = &analyses.replay_check;
    let value = Summary {
        command: &summary.command,
        profile: &summary.profile,
        wall_s: millis(summary.wall_s),
        cpu_s: summary.cpu_s.map(millis),
        cores: summary.cores,
        jobs: summary.jobs,
        units: summary.all.units,
        target_bytes: summary.target_bytes,
        parallelism: parallelism(analyses),
        critical_path: critical_path(analyses),
        slowest: summary.slowest.iter().map(unit).collect(),
        links: Links {
            units: summary.links.units,
            observed: summary.links.observed,
            link_s: millis(summary.links.link_s),
        },
        build_scripts: BuildScripts {
            compiled: totals(&summary.build_script_compiles),
            run: totals(&summary.build_script_runs),
        },
        proc_macros: ProcMacros {
            own: totals(&summary.proc_macros),
            dependencies: totals(&summary.proc_macro_dependencies),
        },
        members: Members {
            own: totals(&summary.members),
            first_start_s: summary.first_member_s.map(millis),
            alone_s: millis(summary.members_only_s),
            tail_s: millis(summary.tail_s),
        },
        cache_hits: summary.cache_hits,
        direct_dependencies: analyses
            .direct_dependencies
            .iter()
            .map(dependency)
            .collect(),
        memory: memory(analyses),
        model: Model {
            predicted_s: millis(check.predicted_s),
            measured_s: millis(check.measured_s),
            error: millis(check.error),
            bound_s: millis(check.bound_s),
        },
        what_if: analyses.what_if.iter().map(what_if).collect(),
    };
    // Plain structs with string keys: there is nothing that could fail.
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// Rounded to a thousandth: more digits would be noise. The sum of nothing, -0.0, becomes 0.
fn millis(value: f64) -> f64 {
    (value * 1e3).round() / 1e3 + 0.0
}

fn parallelism(analyses: &Analyses) -> Parallelism {
    let found = &analyses.parallelism;
    Parallelism {
        mean_cores: found.mean_cores.map(millis),
        mean_units: millis(found.mean_units),
        cpu_utilisation: found.cpu_utilisation.map(millis),
        single_unit_s: millis(found.single_s),
        idle_s: millis(found.idle_s),
    }
}

fn critical_path(analyses: &Analyses) -> CriticalPath<'_> {
    let path = &analyses.critical_path;
    CriticalPath {
        work_s: millis(path.work_s),
        waiting_s: millis(path.waiting_s),
        waiting_for_core_s: millis(path.core_waiting_s),
        steps: path.steps.iter().map(step).collect(),
    }
}

fn step(step: &PathStep) -> Step<'_> {
    let waited_for = match step.wait {
        Wait::FreeCore => "core",
        Wait::Cargo => "cargo",
    };
    Step {
        unit: &step.label,
        start_s: millis(step.start_s),
        own_s: millis(step.own_s),
        until: match step.until {
            Needs::Metadata => "metadata",
            Needs::End => "end",
        },
        waited_s: millis(step.waited_s),
        waited_for: (step.waited_s > 0.0).then_some(waited_for),
    }
}

fn unit(unit: &UnitCost) -> Unit<'_> {
    Unit {
        unit: &unit.label,
        duration_s: millis(unit.duration_s),
        cpu_s: unit.cpu_s.map(millis),
        link_s: unit.link_s.map(millis),
    }
}

fn totals(total: &Total) -> Totals {
    Totals {
        units: total.units,
        duration_s: millis(total.duration_s),
        cpu_s: millis(total.cpu_s),
    }
}

fn dependency(dep: &DirectDependency) -> Dependency<'_> {
    Dependency {
        name: &dep.name,
        version: &dep.version,
        packages: &dep.packages,
        units: dep.units,
        duration_s: millis(dep.duration_s),
        cpu_s: millis(dep.cpu_s),
        predicted_wall_s: millis(dep.wall_s),
    }
}

fn memory(analyses: &Analyses) -> Memory {
    let found = &analyses.memory;
    Memory {
        peak_bytes: found.peak_bytes,
        peak_at_s: millis(found.peak_at_s),
        machine_bytes: Some(found.machine_bytes).filter(|&bytes| bytes > 0),
        worst_case_bytes: found.worst_case_bytes,
        largest_jobs: found.largest_jobs,
    }
}

fn what_if(prediction: &Prediction) -> WhatIf {
    WhatIf {
        cores: prediction.cores,
        jobs: prediction.jobs,
        predicted_s: millis(prediction.wall_s),
        peak_bytes: prediction.peak_bytes,
    }
}
