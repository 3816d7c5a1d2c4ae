//! Projects that mean harm, or that nobody would write: whatever a plugin says of them, it ends by
//! itself, with a status of its own, says little, and changes nothing.

use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use camino::Utf8Path;

use crate::{Project, buildspeed, concurrency_lint, depslim};

mod manifests;
mod sources;
mod trees;

/// How large a case is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// For each change: beyond every bound that matters, and no more.
    Small,
    /// For the campaign.
    Large,
}

impl Size {
    /// `small`, or a multiple of it.
    fn of(self, small: usize, large: usize) -> usize {
        match self {
            Self::Small => small,
            Self::Large => large,
        }
    }
}

/// A project, and what must come of it.
pub struct Case {
    pub name: String,
    pub project: Project,
    /// Below the project's folder.
    pub within: String,
    pub must: Must,
}

/// How the plugins must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Must {
    /// With a report: what cannot be read is said in it.
    Report,
    /// With one error.
    Refuse,
    /// Either.
    End,
}

impl Case {
    fn new(name: impl Into<String>, project: Project, must: Must) -> Self {
        Self {
            name: name.into(),
            project,
            within: String::new(),
            must,
        }
    }
}

/// Every case of this size.
pub fn cases(size: Size) -> Vec<Case> {
    let mut cases = sources::cases(size);
    cases.extend(manifests::cases(size));
    cases.extend(trees::cases());
    cases
}

/// The plugins as they report without a build.
type Report = (
    &'static str,
    fn() -> &'static Utf8Path,
    &'static [&'static str],
);

const REPORTS: [Report; 3] = [
    (
        "buildspeed",
        buildspeed,
        &["--no-build", "--no-measure", "--offline"],
    ),
    ("depslim", depslim, &["--proof", "scan", "--offline"]),
    (
        "concurrency-lint",
        concurrency_lint,
        &["--source", "--offline"],
    ),
];

/// What came of one case.
#[derive(Debug, Default)]
pub struct Outcome {
    pub longest: Duration,
    /// What must not be.
    pub faults: Vec<String>,
}

/// Longer than any of them takes on a busy machine; what is not over then hangs.
const PATIENCE: Duration = Duration::from_secs(120);
/// More than anyone reads.
const MOST_SAID: usize = 256 * 1024;

/// Runs every plugin on a case.
pub fn run(case: &Case) -> Outcome {
    let mut outcome = Outcome::default();
    let before = case.project.files();
    for (plugin, binary, args) in REPORTS {
        let begun = Instant::now();
        let mut command = case.project.command(binary(), plugin, args);
        command.current_dir(case.project.root.join(&case.within));
        let ended = ended(command);
        outcome.longest = outcome.longest.max(begun.elapsed());
        let told = format!("{}: cargo {plugin}", case.name);
        match ended {
            Some(output) => {
                let faults = faults(&output, case.must);
                outcome
                    .faults
                    .extend(faults.map(|fault| format!("{told} {fault}")));
            }
            None => outcome.faults.push(format!("{told} does not end")),
        }
        if case.project.files().keys().any(|file| {
            // Cargo itself writes the lockfile of a project that has none.
            !before.contains_key(file) && file != "Cargo.lock"
        }) {
            outcome.faults.push(format!("{told} leaves a file behind"));
        }
    }
    outcome
}

fn ended(mut command: Command) -> Option<Output> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let running = crate::Running::start(command);
    let ended = running.end_within(PATIENCE)?;
    Some(Output {
        status: ended.status,
        stdout: ended.stdout.into_bytes(),
        stderr: ended.stderr.into_bytes(),
    })
}

fn faults(output: &Output, must: Must) -> impl Iterator<Item = String> {
    let stderr = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code();
    let said = output.stdout.len() + output.stderr.len();
    let head: String = stderr.chars().take(400).collect();
    let fits = match must {
        Must::Report => code == Some(0),
        Must::Refuse => code == Some(2),
        Must::End => matches!(code, Some(0 | 2)),
    };
    let ends = (!fits).then(|| format!("ends with {}: {head}", output.status));
    let panics = stderr
        .contains("panicked")
        .then(|| format!("panics: {head}"));
    let silent = code == Some(2) && !stderr.contains("error");
    let silent = silent.then(|| format!("fails without an error: {head}"));
    let long = (said > MOST_SAID).then(|| format!("says {said} bytes: {head}"));
    let escape = stderr.contains('\u{1b}') || output.stdout.contains(&0x1b);
    let escape = escape.then(|| "prints what a terminal obeys".to_owned());
    [ends, panics, silent, long, escape].into_iter().flatten()
}
