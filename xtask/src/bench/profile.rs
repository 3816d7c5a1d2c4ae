//! What `cargo hotpath` costs and how right it is: the program's own time with and without it, the time
//! from the program's end to the report, and its shares beside those of `perf report`.

mod heap;
mod large;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use cargo_hotpath::names;
use cargo_hotpath::profile::Profile;
use serde_json::Value;

use super::{Bench, Figure, median, sample};
use crate::process::{output, say};

/// A program with twenty hot functions of different weight, which says how long it ran and when it
/// ended.
const MAIN: &str = include_str!("profile/twenty_functions.rs");
const MANIFEST: &str = "[package]\nname = \"profiled\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

const SLOWER: f64 = 1.03;
const POINTS: f64 = 2.0;

pub fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let folder = sample::folder()?;
    let root = folder.path.join("profiled");
    fs::create_dir_all(root.join("src"))?;
    fs::write(root.join("Cargo.toml"), MANIFEST)?;
    fs::write(root.join("src/main.rs"), MAIN)?;
    say("profile: a program with twenty hot functions, alone and recorded in turn");
    recorded(bench, &root)?;
    let program = root.join("target/hotpath/profiled");
    let (mut ratios, mut on_cpu) = (Vec::new(), Vec::new());
    for round in 0..bench.rounds {
        let alone = |program: &Utf8Path| -> Result<Told> {
            Told::read(&output(&mut Command::new(program))?)
        };
        let (plain, with) = if round % 2 == 0 {
            let plain = alone(&program)?;
            (plain, recorded(bench, &root)?)
        } else {
            let with = recorded(bench, &root)?;
            (alone(&program)?, with)
        };
        ratios.push(with.wall_s / plain.wall_s);
        on_cpu.push(with.cpu_s / plain.cpu_s);
    }
    let (slower, busier) = (median(&ratios), median(&on_cpu));
    let mut figures = vec![
        figure(
            "the program while it is recorded at 1 kHz, over alone",
            format!("{slower:.3} ({} pairs)", ratios.len()),
            format!("{SLOWER:.2}"),
            slower <= SLOWER,
        ),
        figure(
            "its own CPU time while it is recorded at 1 kHz, over alone",
            format!("{busier:.3} ({} pairs)", on_cpu.len()),
            format!("{SLOWER:.2}"),
            busier <= SLOWER,
        ),
    ];
    if which::which("perf").is_ok() {
        figures.push(beside_perf(&root, &program, &folder.path)?);
    } else {
        say("profile: perf is not installed: its shares are not compared");
    }
    figures.push(heap::measure(bench, &folder.path)?);
    figures.extend(large::measure(bench, &folder.path)?);
    Ok(figures)
}

fn figure(what: &str, value: String, bound: String, holds: bool) -> Figure {
    named("twenty functions", what, value, bound, holds)
}

fn named(project: &str, what: &str, value: String, bound: String, holds: bool) -> Figure {
    Figure {
        project: project.to_owned(),
        what: what.to_owned(),
        value,
        bound,
        holds,
    }
}

/// What the program says of its own run.
struct Told {
    wall_s: f64,
    cpu_s: f64,
    /// Since 1970.
    ended_s: f64,
}

/// What the recorded program says.
fn recorded(bench: &Bench, root: &Utf8Path) -> Result<Told> {
    let mut command = Command::new(&bench.hotpath);
    command.args(["hotpath", "-q"]).current_dir(root);
    Told::read(&output(command.env_remove("CARGO_TARGET_DIR"))?)
}

impl Told {
    /// `ran 1.234 cpu 1.2 ended 1700000000.5`
    fn read(text: &str) -> Result<Self> {
        let line = text.lines().find(|line| line.starts_with("ran "));
        let line = line.context("the program did not say how long it ran")?;
        let words: Vec<&str> = line.split(' ').collect();
        let number = |at: usize| -> Result<f64> {
            Ok(words.get(at).context("the program broke off")?.parse()?)
        };
        Ok(Self {
            wall_s: number(1)?,
            cpu_s: number(3)?,
            ended_s: number(5)?,
        })
    }
}

/// The largest difference in points between our shares and perf's, over perf's top 20.
fn beside_perf(root: &Utf8Path, program: &Utf8Path, folder: &Utf8Path) -> Result<Figure> {
    let data = folder.join("perf.data");
    let mut perf = Command::new("perf");
    perf.args([
        "record",
        "-q",
        "-F",
        "1000",
        "-e",
        "cpu-clock",
        "-o",
        data.as_str(),
        "--",
    ]);
    output(perf.arg(program))?;
    let mut report = Command::new("perf");
    report.args([
        "report",
        "-i",
        data.as_str(),
        "--stdio",
        "--no-children",
        // Left to itself it may add columns.
        "--fields",
        "overhead,sym",
    ]);
    let theirs = perf_shares(&output(&mut report)?);
    let ours = our_shares(root)?;
    let mut top: Vec<(&String, &f64)> = theirs.iter().collect();
    top.sort_by(|a, b| b.1.total_cmp(a.1));
    let apart = top.iter().take(20).map(|(name, share)| {
        let own = ours.get(*name).copied().unwrap_or(0.0);
        (own - **share).abs()
    });
    let worst = apart.fold(0.0, f64::max);
    Ok(figure(
        "own shares of the top 20 beside perf report, worst of them",
        format!("{worst:.1} points"),
        format!("{POINTS:.0} points"),
        worst <= POINTS,
    ))
}

/// `    12.34%  [.] profiled::work_3`
fn perf_shares(text: &str) -> BTreeMap<String, f64> {
    let mut shares = BTreeMap::new();
    for line in text.lines() {
        let Some((percent, rest)) = line.trim().split_once("%") else {
            continue;
        };
        let name = rest
            .trim()
            .trim_start_matches("[.]")
            .trim_start_matches("[k]")
            .trim();
        if let Ok(percent) = percent.parse::<f64>() {
            *shares.entry(names::fold(name)).or_default() += percent;
        }
    }
    shares
}

/// The same from the profile that was kept: by the function that owns the code, as perf counts.
fn our_shares(root: &Utf8Path) -> Result<BTreeMap<String, f64>> {
    let path: Utf8PathBuf = root.join("target/pitcrew/hotpath/profiles/last.json");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let mut kept: Value = serde_json::from_str(&text)?;
    let profile: Profile = serde_json::from_value(kept["value"].take())?;
    let total = profile.total_weight() as f64;
    let mut shares = BTreeMap::new();
    for sample in &profile.samples {
        let owner = profile.frames_of(sample.stack).find(|frame| !frame.inlined);
        if let Some(owner) = owner {
            let name = names::fold(&profile.function_of(owner).full);
            *shares.entry(name).or_default() += sample.weight as f64 / total * 100.0;
        }
    }
    Ok(shares)
}
