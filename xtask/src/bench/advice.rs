//! Whether the advice keeps its promise: each program of the corpus is recorded with its planted
//! inefficiency, and timed beside itself mended. The gain must lie between the least and the most that
//! were promised, or the bounds are none.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::{Bench, Figure, median, sample};
use crate::process::{output, say};

/// The bounds hold up to what one run differs from the next.
const NOISE: f64 = 0.03;
const MANIFEST: &str = "\
[package]
name = \"corpus\"
version = \"0.0.0\"
edition = \"2024\"
[dependencies]
regex = { version = \"1\", default-features = false, features = [\"std\"] }
";

/// Those that the rules were written beside, and those that were written after them.
const FOLDERS: [&str; 2] = ["corpus", "held-out"];

pub fn measure(bench: &Bench, only: &[String]) -> Result<Vec<Figure>> {
    let folder = sample::folder()?;
    let root = folder.path.join("corpus");
    let names = lay_out(&root, only)?;
    say(&format!(
        "advice: {} programs, each as it is and mended",
        names.len()
    ));
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--release", "--offline", "--quiet"]);
    output(build.current_dir(&root).env_remove("CARGO_TARGET_DIR"))?;
    let mut figures = Vec::new();
    for name in &names {
        figures.push(one(bench, &root, name).with_context(|| format!("of {name}"))?);
    }
    Ok(figures)
}

/// One package of all programs.
fn lay_out(root: &Utf8Path, only: &[String]) -> Result<Vec<String>> {
    fs::create_dir_all(root.join("src/bin"))?;
    fs::write(root.join("Cargo.toml"), MANIFEST)?;
    fs::copy(crate::root().join("Cargo.lock"), root.join("Cargo.lock"))?;
    let mut names = Vec::new();
    for folder in FOLDERS {
        let programs = crate::root().join("crates/cargo-hotpath").join(folder);
        let mut of_folder = Vec::new();
        for entry in programs.read_dir_utf8().context("cannot read the corpus")? {
            let name = entry?.file_name().to_owned();
            if !only.is_empty() && !only.iter().any(|part| name.contains(part)) {
                continue;
            }
            for state in ["slow", "fast"] {
                let from = programs.join(&name).join(format!("{state}.rs"));
                fs::copy(&from, root.join(format!("src/bin/{name}-{state}.rs")))
                    .with_context(|| format!("cannot copy {from}"))?;
            }
            of_folder.push(name);
        }
        of_folder.sort();
        names.extend(of_folder);
    }
    anyhow::ensure!(!names.is_empty(), "no program has such a name");
    Ok(names)
}

fn one(bench: &Bench, root: &Utf8Path, name: &str) -> Result<Figure> {
    let (rule, [least, most]) = promise(bench, root, name)?;
    let program = |state: &str| root.join(format!("target/release/{name}-{state}"));
    let mut gains = Vec::new();
    for round in 0..bench.rounds.min(5) {
        let (slow, fast) = match round % 2 {
            0 => (seconds(&program("slow"))?, seconds(&program("fast"))?),
            _ => {
                let fast = seconds(&program("fast"))?;
                (seconds(&program("slow"))?, fast)
            }
        };
        gains.push(1.0 - fast / slow);
    }
    let gain = median(&gains);
    Ok(Figure {
        project: name.to_owned(),
        what: format!("gain of what `{rule}` says"),
        value: format!("{:.1} % ({} pairs)", gain * 100.0, gains.len()),
        bound: format!("{:.1} to {:.1} %", least * 100.0, most * 100.0),
        holds: (least - NOISE..=most + NOISE).contains(&gain),
    })
}

/// What is said first of a program, and what it gains at least and at most.
fn promise(bench: &Bench, root: &Utf8Path, name: &str) -> Result<(String, [f64; 2])> {
    let mut command = Command::new(&bench.hotpath);
    command.args([
        "hotpath",
        "-q",
        "--format",
        "json",
        "--program-output",
        "null",
        "--bin",
    ]);
    command.arg(format!("{name}-slow")).current_dir(root);
    let report: Value = serde_json::from_str(&output(command.env_remove("CARGO_TARGET_DIR"))?)?;
    let findings = report["findings"].as_array().context("no findings")?;
    let about_lines = findings
        .iter()
        .find(|finding| !finding["location"].is_null());
    let first = about_lines.context("nothing is said of any line")?;
    let evidence = first["evidence"].as_array().context("no evidence")?;
    let bounded = evidence.iter().find(|one| one["kind"] == "bounded");
    let gain = &bounded.context("nothing is promised")?["gain"];
    let end = |at: usize| gain[at].as_f64().context("no bounds");
    let rule = first["rule"].as_str().unwrap_or_default().to_owned();
    Ok((rule, [end(0)?, end(1)?]))
}

fn seconds(program: &Utf8PathBuf) -> Result<f64> {
    let begun = Instant::now();
    let mut command = Command::new(program);
    let status = command.stdout(Stdio::null()).status();
    ensure!(
        status
            .with_context(|| format!("cannot start {program}"))?
            .success(),
        "{program} failed"
    );
    Ok(begun.elapsed().as_secs_f64())
}
