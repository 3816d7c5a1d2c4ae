//! Workspaces of 250, 500 and 1,000 members with three packages a member, and a profile of 5,000,000
//! samples: how long each report without a build takes, what memory it needs, and how both grow.

mod generate;

use anyhow::{Result, ensure};
use camino::Utf8Path;
use pitcrew_core::cargo::{CommandRun, UserCommand, run_command};

use crate::bench::{Figure, median, sample};
use crate::process::{self, cargo, say};

const SECONDS: f64 = 5.0;
const MEGABYTES: f64 = 500.0;
const MEMBERS: [usize; 3] = [250, 500, 1_000];
const ROUNDS: usize = 3;

/// A report without a build: the plugin's package, and how it is called.
const REPORTS: [(&str, &[&str]); 3] = [
    (
        "cargo-buildspeed",
        &[
            "buildspeed",
            "--no-build",
            "--no-measure",
            "--offline",
            "-q",
        ],
    ),
    (
        "cargo-depslim",
        &["depslim", "--proof", "scan", "--offline", "-q"],
    ),
    (
        "cargo-concurrency-lint",
        &["concurrency-lint", "--source", "--offline", "-q"],
    ),
];

pub fn run() -> Result<Vec<Figure>> {
    let folder = sample::folder()?;
    let bins = built()?;
    let bin = |name: &str| bins.iter().find(|bin| bin.file_stem() == Some(name));
    let mut figures = Vec::new();
    for members in MEMBERS {
        let root = folder.path.join(format!("of-{members}"));
        generate::workspace(&root, members)?;
        let name = format!("{members} members, {} packages", members * 3);
        say(&format!("scale: {name}"));
        let metadata = ["cargo", "metadata", "--format-version=1", "--offline"];
        figures.push(figure(
            &name,
            "`cargo metadata` alone",
            measured(&root, &metadata)?,
            None,
        ));
        for (package, args) in REPORTS {
            let Some(bin) = bin(package) else { continue };
            let words: Vec<&str> = [bin.as_str()].iter().chain(args).copied().collect();
            let what = format!("cargo {}", args[..args.len() - 1].join(" "));
            figures.push(figure(&name, &what, measured(&root, &words)?, Some(())));
        }
        std::fs::remove_dir_all(&root)?;
    }
    for samples in [1_250_000, 2_500_000, 5_000_000] {
        let Some(bin) = bin("cargo-hotpath") else {
            continue;
        };
        let root = folder.path.join("profile");
        std::fs::create_dir_all(&root)?;
        generate::profile(&root.join("stacks.collapsed"), samples)?;
        let name = format!("{samples} samples of 100000 functions");
        say(&format!("scale: {name}"));
        let words = [bin.as_str(), "hotpath", "import", "stacks.collapsed", "-q"];
        figures.push(figure(
            &name,
            "cargo hotpath import",
            measured(&root, &words)?,
            Some(()),
        ));
    }
    Ok(figures)
}

fn built() -> Result<Vec<camino::Utf8PathBuf>> {
    let mut build = cargo();
    build.args([
        "build",
        "--release",
        "--locked",
        "--message-format=json-render-diagnostics",
    ]);
    for plugin in crate::plugins::PLUGINS {
        build.args(["-p", plugin.package]);
    }
    say(&format!("$ {}", process::shown(&build)));
    Ok(crate::demo::executables(&process::output(&mut build)?))
}

/// Seconds, and megabytes at the most, cargo's own included.
fn measured(root: &Utf8Path, words: &[&str]) -> Result<(f64, f64)> {
    let run = CommandRun {
        command: UserCommand::Words(words.iter().map(|word| (*word).to_owned()).collect()),
        cwd: root.to_owned(),
        ..CommandRun::default()
    };
    let (mut seconds, mut peak) = (Vec::new(), 0);
    // One more, which fills the disk's cache.
    for _ in 0..=ROUNDS {
        let ran = run_command(&run)?;
        ensure!(ran.status.success(), "{words:?} failed: {}", ran.stderr);
        seconds.push(ran.wall_s);
        peak = peak.max(ran.peak_bytes.unwrap_or_default());
    }
    Ok((median(&seconds[1..]), peak as f64 / 1e6))
}

fn figure(project: &str, what: &str, (seconds, peak): (f64, f64), bound: Option<()>) -> Figure {
    Figure {
        project: project.to_owned(),
        what: what.to_owned(),
        value: format!("{seconds:.2} s, {peak:.0} MB"),
        bound: bound.map_or_else(
            || "—".to_owned(),
            |()| format!("{SECONDS:.0} s, {MEGABYTES:.0} MB"),
        ),
        holds: bound.is_none() || seconds <= SECONDS && peak <= MEGABYTES,
    }
}
