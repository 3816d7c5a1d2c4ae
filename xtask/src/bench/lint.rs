//! What `cargo concurrency-lint` costs: by the sources on 80 000 lines, and with the compiler beside
//! `cargo check` of the same crates; and what clippy's lints about async code find on the same corpus.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use cargo_concurrency_lint::observe::deep;
use pitcrew_core::cargo::{CommandRun, UserCommand, run_command};

use super::{Bench, Figure, median, sample, seconds};
use crate::process::{cargo, output, say};

const LINES: usize = 80_000;
const SOURCE_S: f64 = 0.5;
const SOURCE_MB: f64 = 300.0;
const DEEP: f64 = 1.5;
const AGAIN_S: f64 = 1.0;

pub fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let folder = sample::folder()?;
    let mut figures = by_source(bench, &folder.path.join("large"))?;
    let corpus = folder.path.join("corpus");
    crate::demo::copy(&corpus_dir(), &corpus)?;
    figures.extend(with_the_compiler(bench, &corpus)?);
    figures.extend(super::clippy::beside(bench, &corpus)?);
    Ok(figures)
}

fn corpus_dir() -> Utf8PathBuf {
    crate::root().join("crates/cargo-concurrency-lint/fixtures/corpus")
}

/// The labelled corpus as often as it takes, each copy a package of its own.
fn large(root: &Utf8Path) -> Result<usize> {
    let corpus = corpus_dir();
    let lines = sample::lines(&corpus.join("src"))?;
    let copies = LINES.div_ceil(lines.max(1));
    let manifest = corpus.join("Cargo.toml");
    let manifest =
        fs::read_to_string(&manifest).with_context(|| format!("cannot read {manifest}"))?;
    let manifest = manifest.replace("[workspace]\n", "");
    for copy in 0..copies {
        let member = root.join(format!("corpus{copy}"));
        crate::demo::copy(&corpus.join("src"), &member.join("src"))?;
        let named = manifest.replace("\"corpus\"", &format!("\"corpus{copy}\""));
        fs::write(member.join("Cargo.toml"), named)?;
    }
    fs::copy(corpus.join("Cargo.lock"), root.join("Cargo.lock"))?;
    fs::write(
        root.join("Cargo.toml"),
        "[workspace]\nmembers = [\"corpus*\"]\nresolver = \"3\"\n",
    )?;
    Ok(lines * copies)
}

fn by_source(bench: &Bench, root: &Utf8Path) -> Result<Vec<Figure>> {
    fs::create_dir_all(root)?;
    let lines = large(root)?;
    say(&format!(
        "lint: {lines} lines by their sources, on two cores"
    ));
    let metadata = || {
        let mut command = cargo();
        command.current_dir(root).env_remove("CARGO_TARGET_DIR");
        seconds(command.args(["metadata", "--format-version", "1", "--offline"]))
    };
    metadata()?;
    let words = [
        "concurrency-lint",
        "--source",
        "--offline",
        "-q",
        "--format",
        "json",
    ];
    let words = [bench.lint.as_str()].into_iter().chain(words);
    let run = CommandRun {
        command: UserCommand::Words(words.map(str::to_owned).collect()),
        cwd: root.to_owned(),
        env: vec![("RAYON_NUM_THREADS".to_owned(), "2".to_owned())],
        ..CommandRun::default()
    };
    let (mut all, mut beyond, mut peak) = (Vec::new(), Vec::new(), 0);
    for _ in 0..bench.rounds {
        let cargos = metadata()?;
        let ran = run_command(&run)?;
        anyhow::ensure!(ran.status.success(), "the linter failed: {}", ran.stderr);
        all.push(ran.wall_s);
        beyond.push(ran.wall_s - cargos);
        peak = peak.max(ran.peak_bytes.unwrap_or_default());
    }
    let (all, beyond) = (median(&all), median(&beyond));
    let peak = peak as f64 / 1e6;
    let named = |what: &str, value, bound, holds| {
        figure(&format!("{lines} lines"), what, value, bound, holds)
    };
    Ok(vec![
        named(
            "source facts and all rules, beyond `cargo metadata`",
            format!("{beyond:.2} s ({all:.2} s in all)"),
            format!("{SOURCE_S:.1} s"),
            beyond <= SOURCE_S,
        ),
        named(
            "its peak memory",
            format!("{peak:.0} MB"),
            format!("{SOURCE_MB:.0} MB"),
            peak <= SOURCE_MB,
        ),
    ])
}

fn with_the_compiler(bench: &Bench, root: &Utf8Path) -> Result<Vec<Figure>> {
    say("lint: the corpus with the compiler, beside `cargo check` of it, dependencies at hand");
    let target = root.join("target");
    let ours = target.join(deep::folder());
    let check = || {
        let mut command = cargo();
        command.current_dir(root).env("CARGO_TARGET_DIR", &target);
        seconds(command.args(["check", "--locked"]))
    };
    let lint = || {
        let mut command = Command::new(&bench.lint);
        command.current_dir(root).env("CARGO_TARGET_DIR", &target);
        seconds(command.args(["concurrency-lint", "--locked", "-q", "--format", "json"]))
    };
    let forget = |target: &Utf8Path| {
        let mut command = cargo();
        command.current_dir(root).env("CARGO_TARGET_DIR", target);
        output(command.args(["clean", "--locked", "-p", "corpus"])).map(drop)
    };
    check()?;
    lint()?;
    let (mut ratios, mut again) = (Vec::new(), Vec::new());
    for _ in 0..bench.rounds {
        forget(&target)?;
        forget(&ours)?;
        let plain = check()?;
        ratios.push(lint()? / plain);
        let fresh = check()?;
        again.push(lint()? - fresh);
    }
    let (ratio, again) = (median(&ratios), median(&again));
    Ok(vec![
        figure(
            "corpus",
            "with the compiler, over `cargo check` of the workspace's crates alone",
            format!("{ratio:.2} ({} pairs)", ratios.len()),
            format!("{DEEP:.1}"),
            ratio <= DEEP,
        ),
        figure(
            "corpus",
            "the same on unchanged code, beyond `cargo check`",
            format!("{again:.2} s"),
            format!("{AGAIN_S:.1} s"),
            again <= AGAIN_S,
        ),
    ])
}

pub fn figure(project: &str, what: &str, value: String, bound: String, holds: bool) -> Figure {
    Figure {
        project: project.to_owned(),
        what: what.to_owned(),
        value,
        bound,
        holds,
    }
}
