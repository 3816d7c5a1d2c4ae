//! Recording with tools that are on PATH, where our own recorder is not allowed to or does not exist: what
//! they write is imported like anyone's recording.

mod plan;

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use camino::Utf8Path;

use super::launch::wait;
use crate::args::{ProgramOutput, RecordFlags};
use crate::import;
use crate::kept::Kept;
use crate::profile::{KernelFrames, Profile};
use crate::record::{Failure, carry_over};
use plan::{Asked, Plan};

pub use plan::order;

/// What is recorded: the program, and where its output goes.
pub type Recorded<'a> = (&'a Command, ProgramOutput);

/// Records with `perf record`.
pub fn perf(what: Recorded<'_>, flags: &RecordFlags, kept: &Kept) -> Result<Profile, Failure> {
    let mut profile = record(what, flags.duration, kept, |folder| {
        plan::perf(&asked(what.0, flags), folder)
    })?;
    profile.about.recorder = "perf".to_owned();
    profile.about.rate_hz = flags.rate;
    profile.about.kernel = KernelFrames::Unknown;
    Ok(profile)
}

/// Records with Instruments' Time Profiler.
pub fn xctrace(what: Recorded<'_>, flags: &RecordFlags, kept: &Kept) -> Result<Profile, Failure> {
    // The tool ends by itself at the time limit, and must be left to write what it has.
    let mut profile = record(what, None, kept, |folder| {
        plan::xctrace(&asked(what.0, flags), folder)
    })?;
    profile.about.recorder = "xctrace".to_owned();
    Ok(profile)
}

/// Records with samply.
pub fn samply(what: Recorded<'_>, flags: &RecordFlags, kept: &Kept) -> Result<Profile, Failure> {
    let mut profile = record(what, None, kept, |folder| {
        plan::samply(&asked(what.0, flags), folder)
    })?;
    profile.about.recorder = "samply".to_owned();
    Ok(profile)
}

/// Counts instructions under valgrind.
pub fn callgrind(what: Recorded<'_>, flags: &RecordFlags, kept: &Kept) -> Result<Profile, Failure> {
    let mut profile = record(what, flags.duration, kept, plan::callgrind)?;
    profile.about.recorder = "callgrind".to_owned();
    profile.about.notes.push(
        "callgrind counted instructions: time in memory and in the kernel does not show, and who \
         called whom is rebuilt from sums"
            .to_owned(),
    );
    Ok(profile)
}

/// Counts allocations under valgrind.
pub fn dhat(
    what: Recorded<'_>,
    duration: Option<Duration>,
    kept: &Kept,
) -> Result<Profile, Failure> {
    let mut profile = record(what, duration, kept, plan::dhat)?;
    profile.about.recorder = "DHAT".to_owned();
    Ok(profile)
}

fn asked<'a>(command: &'a Command, flags: &RecordFlags) -> Asked<'a> {
    let set = command.get_envs();
    let variables = set.filter_map(|(name, value)| Some((name.to_str()?, value?.to_str()?)));
    Asked {
        rate_hz: flags.rate,
        // The kernel wants whole words.
        stack_bytes: flags.stack_size / 8 * 8,
        duration: flags.duration,
        variables: variables.collect(),
    }
}

/// Runs the tool on the command and imports the file that it wrote.
fn record(
    (command, sink): Recorded<'_>,
    duration: Option<Duration>,
    kept: &Kept,
    plan: impl Fn(&str) -> Plan,
) -> Result<Profile, Failure> {
    let folder = tempfile::Builder::new()
        .prefix("pitcrew-hotpath-")
        .tempdir();
    let folder = folder.context("cannot create a temporary folder")?;
    let folder = Utf8Path::from_path(folder.path()).context("a non-UTF-8 temporary folder")?;
    let plan = plan(folder.as_str());
    let mut wrapped = Command::new(plan.tool);
    wrapped.args(&plan.args);
    wrapped.arg(command.get_program()).args(command.get_args());
    carry_over(command, &mut wrapped, sink)?;
    let begun = Instant::now();
    let mut child = match wrapped.spawn() {
        Ok(child) => child,
        Err(error) => {
            let why = format!("{} does not run here: {error}; {}", plan.tool, plan.get);
            return Err(Failure::Unavailable(why));
        }
    };
    let ended = wait(&mut child, duration)?;
    let wall_s = begun.elapsed().as_secs_f64();
    let read = exported(&plan);
    if read.is_ok() && !has_bytes(&plan.file) {
        // It has said why on standard error, which is ours.
        let why = format!("{} recorded nothing", plan.tool);
        return Err(Failure::Unavailable(why));
    }
    let read =
        read.and_then(|()| import::file(plan.file.as_str().into(), &kept.places, &kept.symbols()));
    let mut profile = read.map_err(|error| {
        Failure::Unavailable(format!("{} recorded nothing: {error:#}", plan.tool))
    })?;
    profile.about.wall_s = wall_s;
    profile.about.ended = ended;
    Ok(profile)
}

fn has_bytes(path: &str) -> bool {
    std::fs::metadata(path).is_ok_and(|file| file.len() > 0)
}

/// Has the tool write its recording in a form that is read here, where it does not by itself.
fn exported(plan: &Plan) -> Result<()> {
    let Some(args) = &plan.export else {
        return Ok(());
    };
    let output = Command::new(plan.tool).args(args).output();
    let output = output.with_context(|| format!("cannot start {}", plan.tool))?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{}", said.trim());
    Ok(())
}
