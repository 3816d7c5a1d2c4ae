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
        let args = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ];
        process::run(cargo().args(args))
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
    if which::which("cargo-nextest").is_ok() {
        process::run(cargo().args(["test", "--workspace", "--locked", "--doc", "--quiet"]))?;
        process::run(cargo().args([
            "nextest",
            "run",
            "--workspace",
            "--locked",
            "--no-fail-fast",
        ]))
    } else {
        process::run(cargo().args(["test", "--workspace", "--locked", "--no-fail-fast"]))
    }
}

/// What we advise others holds for us: `--check` exits 1 on findings.
fn ourselves() -> Result<()> {
    for plugin in PLUGINS {
        let args = ["run", "--quiet", "--locked", "-p", plugin.package, "--"];
        process::run(cargo().args(args).args(plugin.self_check))?;
    }
    Ok(())
}
