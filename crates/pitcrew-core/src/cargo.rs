//! Running cargo, and commands of the user, as children that Ctrl-C and a deadline end.

mod child;
mod interrupt;
mod lines;
mod messages;

use std::process::{Command, ExitStatus};
use std::time::Instant;

use anyhow::{Context as _, Result};
use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use crate::shell::quoted;

pub use interrupt::{install_interrupt_handler, interrupted};

use child::{Stream, Tail};
use messages::Reader;

/// The user pressed Ctrl-C, or the process was told to end; the children have been ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted; nothing was changed")]
pub struct Interrupted;

/// The time given ran out; the children have been ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the time budget ran out")]
pub struct DeadlinePassed;

/// cargo ran and failed: what it said is the user's to read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{command}` failed\n\n{said}")]
pub struct BuildFailed {
    /// As the user would type it.
    pub command: String,
    /// The compiler's errors and cargo's own, as cargo shows them.
    pub said: String,
}

/// One run of cargo.
#[derive(Debug, Clone, Default)]
pub struct CargoRun {
    /// The subcommand and its arguments; the message format is added.
    pub args: Vec<String>,
    pub cwd: Utf8PathBuf,
    pub env: Vec<(String, String)>,
    pub env_remove: Vec<String>,
    /// Diagnostics keep their colours.
    pub colour: bool,
    pub deadline: Option<Instant>,
}

/// What happens in a build, as it happens.
#[derive(Debug, Clone, PartialEq)]
pub enum BuildEvent {
    /// cargo's own count of units, and what is being built.
    Progress {
        done: u32,
        total: u32,
        label: String,
    },
    Timed(TimedEvent),
    /// A warning or an error of the compiler, rendered.
    Diagnostic {
        error: bool,
        rendered: String,
        /// Of the package that it is about.
        package_id: String,
    },
}

/// What a recording takes from cargo's messages. Times are those of
/// [`now_s`](crate::wrapper::clock::now_s).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimedEvent {
    ScriptStarted {
        program: Utf8PathBuf,
        at_s: f64,
    },
    ScriptExecuted {
        package_id: String,
        out_dir: Utf8PathBuf,
        at_s: f64,
    },
    Artifact(BuiltArtifact),
}

/// A target that cargo reports as built or up to date.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct BuiltArtifact {
    pub package_id: String,
    pub target: String,
    /// cargo's words: `lib`, `bin`, `custom-build`, ...
    pub kinds: Vec<String>,
    pub src_path: Utf8PathBuf,
    pub test: bool,
    pub fresh: bool,
    pub executable: Option<Utf8PathBuf>,
    pub filenames: Vec<Utf8PathBuf>,
}

/// A build that succeeded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BuildOutput {
    /// As the user would type it.
    pub command: String,
    /// On [`now_s`](crate::wrapper::clock::now_s)'s clock.
    pub started_s: f64,
    pub wall_s: f64,
    /// Of cargo and everything it ran; none where the platform cannot say.
    pub cpu_s: Option<f64>,
    pub events: Vec<TimedEvent>,
}

impl BuildOutput {
    pub fn artifacts(&self) -> impl Iterator<Item = &BuiltArtifact> {
        self.events.iter().filter_map(|event| match event {
            TimedEvent::Artifact(artifact) => Some(artifact),
            _ => None,
        })
    }

    pub fn executables(&self) -> impl Iterator<Item = &Utf8PathBuf> {
        self.artifacts()
            .filter_map(|artifact| artifact.executable.as_ref())
    }
}

