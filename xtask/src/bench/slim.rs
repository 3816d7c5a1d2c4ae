//! `cargo depslim` beside its peers: the scan beside cargo-machete's and cargo-shear's, the proof of
//! unused dependencies beside one `cargo check --all-targets`, minimal features beside `cargo features
//! prune`. Peers that are not installed are left out, and that is said.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

use super::{Bench, Figure, median, sample};
use crate::process::{cargo, say};

/// A peer's scan, and the part of its time that ours may take.
const SCANNERS: [(&str, &str, f64); 2] = [
    ("cargo-shear", "shear", 0.50),
    ("cargo-machete", "machete", 0.25),
];
/// Of one check, where nothing has to be bisected.
const PROOF_BOUND: f64 = 1.3;
const FEATURES_BOUND: f64 = 0.10;
const MEMORY_BOUND_KB: f64 = 150_000.0;

pub fn scan(bench: &Bench, project: &Utf8Path) -> Result<Vec<Figure>> {
    let stage = Stage::new(bench, project)?;
    let mut figures = Vec::new();
    for (binary, name, bound) in SCANNERS {
        if which::which(binary).is_err() {
            say(&format!(
                "slim: {binary} is not installed (`cargo install {binary}`): left out"
            ));
            continue;
        }
        let (mut ratios, mut mine, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..=bench.rounds {
            let mut peer = Command::new(binary);
            peer.args((binary == "cargo-shear").then_some(name));
            peer.current_dir(&stage.root);
            let (ours, other) = if round % 2 == 0 {
                (stage.scan()?, any_status(&mut peer)?)
            } else {
                let other = any_status(&mut peer)?;
                (stage.scan()?, other)
            };
            // The first round warms the disk for both.
            if round > 0 {
                ratios.push(ours / other);
                mine.push(ours);
                theirs.push(other);
            }
        }
        let ratio = median(&ratios);
        figures.push(Figure {
            project: stage.name.clone(),
            what: format!("scan, over {binary}'s"),
            value: format!(
                "{ratio:.2} ({:.0} ms against {:.0} ms, {} pairs)",
                median(&mine) * 1000.0,
                median(&theirs) * 1000.0,
                ratios.len()
            ),
            bound: format!("{bound:.2}"),
            holds: ratio <= bound,
        });
    }
    figures.extend(stage.memory()?);
    Ok(figures)
}

pub fn proof(bench: &Bench, project: &Utf8Path) -> Result<Vec<Figure>> {
    let stage = Stage::new(bench, project)?;
    say(&format!(
        "slim: the proof of unused dependencies of {}",
        stage.name
    ));
    let (mut ratios, mut mine, mut plain) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..(bench.rounds / 3).max(1) {
        let (ours, check) = if round % 2 == 0 {
            let ours = stage.full("unused-dependency")?;
            (ours, stage.check()?)
        } else {
            let check = stage.check()?;
            (stage.full("unused-dependency")?, check)
        };
        ratios.push(ours / check);
        mine.push(ours);
        plain.push(check);
    }
    let ratio = median(&ratios);
    Ok(vec![Figure {
        project: stage.name.clone(),
        what: "unused dependencies proven, over `cargo check --all-targets`".to_owned(),
        value: format!(
            "{ratio:.2} ({:.1} s against {:.1} s, {} pairs)",
            median(&mine),
            median(&plain),
            ratios.len()
        ),
        bound: format!("{PROOF_BOUND:.1}"),
        holds: ratio <= PROOF_BOUND,
    }])
}

pub fn features(bench: &Bench, project: &Utf8Path) -> Result<Vec<Figure>> {
    let stage = Stage::new(bench, project)?;
    if which::which("cargo-features").is_err() {
        say(
            "slim: cargo-features is not installed (`cargo install cargo-features-manager`): left out",
        );
        return Ok(Vec::new());
    }
    let first = stage.full("needless-feature")?;
    let mut prune = Command::new("cargo-features");
    prune.args(["features", "prune", "--dry-run", "--skip-tests"]);
    let theirs = any_status(prune.current_dir(&stage.root))?;
    // Theirs takes minutes, in which the machine may have become slower or faster.
    let ours = first.max(stage.full("needless-feature")?);
    let ratio = ours / theirs;
    Ok(vec![Figure {
        project: stage.name.clone(),
        what: "minimal features, over `cargo features prune --skip-tests`".to_owned(),
        value: format!(
            "{ratio:.2} ({ours:.0} s against {theirs:.0} s; the slower of two, one before it and one after)"
        ),
        bound: format!("{FEATURES_BOUND:.2}"),
        holds: ratio <= FEATURES_BOUND,
    }])
}

/// A copy of the project.
struct Stage<'a> {
    bench: &'a Bench,
    folder: sample::Folder,
    root: Utf8PathBuf,
    name: String,
}

