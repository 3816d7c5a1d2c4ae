//! Whether the advice keeps its promise: each program of the corpus is recorded with its planted
//! inefficiency, and timed beside itself mended. The gain must not be more than what was promised as
//! the most, or the bound is none.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::{Bench, Figure, median, sample};
use crate::process::{output, say};

/// The bound holds up to what one run differs from the next.
const NOISE: f64 = 0.03;
const MANIFEST: &str = "\
[package]
name = \"corpus\"
version = \"0.0.0\"
edition = \"2024\"
[dependencies]
regex = { version = \"1\", default-features = false, features = [\"std\"] }
";

pub fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let folder = sample::folder()?;
    let root = folder.path.join("corpus");
    let names = lay_out(&root)?;
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
fn lay_out(root: &Utf8Path) -> Result<Vec<String>> {
    let corpus = crate::root().join("crates/cargo-hotpath/corpus");
    fs::create_dir_all(root.join("src/bin"))?;
    fs::write(root.join("Cargo.toml"), MANIFEST)?;
    fs::copy(crate::root().join("Cargo.lock"), root.join("Cargo.lock"))?;
    let mut names = Vec::new();
    for entry in corpus.read_dir_utf8().context("cannot read the corpus")? {
        let name = entry?.file_name().to_owned();
        for state in ["slow", "fast"] {
            let from = corpus.join(&name).join(format!("{state}.rs"));
            fs::copy(&from, root.join(format!("src/bin/{name}-{state}.rs")))
                .with_context(|| format!("cannot copy {from}"))?;
        }
        names.push(name);
    }
    names.sort();
    Ok(names)
}

fn one(bench: &Bench, root: &Utf8Path, name: &str) -> Result<Figure> {
    let (rule, most, high) = promise(bench, root, name)?;
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
        value: format!(
            "{:.1} % of {:.1} % promised at most",
            gain * 100.0,
            most * 100.0
        ),
        bound: format!("{:.1} %", high * 100.0),
        holds: gain <= high + NOISE,
    })
}

/// What is said first of a program, the most that it can gain, and the upper end of that interval.
fn promise(bench: &Bench, root: &Utf8Path, name: &str) -> Result<(String, f64, f64)> {
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
    let predicted = evidence.iter().find(|one| one["kind"] == "predicted");
    let predicted = predicted.context("nothing is promised")?;
    let most = 1.0 - predicted["ratio"].as_f64().context("no ratio")?;
    let error = predicted["error"].as_f64().unwrap_or(0.0);
    let rule = first["rule"].as_str().unwrap_or_default().to_owned();
    Ok((rule, most, most + error))
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