impl CargoRun {
    /// `cargo build --workspace`
    pub fn display(&self) -> String {
        let args = self.args.iter().map(|arg| quoted(arg));
        std::iter::once("cargo".to_owned())
            .chain(args)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Runs it to its end. Fails with [`BuildFailed`], [`Interrupted`] or [`DeadlinePassed`], which
    /// a caller can tell apart with `downcast_ref`.
    pub fn run(&self, progress: &mut dyn FnMut(&BuildEvent)) -> Result<BuildOutput> {
        let command_line = self.display();
        let mut reader = Reader::default();
        let finished = child::supervise(
            &mut self.command(),
            self.deadline,
            &interrupt::count,
            &mut |stream, at_s, bytes| reader.feed(stream, at_s, bytes, progress),
        )
        .with_context(|| format!("cannot run `{command_line}`"))?;
        if !finished.status.success() {
            return Err(BuildFailed {
                command: command_line,
                said: reader.said(finished.status),
            }
            .into());
        }
        Ok(BuildOutput {
            command: command_line,
            started_s: finished.started_s,
            wall_s: finished.ended_s - finished.started_s,
            cpu_s: finished.cpu_s,
            events: reader.into_events(),
        })
    }

    fn command(&self) -> Command {
        // Set by cargo for its subcommands: the same toolchain builds and is reported on.
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        let (own, passed_on) = match self.args.iter().position(|arg| arg == "--") {
            Some(at) => self.args.split_at(at),
            None => (&self.args[..], &[][..]),
        };
        let format = if self.colour {
            "--message-format=json-diagnostic-rendered-ansi"
        } else {
            "--message-format=json"
        };
        command.args(own).args([format, "-v"]).args(passed_on);
        command.current_dir(&self.cwd);
        for name in &self.env_remove {
            command.env_remove(name);
        }
        // The plain counter and status lines are read here and shown by no one.
        command
            .env("CARGO_TERM_COLOR", "never")
            .env("CARGO_TERM_QUIET", "false")
            .env("CARGO_TERM_PROGRESS_WHEN", "always")
            .env("CARGO_TERM_PROGRESS_WIDTH", "200")
            .env("CARGO_TERM_PROGRESS_TERM_INTEGRATION", "false");
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// A command of the user.
#[derive(Debug, Clone, Default)]
pub struct CommandRun {
    pub command: UserCommand,
    pub cwd: Utf8PathBuf,
    pub env: Vec<(String, String)>,
    pub deadline: Option<Instant>,
}

/// How a command of the user is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserCommand {
    /// A line for the user's shell.
    Shell(String),
    /// A program and its arguments, as they are.
    Words(Vec<String>),
}

impl Default for UserCommand {
    fn default() -> Self {
        Self::Words(Vec::new())
    }
}

impl UserCommand {
    /// As one would type it.
    pub fn display(&self) -> String {
        match self {
            Self::Shell(line) => line.clone(),
            Self::Words(words) => {
                let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
                words.join(" ")
            }
        }
    }

    fn command(&self) -> Result<Command> {
        let (program, args): (&str, Vec<&str>) = match self {
            Self::Shell(line) if cfg!(windows) => ("cmd", vec!["/C", line]),
            Self::Shell(line) => ("sh", vec!["-c", line]),
            Self::Words(words) => {
                let (program, args) = words.split_first().context("the command is empty")?;
                (program, args.iter().map(String::as_str).collect())
            }
        };
        let mut command = Command::new(program);
        command.args(args);
        Ok(command)
    }
}

/// A command that ended by itself.
#[derive(Debug, Clone)]
pub struct CommandOutput {
    pub wall_s: f64,
    /// Of the command and all that it ran; none where the platform cannot say.
    pub cpu_s: Option<f64>,
    /// The most memory that one process of it had; none where the platform cannot say.
    pub peak_bytes: Option<u64>,
    pub status: ExitStatus,
    /// The last that it wrote.
    pub stdout: String,
    pub stderr: String,
}

/// Runs a command of the user; a failing one is no error here. Fails with [`Interrupted`] or
/// [`DeadlinePassed`].
pub fn run_command(run: &CommandRun) -> Result<CommandOutput> {
    let mut command = run.command.command()?;
    command.current_dir(&run.cwd);
    command.envs(run.env.iter().map(|(name, value)| (name, value)));
    let (mut stdout, mut stderr) = (Tail::default(), Tail::default());
    let finished = child::supervise(
        &mut command,
        run.deadline,
        &interrupt::count,
        &mut |stream, _, bytes| match stream {
            Stream::Out => stdout.push(bytes),
            Stream::Err => stderr.push(bytes),
        },
    )
    .with_context(|| format!("cannot run `{}`", run.command.display()))?;
    Ok(CommandOutput {
        wall_s: finished.ended_s - finished.started_s,
        cpu_s: finished.cpu_s,
        peak_bytes: finished.peak_bytes,
        status: finished.status,
        stdout: stdout.text(),
        stderr: stderr.text(),
    })
}

#[cfg(test)]
mod tests;