impl<'a> Stage<'a> {
    fn new(bench: &'a Bench, project: &Utf8Path) -> Result<Self> {
        let folder = sample::folder()?;
        let root = folder.path.join("project");
        crate::demo::copy(project, &root)?;
        let name = project.file_name().unwrap_or("project").to_owned();
        Ok(Self {
            bench,
            folder,
            root,
            name,
        })
    }

    fn plugin(&self) -> Command {
        let mut command = Command::new(&self.bench.depslim);
        command
            .arg("depslim")
            .current_dir(&self.root)
            .env("PITCREW_STATE_DIR", self.folder.path.join("state"))
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("CARGO_TARGET_DIR");
        command
    }

    fn scan(&self) -> Result<f64> {
        any_status(self.plugin().args(["--check", "--workspace"]))
    }

    fn full(&self, rule: &str) -> Result<f64> {
        any_status(
            self.plugin()
                .args(["--only", rule, "--fresh", "--quiet", "--workspace"]),
        )
    }

    fn check(&self) -> Result<f64> {
        let target = self.root.join("target");
        if target.exists() {
            fs::remove_dir_all(&target).with_context(|| format!("cannot remove {target}"))?;
        }
        let mut command = cargo();
        command
            .current_dir(&self.root)
            .env_remove("CARGO_TARGET_DIR")
            .args(["check", "--all-targets", "--workspace", "--quiet"]);
        super::seconds(&mut command)
    }

    /// The most memory of one scan, where GNU time is there to say.
    fn memory(&self) -> Result<Option<Figure>> {
        let Ok(time) = which::which("time") else {
            say("slim: GNU time is not installed: the memory of the scan is left out");
            return Ok(None);
        };
        let report = self.folder.path.join("memory");
        let mut command = Command::new(time);
        command.args(["-f", "%M", "-o", report.as_str()]);
        command.arg(&self.bench.depslim);
        command.args(["depslim", "--check", "--workspace"]);
        any_status(command.current_dir(&self.root))?;
        let text = fs::read_to_string(&report).with_context(|| format!("cannot read {report}"))?;
        let kilobytes: f64 = text.lines().last().unwrap_or_default().trim().parse()?;
        Ok(Some(Figure {
            project: self.name.clone(),
            what: "peak memory of the scan".to_owned(),
            value: format!("{:.0} MB", kilobytes / 1000.0),
            bound: format!("{:.0} MB", MEMORY_BOUND_KB / 1000.0),
            holds: kilobytes <= MEMORY_BOUND_KB,
        }))
    }
}

/// Seconds that a command takes, whatever it finds: the scanners exit with 1 on findings.
fn any_status(command: &mut Command) -> Result<f64> {
    let begun = std::time::Instant::now();
    let output = command
        .output()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let failed = output.status.code().is_none_or(|code| code > 1);
    anyhow::ensure!(
        !failed,
        "{} failed:\n{}",
        command.get_program().display(),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(begun.elapsed().as_secs_f64())
}
