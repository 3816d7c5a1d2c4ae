//! The entry point that every plugin's `main` calls: the three ways to start a cargo plugin are made
//! one, arguments are parsed, the plugin runs with injected writers, and its end becomes an exit
//! status, with the cause chain on stderr.

use std::env;
use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use anyhow::{Context as _, Error};
use clap::{ColorChoice, Parser};

use crate::exit::Exit;
use crate::finding::Severity;
use crate::handover::Call;
use crate::style::{Palette, color_choice, layout};

mod duration;
mod flags;
mod stack;

pub use crate::cargo::Interrupted;
pub use duration::{duration, fine_duration};
pub use flags::{ApplyFlags, CargoFlags, OutputFlags, Verbosity};

/// Stands below the help of a plugin that checks.
pub const EXIT_CODES: &str = "Exit status: 0 all well, 1 findings under --check, 2 failure.";

/// Where a plugin writes: results on stdout; progress, warnings and timings on stderr.
pub struct Out<'a> {
    pub stdout: &'a mut dyn Write,
    pub stderr: &'a mut dyn Write,
    pub stdout_color: bool,
    pub stderr_color: bool,
    /// Bars are drawn only where this holds.
    pub stderr_terminal: bool,
    /// Columns of the terminal; 80 where there is none.
    pub width: usize,
    /// What the user called, for naming calls like it.
    pub call: Call,
}

impl Out<'_> {
    pub fn stdout_palette(&self) -> Palette {
        Palette::new(self.stdout_color)
    }

    pub fn stderr_palette(&self) -> Palette {
        Palette::new(self.stderr_color)
    }

    /// Tells the user something beside the results.
    pub fn note(&mut self, text: impl Display) -> io::Result<()> {
        self.labelled("note", &text.to_string())
    }

    /// The same of what he would rather have otherwise.
    pub fn warn(&mut self, text: impl Display) -> io::Result<()> {
        self.labelled("warning", &text.to_string())
    }

    /// Within the columns of a terminal; a log has each line whole, to be searched.
    fn labelled(&mut self, label: &str, text: &str) -> io::Result<()> {
        if !self.stderr_terminal {
            return writeln!(self.stderr, "{label}: {text}");
        }
        let (first, list) = text.split_once('\n').unwrap_or((text, ""));
        let (label, rest) = (format!("{label}: "), " ".repeat(label.len() + 2));
        for line in textwrap::wrap(first, layout(self.width, &label, &rest)) {
            writeln!(self.stderr, "{line}")?;
        }
        // Paths, which stay whole.
        for line in list.lines() {
            writeln!(self.stderr, "{line}")?;
        }
        Ok(())
    }
}

/// The arguments without the subcommand's name that cargo passes: `cargo x …`, `cargo-x …`,
/// `cargo-x x …` and `cargo run -p cargo-x -- …` become the same.
pub fn normalize(argv: impl IntoIterator<Item = OsString>, name: &str) -> Vec<OsString> {
    let mut args: Vec<OsString> = argv.into_iter().collect();
    if args.is_empty() {
        args.push(format!("cargo-{name}").into());
    }
    if args.get(1).is_some_and(|first| first == name) {
        args.remove(1);
    }
    args
}

