//! What each plugin shows on the sample.

use std::fs;

use anyhow::{Context, Result, ensure};

use super::{Stage, settings};
use crate::process::say;

/// Report, apply, undo.
pub fn buildspeed(stage: &Stage) -> Result<()> {
    there_and_back(stage, "buildspeed")
}

/// The same.
pub fn depslim(stage: &Stage) -> Result<()> {
    there_and_back(stage, "depslim")
}

/// Reports, applies and undoes; each must do what it says.
fn there_and_back(stage: &Stage, plugin: &str) -> Result<()> {
    let before = settings(&stage.sample)?;
    stage.plugin(plugin, &[])?;
    stage.plugin(plugin, &["--apply", "--allow-no-vcs"])?;
    let applied = settings(&stage.sample)?;
    ensure!(applied != before, "--apply changed nothing in the sample");
    stage.plugin(plugin, &["--undo"])?;
    ensure!(
        settings(&stage.sample)? == before,
        "--undo did not restore every byte"
    );
    Ok(())
}

/// To be replaced.
pub fn concurrency_lint(stage: &Stage) -> Result<()> {
    stage.plugin("concurrency-lint", &[])
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
