//! Records a program with the first recorder that works here, and says which and why.

use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};
use pitcrew_core::cli::Out;

use crate::args::{Engine, ProgramOutput, RecordFlags};
use crate::kept::Kept;
use crate::observe::build::Harness;
use crate::observe::{external, sampler, symbolise};
use crate::profile::{About, Profile};

/// A program and how to run it.
pub struct Program {
    pub command: Command,
    /// As the user would type it.
    pub shown: String,
    /// Our own call, as the user would type it.
    pub call: Option<String>,
    pub build_profile: Option<String>,
    pub optimised: Option<bool>,
    /// Of a benchmark, what runs it.
    pub harness: Option<Harness>,
}

/// Runs the program and gives its profile.
pub fn run(
    program: &Program,
    flags: &RecordFlags,
    machine_reads: bool,
    kept: &Kept,
    out: &mut Out<'_>,
) -> Result<Profile> {
    let sink = sink(flags.program_output, machine_reads);
    let engines = match flags.engine {
        Some(engine) => vec![engine],
        None if flags.off_cpu => vec![Engine::Own],
        None => vec![Engine::Own, Engine::Perf, Engine::Callgrind],
    };
    let mut notes: Vec<String> = Vec::new();
    for engine in engines {
        let tried = match engine {
            Engine::Own => own(again(&program.command, sink)?, flags, kept),
            Engine::Perf => external::perf(&program.command, sink, flags, kept),
            Engine::Callgrind => external::callgrind(&program.command, sink, flags, kept),
        };
        match tried {
            Ok(mut profile) => {
                finish(&mut profile.about, program, notes);
                return Ok(profile);
            }
            Err(Failure::Unavailable(why)) => {
                writeln!(out.stderr, "note: {why}")?;
                notes.push(why);
            }
            Err(Failure::Other(error)) => return Err(error),
        }
    }
    bail!("nothing can record here:\n{}", notes.join("\n"))
}

/// Samples a process that runs already; nothing else can.
pub fn attach(pid: i32, flags: &RecordFlags, kept: &Kept) -> Result<Profile> {
    match sampler::attach(pid, &options(flags)) {
        Ok(recorded) => {
            let mut profile = profile_of(recorded, flags, kept);
            profile.about.command = format!("process {pid}");
            profile.about.created = now();
            Ok(profile)
        }
        Err(sampler::Failure::Unavailable(why)) => {
            bail!(
                "cannot sample process {pid}: {}; {}",
                why.reason,
                why.remedy
            )
        }
        Err(sampler::Failure::Other(error)) => Err(error),
    }
}

/// Why an engine gave no profile.
pub enum Failure {
    /// It does not work here; the next may.
    Unavailable(String),
    Other(anyhow::Error),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

fn own(command: Command, flags: &RecordFlags, kept: &Kept) -> Result<Profile, Failure> {
    match sampler::run(command, &options(flags)) {
        Ok(recorded) => Ok(profile_of(recorded, flags, kept)),
        Err(sampler::Failure::Unavailable(why)) => Err(Failure::Unavailable(format!(
            "our own recorder does not work here: {}; {}",
            why.reason, why.remedy
        ))),
        Err(sampler::Failure::Other(error)) => Err(Failure::Other(error)),
    }
}

fn options(flags: &RecordFlags) -> sampler::Options {
    sampler::Options {
        rate_hz: flags.rate,
        // The kernel wants whole words.
        stack_bytes: flags.stack_size / 8 * 8,
        duration: flags.duration,
        off_cpu: flags.off_cpu,
    }
}

fn profile_of(recorded: sampler::Recorded, flags: &RecordFlags, kept: &Kept) -> Profile {
    let symbols = kept.symbols();
    let mut profile = symbolise::symbolise(&recorded.raw, &kept.places, Some(&symbols));
    let about = &mut profile.about;
    about.recorder = "cargo hotpath".to_owned();
    about.event = recorded.event.to_owned();
    about.unit = recorded.unit;
    // Each wait is seen, and how long it was: nothing is sampled.
    about.rate_hz = if flags.off_cpu { 0 } else { flags.rate };
    about.wall_s = recorded.wall_s;
    about.kernel = recorded.kernel;
    about.ended = recorded.ended;
    profile
}

/// Adds what is known of the program; `notes` is what was tried before.
pub fn finish(about: &mut About, program: &Program, notes: Vec<String>) {
    about.command.clone_from(&program.shown);
    about.recorded_by.clone_from(&program.call);
    about.created = now();
    about.build_profile.clone_from(&program.build_profile);
    about.optimised = program.optimised;
    about.notes.splice(0..0, notes);
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// Where the program's output goes: to where ours does, unless a machine reads that.
pub fn sink(asked: Option<ProgramOutput>, machine_reads: bool) -> ProgramOutput {
    asked.unwrap_or(if machine_reads {
        ProgramOutput::Stderr
    } else {
        ProgramOutput::Stdout
    })
}

/// The same command once more: one that was refused is used up.
pub fn again(command: &Command, sink: ProgramOutput) -> Result<Command> {
    let mut copy = Command::new(command.get_program());
    copy.args(command.get_args());
    carry_over(command, &mut copy, sink)?;
    Ok(copy)
}

/// Gives `to` the folder and the variables of `from`, and its output where it belongs.
pub fn carry_over(from: &Command, to: &mut Command, sink: ProgramOutput) -> Result<()> {
    if let Some(dir) = from.get_current_dir() {
        to.current_dir(dir);
    }
    for (name, value) in from.get_envs() {
        match value {
            Some(value) => to.env(name, value),
            None => to.env_remove(name),
        };
    }
    to.stdout(match sink {
        ProgramOutput::Stdout => Stdio::inherit(),
        ProgramOutput::Null => Stdio::null(),
        ProgramOutput::Stderr => stderr()?,
    });
    Ok(())
}

/// Our standard error as a child's standard output.
fn stderr() -> Result<Stdio> {
    use anyhow::Context as _;
    use std::os::fd::AsFd as _;
    let ours = std::io::stderr().as_fd().try_clone_to_owned();
    Ok(Stdio::from(ours.context("cannot pass standard error on")?))
}
