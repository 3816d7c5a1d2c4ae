//! Benchmarks: what their harness measured itself, and what of a recording is its own work.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::cli::Out;
use pitcrew_core::session::Session;
use regex::Regex;

use crate::args::BenchArgs;
use crate::observe::build::Harness;
use crate::observe::estimates;
use crate::profile::{Estimate, Profile};
use crate::record::{self, Program};

/// Has criterion measure, where that is asked for, and reads what it last measured.
pub fn estimates(
    args: &BenchArgs,
    program: &Program,
    session: &Session,
    out: &mut Out<'_>,
) -> Result<Vec<Estimate>> {
    let asked = args.measure || args.baseline.is_some();
    if program.harness != Some(Harness::Criterion) {
        ensure!(
            !asked,
            "--measure and --baseline are for criterion: other harnesses print what they measure, and keep \
             nothing"
        );
        return Ok(Vec::new());
    }
    let home = std::env::var("CRITERION_HOME").map(Utf8PathBuf::from);
    let home = home.unwrap_or_else(|_| session.workspace.target_dir.join("criterion"));
    if args.measure {
        writeln!(out.stderr, "criterion measures first...")?;
        measure(args, program, &home)?;
    }
    let name = args.name.as_deref().map(|name| {
        // A name that is no pattern stands for itself, as it does to criterion.
        Regex::new(name).or_else(|_| Regex::new(&regex::escape(name)))
    });
    estimates::read(&home, name.transpose()?.as_ref(), args.baseline.as_deref())
}

/// Criterion's own run, under a baseline of ours so that the user's stay what they are.
fn measure(args: &BenchArgs, program: &Program, home: &Utf8Path) -> Result<()> {
    let mut command = Command::new(program.command.get_program());
    command.arg("--bench").args(&args.name);
    command.args(["--save-baseline", "hotpath"]);
    let sink = record::sink(args.profiling.record.program_output, true);
    record::carry_over(&program.command, &mut command, sink)?;
    command.env("CRITERION_HOME", home);
    let status = command.status().context("cannot start the benchmark")?;
    ensure!(status.success(), "the benchmark failed: {status}");
    Ok(())
}

/// Parts of the names of the functions that call what is measured.
const LOOPS: [&str; 3] = [
    "criterion::bencher::",
    "divan::benchmark::BenchContext",
    "test::bench::",
];

/// Takes out of a recording what is not below a harness' measuring loop, and notes how much that was. Where
/// no such loop was seen everything stays.
pub fn without_harness(profile: &mut Profile) {
    let measures: Vec<bool> = (profile.functions.iter())
        .map(|function| LOOPS.iter().any(|part| function.name.contains(part)))
        .collect();
    // Callers stand before what they call.
    let mut below: Vec<bool> = Vec::with_capacity(profile.stacks.len());
    for stack in &profile.stacks {
        let function = profile.frames[stack.frame as usize].function;
        let inherited = stack.parent.is_some_and(|parent| below[parent as usize]);
        below.push(inherited || measures[function as usize]);
    }
    let measured = |stack: Option<u32>| stack.is_some_and(|stack| below[stack as usize]);
    let total = profile.total_weight();
    let kept = profile
        .samples
        .iter()
        .filter(|sample| measured(sample.stack));
    let kept: u64 = kept.map(|sample| sample.weight).sum();
    if kept == 0 || kept == total {
        return;
    }
    profile.samples.retain(|sample| measured(sample.stack));
    let share = 100.0 * (1.0 - kept as f64 / total as f64);
    profile.about.notes.push(format!(
        "left out: {share:.1} % of the time, which was the benchmark harness' own"
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::synthetic;

    #[test]
    fn what_the_harness_does_for_itself_is_left_out_and_said() {
        let frames = |names: [&'static str; 2]| names.map(|name| synthetic::yours(name, "b.rs", 1));
        let measured = frames(["criterion::bencher::Bencher<_>::iter", "b::fib"]);
        let own = frames(["criterion::analysis::common", "criterion::stats::mean"]);
        let mut profile = synthetic::profile(&[(&measured, 3), (&own, 1)]);
        without_harness(&mut profile);
        assert_eq!(profile.count(), 3);
        assert_eq!(profile.about.notes.len(), 1);
        assert!(
            profile.about.notes[0].contains("25.0 %"),
            "{:?}",
            profile.about.notes
        );
        let mut other = synthetic::profile(&[(&own, 4)]);
        without_harness(&mut other);
        assert_eq!(other.count(), 4, "no loop was seen");
        assert_eq!(other.about.notes, [""; 0]);
    }
}
