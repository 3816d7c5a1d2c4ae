//! Records a program with the first recorder that works here, and says which and why.

use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};
use pitcrew_core::cli::Out;

use crate::args::{Engine, ProgramOutput, RecordFlags};
use crate::kept::Kept;
use crate::observe::build::Harness;
use crate::observe::external;
use crate::profile::{About, Profile};

#[cfg(target_os = "linux")]
mod own;
/// The recorder's system call is Linux's.
#[cfg(not(target_os = "linux"))]
#[path = "record/none.rs"]
mod own;

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
        None => external::order(std::env::consts::OS).to_vec(),
    };
    let mut notes: Vec<String> = Vec::new();
    let what = (&program.command, sink);
    let tries = engines.len();
    for engine in engines {
        let tried = match engine {
            Engine::Own => own::run(again(&program.command, sink)?, flags, kept)
                .map_err(|failure| failure.of("our own recorder does not work here")),
            Engine::Perf => external::perf(what, flags, kept),
            Engine::Callgrind => external::callgrind(what, flags, kept),
            Engine::Xctrace => external::xctrace(what, flags, kept),
            Engine::Samply => external::samply(what, flags, kept),
        };
        match tried {
            Ok(mut profile) => {
                finish(&mut profile.about, program, notes);
                return Ok(profile);
            }
            Err(Failure::Unavailable(why)) => {
                notes.push(why);
                // The last is the error.
                if let Some(why) = notes.last().filter(|_| notes.len() < tries) {
                    out.note(why)?;
                }
            }
            Err(Failure::Other(error)) => return Err(error),
        }
    }
    match notes.pop() {
        Some(only) if notes.is_empty() => bail!(only),
        Some(last) => bail!("nothing that records works here; the last: {last}"),
        None => bail!("nothing records on this system: import a recording instead"),
    }
}

/// Samples a process that runs already; nothing else can.
pub fn attach(pid: i32, flags: &RecordFlags, kept: &Kept) -> Result<Profile> {
    match own::attach(pid, flags, kept) {
        Ok(mut profile) => {
            profile.about.command = format!("process {pid}");
            profile.about.created = now();
            Ok(profile)
        }
        Err(Failure::Unavailable(why)) => bail!("cannot sample process {pid}: {why}"),
        Err(Failure::Other(error)) => Err(error),
    }
}

/// Why an engine gave no profile.
pub enum Failure {
    /// It does not work here; the next may.
    Unavailable(String),
    Other(anyhow::Error),
}

impl Failure {
    /// With what did not work before the reason.
    fn of(self, what: &str) -> Self {
        match self {
            Self::Unavailable(why) => Self::Unavailable(format!("{what}: {why}")),
            other => other,
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
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
#[cfg(unix)]
fn stderr() -> Result<Stdio> {
    use anyhow::Context as _;
    use std::os::fd::AsFd as _;
    let ours = std::io::stderr().as_fd().try_clone_to_owned();
    Ok(Stdio::from(ours.context("cannot pass standard error on")?))
}

#[cfg(windows)]
fn stderr() -> Result<Stdio> {
    use anyhow::Context as _;
    use std::os::windows::io::AsHandle as _;
    let ours = std::io::stderr().as_handle().try_clone_to_owned();
    Ok(Stdio::from(ours.context("cannot pass standard error on")?))
}
