//! What each setting does to the phases of a build: the factors that `cargo buildspeed` predicts with.
//! Baseline and settings are recorded in turn, several times over, and a factor is the median of the
//! rounds' ratios.

use std::fs;

use anyhow::{Context, Result};
use camino::Utf8Path;
use pitcrew_core::model::graph::Graph;
use pitcrew_core::recording::{Recording, Unit};

use super::{Bench, Figure, median, sample};
use crate::process::{output, say};

/// A setting as it is appended to the manifest.
const SETTINGS: &[(&str, &str)] = &[
    (
        "debug = \"line-tables-only\"",
        "[profile.dev]\ndebug = \"line-tables-only\"\n",
    ),
    ("debug = false", "[profile.dev]\ndebug = false\n"),
    (
        "[profile.dev.package.\"*\"] debug = false",
        "[profile.dev.package.\"*\"]\ndebug = false\n",
    ),
    (
        "split-debuginfo = \"unpacked\"",
        "[profile.dev]\nsplit-debuginfo = \"unpacked\"\n",
    ),
];

/// Seconds in each phase, summed over units.
#[derive(Clone, Copy, Default)]
struct Phases {
    members_codegen: f64,
    dependencies_codegen: f64,
    link: f64,
}

/// Of the clean build and of the rebuild.
type Both = [Phases; 2];

pub fn measure(bench: &Bench, project: &Utf8Path) -> Result<Vec<Figure>> {
    let name = project.file_name().unwrap_or("project").to_owned();
    let folder = sample::folder()?;
    let mut roots = vec![folder.path.join("baseline")];
    crate::demo::copy(project, &roots[0])?;
    for (at, (_, text)) in SETTINGS.iter().enumerate() {
        let root = folder.path.join(format!("setting-{at}"));
        crate::demo::copy(project, &root)?;
        let manifest = root.join("Cargo.toml");
        let old = fs::read_to_string(&manifest)?;
        fs::write(&manifest, format!("{old}\n{text}"))?;
        roots.push(root);
    }
    let mut rounds: Vec<Vec<Both>> = Vec::new();
    for round in 0..bench.rounds.min(5) {
        say(&format!("effects: round {round} of {name}"));
        let state = folder.path.join("state");
        let record = |root| phases_of(bench, root, &state);
        rounds.push(
            roots
                .iter()
                .map(|root| record(root))
                .collect::<Result<_>>()?,
        );
    }
    let mut figures = Vec::new();
    for (at, (setting, _)) in SETTINGS.iter().enumerate() {
        for (which, build) in ["clean build", "rebuild"].iter().enumerate() {
            let factor = |of: fn(&Phases) -> f64| {
                let ratios: Vec<f64> = rounds
                    .iter()
                    .map(|arms| of(&arms[at + 1][which]) / of(&arms[0][which]))
                    .filter(|ratio| ratio.is_finite())
                    .collect();
                median(&ratios)
            };
            figures.push(Figure {
                project: name.clone(),
                what: format!("{setting}, {build}: factors on the phases"),
                value: format!(
                    "members {:.2}, dependencies {:.2}, link {:.2}",
                    factor(|p| p.members_codegen),
                    factor(|p| p.dependencies_codegen),
                    factor(|p| p.link)
                ),
                bound: "none".to_owned(),
                holds: true,
            });
        }
    }
    Ok(figures)
}

fn phases_of(bench: &Bench, root: &Utf8Path, state: &Utf8Path) -> Result<Both> {
    let mut command = bench.plugin(root, state);
    output(command.args(["--no-measure", "--fresh", "--offline"]))?;
    let kept = root.join("target/pitcrew/buildspeed");
    let load = |name: &str| {
        let path = kept.join(name);
        let recording =
            Recording::load(&path).with_context(|| format!("no recording in {path}"))?;
        anyhow::Ok(phases(&recording))
    };
    Ok([load("recording-dev.json")?, load("recording-rebuild.json")?])
}

fn phases(recording: &Recording) -> Phases {
    let graph = Graph::new(recording);
    let mut sum = Phases::default();
    for (unit, node) in recording.units.iter().zip(&graph.nodes) {
        sum.link += node.link_s;
        let codegen = node.end_s - node.link_s - node.metadata_s.unwrap_or(node.start_s);
        if is_members(unit) {
            sum.members_codegen += codegen;
        } else if !unit.for_host {
            sum.dependencies_codegen += codegen;
        }
    }
    sum
}

fn is_members(unit: &Unit) -> bool {
    unit.member && !unit.for_host
}
