//! cargo's messages: JSON on stdout, the counter and status lines of `-v` on stderr.

use std::process::ExitStatus;

use cargo_metadata::Message;
use cargo_metadata::diagnostic::DiagnosticLevel;

use super::child::Stream;
use super::lines::{Lines, without_control};
use super::{BuildEvent, BuiltArtifact, TimedEvent};

/// What an error report may grow to.
const ENOUGH_SAID: usize = 64 * 1024;

/// Reads what a cargo writes, and keeps what a result or an error needs.
#[derive(Debug)]
pub struct Reader {
    stdout: Lines,
    stderr: Lines,
    kept: Kept,
}

#[derive(Debug, Default)]
struct Kept {
    events: Vec<TimedEvent>,
    /// The compiler's errors, rendered.
    errors: String,
    /// What cargo said beside its status lines.
    remarks: Vec<String>,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            stdout: Lines::new(false),
            stderr: Lines::new(true),
            kept: Kept::default(),
        }
    }
}

impl Reader {
    pub fn feed(
        &mut self,
        stream: Stream,
        at_s: f64,
        bytes: &[u8],
        progress: &mut dyn FnMut(&BuildEvent),
    ) {
        let kept = &mut self.kept;
        match stream {
            Stream::Out => self
                .stdout
                .feed(bytes, &mut |line| kept.message(line, at_s, progress)),
            Stream::Err => self
                .stderr
                .feed(bytes, &mut |line| kept.status(line, at_s, progress)),
        }
    }

    pub fn into_events(self) -> Vec<TimedEvent> {
        self.kept.events
    }

    /// What a failed cargo had to say.
    pub fn said(&self, status: ExitStatus) -> String {
        let remarks = without_rustc_command(&self.kept.remarks).join("\n");
        let said = format!("{}{}", self.kept.errors, remarks.trim_matches('\n'));
        let said = said.trim_end();
        if said.is_empty() {
            format!("cargo ended with {status}")
        } else {
            said.to_owned()
        }
    }
}

impl Kept {
    fn message(&mut self, line: &str, at_s: f64, progress: &mut dyn FnMut(&BuildEvent)) {
        // Build scripts and future versions of cargo may write other lines.
        let Ok(message) = serde_json::from_str::<Message>(line) else {
            return;
        };
        match message {
            Message::CompilerArtifact(artifact) => {
                let target = artifact.target;
                let event = TimedEvent::Artifact(BuiltArtifact {
                    package_id: artifact.package_id.repr,
                    target: target.name,
                    kinds: target.kind.iter().map(ToString::to_string).collect(),
                    src_path: target.src_path,
                    test: artifact.profile.test,
                    fresh: artifact.fresh,
                    executable: artifact.executable,
                    filenames: artifact.filenames,
                });
                self.timed(event, progress);
            }
            Message::BuildScriptExecuted(script) => {
                let event = TimedEvent::ScriptExecuted {
                    package_id: script.package_id.repr,
                    out_dir: script.out_dir,
                    at_s,
                };
                self.timed(event, progress);
            }
            Message::CompilerMessage(message) => {
                let diagnostic = message.message;
                let error = matches!(
                    diagnostic.level,
                    DiagnosticLevel::Error | DiagnosticLevel::Ice
                );
                let rendered = diagnostic.rendered.unwrap_or(diagnostic.message);
                if error && self.errors.len() < ENOUGH_SAID {
                    self.errors.push_str(rendered.trim_end());
                    self.errors.push_str("\n\n");
                }
                progress(&BuildEvent::Diagnostic {
                    error,
                    rendered,
                    package_id: message.package_id.repr,
                });
            }
            _ => {}
        }
    }

    fn timed(&mut self, event: TimedEvent, progress: &mut dyn FnMut(&BuildEvent)) {
        progress(&BuildEvent::Timed(event.clone()));
        self.events.push(event);
    }

    fn status(&mut self, line: &str, at_s: f64, progress: &mut dyn FnMut(&BuildEvent)) {
        let line = without_control(line);
        match status_line(&line) {
            Some(("Building", rest)) if rest.starts_with('[') => {
                if let Some(event) = counter(rest) {
                    progress(&event);
                }
            }
            Some(("Running", rest)) => {
                if let Some(program) = build_script(rest) {
                    let program = program.into();
                    self.timed(TimedEvent::ScriptStarted { program, at_s }, progress);
                }
            }
            Some(_) => {}
            None if self.remarks.len() < ENOUGH_SAID / 64 => self.remarks.push(line),
            None => {}
        }
    }
}

