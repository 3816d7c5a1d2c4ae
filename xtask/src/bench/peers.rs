//! What `--apply` reaches beside cargo-wizard's fast-compile template and the project as it was, on
//! the same scenarios, interleaved in one run.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use cargo_buildspeed::observe::{self, hot_file};
use pitcrew_core::workspace::{self, LoadOptions};

use super::{Bench, Figure, median, sample, seconds};
use crate::process::{cargo, output, say};

/// Ours twice: as it is called, and allowed what the peer's template does unasked, to drop the line
/// numbers of backtraces.
const OURS: [(&str, &[&str]); 2] = [
    ("buildspeed", &[]),
    (
        "buildspeed --allow-maybe-incorrect",
        &["--allow-maybe-incorrect"],
    ),
];

/// The arms before ours, where the peer is installed.
const PEER: &str = "cargo-wizard";

/// A copy of the project with one set of settings.
struct Arm {
    name: &'static str,
    root: Utf8PathBuf,
    clean_s: Vec<f64>,
    edit_s: Vec<f64>,
}

pub fn measure(bench: &Bench, project: &Utf8Path) -> Result<Vec<Figure>> {
    let name = project.file_name().unwrap_or("project").to_owned();
    let folder = sample::folder()?;
    let mut arms = vec![arm(&folder.path, project, "as it was")?];
    if which::which(PEER).is_ok() {
        let wizard = arm(&folder.path, project, PEER)?;
        let mut command = cargo();
        command
            .current_dir(&wizard.root)
            .args(["wizard", "apply", "fast-compile", "dev"]);
        output(&mut command)?;
        arms.push(wizard);
    } else {
        say("peers: cargo-wizard is not installed (`cargo install cargo-wizard`): left out");
    }
    for (arm_name, more) in OURS {
        let ours = arm(&folder.path, project, arm_name)?;
        say(&format!("peers: `cargo {arm_name} --apply` on {name}"));
        let mut apply = bench.plugin(&ours.root, &folder.path.join("state"));
        apply.args(["--apply", "--allow-no-vcs", "--budget", "1h"]);
        output(apply.args(more))?;
        arms.push(ours);
    }

    let cleans = (bench.rounds / 3).max(3);
    for round in 0..cleans {
        for arm in rotated(&mut arms, round) {
            fs::remove_dir_all(arm.root.join("target")).ok();
            arm.clean_s.push(build(&arm.root)?);
        }
    }
    for round in 0..=bench.rounds {
        for arm in rotated(&mut arms, round) {
            edit(&arm.root, round)?;
            let seconds = build(&arm.root)?;
            if round > 0 {
                arm.edit_s.push(seconds);
            }
        }
    }
    Ok(figures(&name, &arms))
}

/// Nobody is always first: what a round's first build warms, it warms for each in turn.
fn rotated(arms: &mut [Arm], round: u32) -> impl Iterator<Item = &mut Arm> {
    let by = round as usize % arms.len();
    let (early, late) = arms.split_at_mut(by);
    late.iter_mut().chain(early)
}

fn arm(folder: &Utf8Path, project: &Utf8Path, name: &'static str) -> Result<Arm> {
    let root = folder.join(name.replace(' ', "-"));
    crate::demo::copy(project, &root)?;
    Ok(Arm {
        name,
        root,
        clean_s: Vec::new(),
        edit_s: Vec::new(),
    })
}

fn build(root: &Utf8Path) -> Result<f64> {
    let mut command: Command = cargo();
    command
        .current_dir(root)
        .env_remove("CARGO_TARGET_DIR")
        .args(["build", "--offline"]);
    seconds(&mut command)
}

/// The same edit in each copy: of the file that changes most.
fn edit(root: &Utf8Path, round: u32) -> Result<()> {
    let options = LoadOptions {
        cwd: root.to_owned(),
        offline: true,
        ..LoadOptions::default()
    };
    let facts = observe::workspace::facts(&workspace::load(&options)?.metadata, None);
    let hot = hot_file::pick(&facts, &[]).context("no source to edit")?;
    let path = root.join(hot.path);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    fs::write(&path, hot_file::edit(&text, round)).with_context(|| format!("cannot write {path}"))
}

/// Ratios within each round, for the machine drifts between them.
fn figures(project: &str, arms: &[Arm]) -> Vec<Figure> {
    let (others, ours) = arms.split_at(arms.len() - OURS.len());
    let pairs = ours
        .iter()
        .flat_map(|ours| others.iter().map(move |other| (ours, other)));
    let mut out = Vec::new();
    for (ours, other) in pairs {
        // Who keeps the line numbers may be slower than who drops them.
        let unlike = other.name == PEER && ours.name == OURS[0].0;
        for (what, mine, theirs) in [
            ("rebuild after an edit", &ours.edit_s, &other.edit_s),
            ("clean build", &ours.clean_s, &other.clean_s),
        ] {
            let ratios: Vec<f64> = mine.iter().zip(theirs).map(|(a, b)| a / b).collect();
            let ratio = median(&ratios);
            out.push(Figure {
                project: project.to_owned(),
                what: format!("{what}: {} against {}", ours.name, other.name),
                value: format!(
                    "{ratio:.2} ({:.2} s against {:.2} s, {} pairs)",
                    median(mine),
                    median(theirs),
                    ratios.len()
                ),
                bound: if unlike {
                    "none: it keeps line numbers, the peer does not".to_owned()
                } else {
                    "1.00, and 0.03 of noise".to_owned()
                },
                holds: unlike || ratio <= 1.03,
            });
        }
    }
    out
}