/// Parses the process's arguments and runs the plugin `cargo <subcommand>` on them.
pub fn main<A: Parser>(
    subcommand: &str,
    output: fn(&A) -> &OutputFlags,
    run: fn(A, &mut Out<'_>) -> anyhow::Result<Exit>,
) -> ExitCode {
    stack::deep(|| on_this_thread(subcommand, output, run)).into()
}

/// [`main`], where the stack is deep enough for whatever a source holds.
fn on_this_thread<A: Parser>(
    subcommand: &str,
    output: fn(&A) -> &OutputFlags,
    run: fn(A, &mut Out<'_>) -> anyhow::Result<Exit>,
) -> Exit {
    let variable = |name: &str| env::var(name).ok();
    let (stdout, stderr) = (io::stdout(), io::stderr());
    let terminals = Terminals {
        stdout: stdout.is_terminal(),
        stderr: stderr.is_terminal(),
        width: text_width(
            terminal_size::terminal_size().map(|(columns, _)| columns.0),
            &variable,
        ),
    };
    // Not locked: progress is drawn on stderr from a thread of its own.
    let (mut stdout, mut stderr) = (stdout, stderr);
    start(
        &normalize(env::args_os(), subcommand),
        &Plugin {
            subcommand,
            output,
            run,
        },
        &terminals,
        &variable,
        (&mut stdout, &mut stderr),
    )
}

/// What is known of the terminal before any flag is read.
struct Terminals {
    stdout: bool,
    stderr: bool,
    width: usize,
}

struct Plugin<'a, A> {
    subcommand: &'a str,
    output: fn(&A) -> &OutputFlags,
    run: fn(A, &mut Out<'_>) -> anyhow::Result<Exit>,
}

/// [`main`] with the world injected.
fn start<A: Parser>(
    args: &[OsString],
    plugin: &Plugin<'_, A>,
    terminals: &Terminals,
    variable: &dyn Fn(&str) -> Option<String>,
    (stdout, stderr): (&mut dyn Write, &mut dyn Write),
) -> Exit {
    let parsed = parse::<A>(plugin.subcommand, args, terminals.width);
    let color = match &parsed {
        Ok(arguments) => (plugin.output)(arguments).color,
        Err(_) => color_flag(args),
    };
    let mut out = Out {
        stdout,
        stderr,
        stdout_color: color_choice(color, variable, terminals.stdout),
        stderr_color: color_choice(color, variable, terminals.stderr),
        stderr_terminal: terminals.stderr,
        width: terminals.width,
        call: Call::new(plugin.subcommand, args.get(1..).unwrap_or_default()),
    };
    let ended = match parsed {
        Ok(arguments) => {
            stack::deepen_workers();
            (plugin.run)(arguments, &mut out)
        }
        Err(usage) => write_usage(&usage, &mut out),
    };
    // A result that is still buffered may be what finds the reader gone, or the disk full.
    let ended = ended.and_then(|exit| {
        out.stdout.flush().context("cannot write to stdout")?;
        Ok(exit)
    });
    match ended {
        Ok(exit) => exit,
        Err(error) if is_broken_pipe(&error) => Exit::Clean,
        Err(error) => {
            let palette = out.stderr_palette();
            // Where the interrupt struck is of no use to whoever caused it.
            let error = if error.is::<Interrupted>() {
                Interrupted.into()
            } else {
                error
            };
            // Where even stderr is gone, the exit status alone must tell.
            let _ = write_error(&error, palette, out.stderr);
            Exit::Failed
        }
    }
}

/// The plugin's command as its users type it, coloured as cargo's own help is.
pub fn command<A: Parser>(subcommand: &str) -> clap::Command {
    A::command()
        .bin_name(format!("cargo {subcommand}"))
        .styles(flags::CARGO_STYLES)
        // Colour is decided here, once for help, errors and reports.
        .color(ColorChoice::Never)
}

fn parse<A: Parser>(subcommand: &str, args: &[OsString], width: usize) -> Result<A, clap::Error> {
    let mut command = command::<A>(subcommand).term_width(width.min(100));
    let mut matches = command.try_get_matches_from_mut(args)?;
    A::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

/// Writes clap's answer: help and the version on stdout, a usage error on stderr.
fn write_usage(usage: &clap::Error, out: &mut Out<'_>) -> anyhow::Result<Exit> {
    let text = usage.render();
    let (stream, color): (&mut dyn Write, bool) = if usage.use_stderr() {
        (&mut *out.stderr, out.stderr_color)
    } else {
        (&mut *out.stdout, out.stdout_color)
    };
    if color {
        write!(stream, "{}", text.ansi())?;
    } else {
        write!(stream, "{text}")?;
    }
    Ok(if usage.use_stderr() {
        Exit::Failed
    } else {
        Exit::Clean
    })
}

/// The value of `--color` in arguments that could not be parsed, or that asked for help.
fn color_flag(args: &[OsString]) -> ColorChoice {
    let mut words = args
        .iter()
        .map_while(|arg| arg.to_str().filter(|arg| *arg != "--"));
    let mut found = ColorChoice::Auto;
    while let Some(word) = words.next() {
        let value = match word.strip_prefix("--color=") {
            Some(value) => Some(value),
            None if word == "--color" => words.next(),
            None => None,
        };
        if let Some(choice) = value.and_then(|value| value.parse().ok()) {
            found = choice;
        }
    }
    found
}

/// Whether `error` comes from a reader that went away, as `head` does.
fn is_broken_pipe(error: &Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>();
        io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// Writes `error` and its causes, each on lines of its own.
pub fn write_error(error: &Error, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let mut messages: Vec<String> = error.chain().map(ToString::to_string).collect();
    // Some errors repeat their cause in their own words.
    messages.dedup();
    for (depth, message) in messages.iter().enumerate() {
        let (label, indent) = if depth == 0 {
            (palette.severity(Severity::Error, "error"), "")
        } else {
            (palette.heading("caused by"), "  ")
        };
        let message = message.trim_end();
        let mut lines = message.lines();
        let first = palette.relay(lines.next().unwrap_or_default());
        writeln!(out, "{indent}{label}: {first}")?;
        for line in lines {
            if line.is_empty() {
                writeln!(out)?;
            } else {
                writeln!(out, "{indent}  {}", palette.relay(line))?;
            }
        }
    }
    Ok(())
}

/// Columns of the terminal, else `COLUMNS`, else 80.
fn text_width(terminal: Option<u16>, variable: &dyn Fn(&str) -> Option<String>) -> usize {
    /// Narrower text is a column of single words.
    const LEAST: usize = 40;
    let columns = || variable("COLUMNS")?.parse().ok();
    terminal
        .filter(|columns| *columns > 0)
        .map(usize::from)
        .or_else(columns)
        .unwrap_or(80)
        .max(LEAST)
}

#[cfg(test)]
mod tests;
