//! What each plugin shows on the sample.

use std::fs;

use anyhow::{Context, Result, ensure};

use super::{Stage, files};
use crate::process::say;

/// Report, apply, undo.
pub fn buildspeed(stage: &Stage) -> Result<()> {
    there_and_back(stage, "buildspeed", "toml")
}

/// The same.
pub fn depslim(stage: &Stage) -> Result<()> {
    there_and_back(stage, "depslim", "toml")
}

/// The same on a web service with each defect once, and why one of its lines blocks.
pub fn concurrency_lint(stage: &Stage) -> Result<()> {
    let service = stage.with_sample("async-service")?;
    say("\nThe sample here is a service on axum, reqwest and sqlx, with each defect once.");
    there_and_back(&service, "concurrency-lint", "rs")?;
    service.plugin("concurrency-lint", &["why", "src/routes.rs:36"])
}

/// Reports, applies and undoes; each must do what it says to the files that end so.
fn there_and_back(stage: &Stage, plugin: &str, ending: &str) -> Result<()> {
    let before = files(&stage.sample, ending)?;
    stage.plugin(plugin, &[])?;
    stage.plugin(plugin, &["--apply", "--allow-no-vcs"])?;
    let applied = files(&stage.sample, ending)?;
    ensure!(applied != before, "--apply changed nothing in the sample");
    stage.plugin(plugin, &["--undo"])?;
    ensure!(
        files(&stage.sample, ending)? == before,
        "--undo did not restore every byte"
    );
    Ok(())
}

/// The word counter on a text that takes it a second or so.
pub fn hotpath(stage: &Stage) -> Result<()> {
    let text: String = (0..3_000_000_u32)
        .map(|n| format!("w{} ", n.wrapping_mul(2_654_435_761) >> 16))
        .collect();
    let path = stage.sample.join("words.txt");
    fs::write(&path, text).with_context(|| format!("cannot write {path}"))?;
    let status = stage.start("hotpath", &["--", "words.txt"])?;
    if !status.success() {
        let ci = std::env::var_os("CI").is_some_and(|value| value == "true");
        ensure!(!ci, "cargo hotpath failed with {status}");
        say("It could not record on this machine: the lines above say why, and what to do.");
    }
    Ok(())
}