/// The verb, which cargo right-aligns to twelve columns, and the rest.
fn status_line(line: &str) -> Option<(&str, &str)> {
    let (head, rest) = line.split_at_checked(12)?;
    let verb = head.trim_start();
    let is_verb = verb.starts_with(|c: char| c.is_ascii_uppercase())
        && verb.chars().all(|c| c.is_ascii_alphabetic());
    is_verb.then_some((verb, rest.strip_prefix(' ')?))
}

/// `[====>    ] 12/86: syn, tokio`
fn counter(rest: &str) -> Option<BuildEvent> {
    let (_, rest) = rest.split_once("] ")?;
    let (numbers, label) = rest.split_once(": ").unwrap_or((rest, ""));
    let (done, total) = numbers.trim().trim_end_matches(':').split_once('/')?;
    Some(BuildEvent::Progress {
        done: done.parse().ok()?,
        total: total.parse().ok()?,
        label: label.trim_end().to_owned(),
    })
}

/// The program, where ``Running `...` `` runs a build script and not rustc.
fn build_script(rest: &str) -> Option<&str> {
    let program = rest
        .strip_prefix('`')?
        .strip_suffix('`')?
        .trim_matches('\'');
    let name = program.rsplit(['/', '\\']).next()?;
    (name.starts_with("build-script-") && !name.contains(' ')).then_some(program)
}

/// Leaves rustc's command line out, which `-v` prints after a failure that its errors explain.
fn without_rustc_command(remarks: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(remarks.len());
    for line in remarks {
        let is_rustc = line
            .trim_start()
            .starts_with("process didn't exit successfully: `")
            && line.contains("--crate-name");
        if !is_rustc {
            kept.push(line.clone());
            continue;
        }
        let status = line.rsplit_once("` ").map_or("", |(_, status)| status);
        if status.starts_with("(signal") {
            kept.push(format!(
                "  process didn't exit successfully: `rustc` {status}"
            ));
        } else {
            while kept
                .last()
                .is_some_and(|line| line.is_empty() || line == "Caused by:")
            {
                kept.pop();
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(stderr: &str, stdout: &str) -> (Reader, Vec<BuildEvent>) {
        let mut reader = Reader::default();
        let mut events = Vec::new();
        let mut progress = |event: &BuildEvent| events.push(event.clone());
        reader.feed(Stream::Err, 1.0, stderr.as_bytes(), &mut progress);
        reader.feed(Stream::Out, 2.0, stdout.as_bytes(), &mut progress);
        (reader, events)
    }

    #[test]
    fn the_counter_and_build_scripts_are_read_from_status_lines() {
        let (_, events) = read(
            "   Compiling syn v2.0.32\n\
             \u{1b}[K    Building [====>       ] 12/86: syn, tokio(build)   \r\
             \u{1b}[K     Running `/t/debug/build/libc-cb9f/build-script-build`\n\
             \u{20}    Running `/bin/cargo-x /bin/rustc --crate-name build_script_build x/build.rs`\n\
             \u{20}   Building [           ] 0/2\r",
            "",
        );
        assert_eq!(
            events,
            [
                BuildEvent::Progress {
                    done: 12,
                    total: 86,
                    label: "syn, tokio(build)".to_owned()
                },
                BuildEvent::Timed(TimedEvent::ScriptStarted {
                    program: "/t/debug/build/libc-cb9f/build-script-build".into(),
                    at_s: 1.0
                }),
                BuildEvent::Progress {
                    done: 0,
                    total: 2,
                    label: String::new()
                },
            ]
        );
    }

    #[test]
    fn lines_that_are_not_cargos_messages_are_let_through() {
        let (reader, events) = read("", "hello\n{\"reason\":\"of the future\"}\n{\n");
        assert_eq!(events, []);
        assert_eq!(reader.into_events(), []);
    }

    #[test]
    fn a_failure_is_told_without_rustcs_command_line() {
        let remarks = [
            "error: could not compile `a` (lib) due to 1 previous error",
            "",
            "Caused by:",
            "  process didn't exit successfully: `/bin/rustc --crate-name a` (exit status: 1)",
            "warning: build failed, waiting for other jobs to finish...",
        ]
        .map(str::to_owned);
        assert_eq!(
            without_rustc_command(&remarks),
            [
                "error: could not compile `a` (lib) due to 1 previous error",
                "warning: build failed, waiting for other jobs to finish..."
            ]
        );
        let killed = [
            "  process didn't exit successfully: `rustc --crate-name a` (signal: 9, SIGKILL: kill)",
        ]
        .map(str::to_owned);
        assert_eq!(
            without_rustc_command(&killed),
            ["  process didn't exit successfully: `rustc` (signal: 9, SIGKILL: kill)"]
        );
    }
}
