//! The fuzz targets, one after the other, where cargo-fuzz and a nightly compiler are at hand.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::bench::Figure;
use crate::process::say;

/// The targets, in the order of what is likeliest to break.
const TARGETS: [&str; 12] = [
    "source_trees",
    "source_tokens",
    "mir",
    "manifest",
    "cargo_config",
    "perf_data",
    "perf_script",
    "firefox",
    "xctrace",
    "callgrind",
    "dhat",
    "collapsed",
];

/// Why there is no fuzzing here, and how to have it.
fn missing() -> Option<&'static str> {
    let answers = |program: &str, args: &[&str]| {
        let mut command = Command::new(program);
        command
            .args(args)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if which::which("cargo-fuzz").is_err() {
        return Some("cargo-fuzz is not installed: cargo install cargo-fuzz --locked");
    }
    let has_nightly = answers("rustup", &["run", "nightly", "rustc", "-V"]);
    (!has_nightly).then_some(
        "there is no nightly compiler: rustup toolchain install nightly --profile minimal",
    )
}

pub fn run(seconds: u64, only: &[String]) -> Result<Vec<Figure>> {
    if let Some(why) = missing() {
        say(&format!("fuzz: skipped; {why}"));
        return Ok(Vec::new());
    }
    let wanted = |target: &&str| only.is_empty() || only.iter().any(|name| name == target);
    TARGETS
        .into_iter()
        .filter(wanted)
        .map(|target| one(target, seconds))
        .collect()
}

/// Runs one target on a copy of its corpus, so that what it adds stays out of the repository.
fn one(target: &str, seconds: u64) -> Result<Figure> {
    let folder = tempfile::tempdir()?;
    let seeds = crate::root().join("fuzz/corpus").join(target);
    let mut fuzz = Command::new("cargo");
    fuzz.current_dir(crate::root())
        .args(["+nightly", "fuzz", "run", "-s", "none", target])
        .arg(folder.path())
        .arg(&seeds)
        .arg("--")
        .arg(format!("-max_total_time={seconds}"))
        .args([
            "-timeout=20",
            "-rss_limit_mb=2048",
            "-max_len=16384",
            "-print_final_stats=1",
        ]);
    // The toolchain that runs us would win over `+nightly`.
    fuzz.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO");
    say(&format!("$ {}", crate::process::shown(&fuzz)));
    let output = fuzz.output().context("cannot start cargo fuzz")?;
    let said = String::from_utf8_lossy(&output.stderr);
    let executed = said
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))
        .map_or("no", str::trim);
    let what = format!("{target}: {seconds} s, {executed} inputs");
    let faults: Vec<String> = match output.status.success() {
        true => Vec::new(),
        false => vec![
            said.chars()
                .rev()
                .take(2_000)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect(),
        ],
    };
    Ok(super::without("fuzz", what, &faults))
}
