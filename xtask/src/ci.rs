//! `cargo xtask ci`: everything that must hold before a change lands, in the order of what is
//! cheapest to fail.

use std::time::Instant;

use anyhow::Result;

use crate::plugins::PLUGINS;
use crate::process::{self, cargo, say};

/// Runs every check and stops at the first that fails.
pub fn run() -> Result<()> {
    let begun = Instant::now();
    let step = |name: &str, check: &dyn Fn() -> Result<()>| -> Result<()> {
        say(&format!(
            "\n== {name} ({} s so far)",
            begun.elapsed().as_secs()
        ));
        check()
    };
    step("formatting", &|| {
        process::run(cargo().args(["fmt", "--all", "--check"]))
    })?;
    step("tidy", &crate::tidy::run)?;
    step("clippy", &|| {
        let mut clippy = cargo();
        clippy.args(["clippy", "--workspace", "--all-targets", "--locked"]);
        process::run(clippy.args(["--", "-D", "warnings"]))
    })?;
    step("tests", &tests)?;
    step("fuzzing, briefly", &crate::campaign::fuzz_briefly)?;
    step("docs", &|| crate::docs::run(true))?;
    step("packages", &crate::packages::run)?;
    step("our own plugins on ourselves", &ourselves)?;
    say(&format!(
        "\nAll checks passed in {} s.",
        begun.elapsed().as_secs()
    ));
    Ok(())
}

/// nextest where it is installed, for it runs the test binaries side by side; doctests have only
/// cargo's own runner.
fn tests() -> Result<()> {
    let run = |words: &[&str], rest: &[&str]| {
        let mut command = cargo();
        command.args(words).args(["--workspace", "--locked"]);
        process::run(command.args(rest))
    };
    if which::which("cargo-nextest").is_ok() {
        run(&["test"], &["--doc", "--quiet"])?;
        run(&["nextest", "run"], &["--no-fail-fast"])
    } else {
        run(&["test"], &["--no-fail-fast"])
    }
}

/// What we advise others holds for us: `--check` exits 1 on findings.
fn ourselves() -> Result<()> {
    for plugin in PLUGINS {
        let mut command = cargo();
        command.args(["run", "--quiet", "--locked", "-p", plugin.package]);
        process::run(command.arg("--").args(plugin.self_check))?;
    }
    Ok(())
}
