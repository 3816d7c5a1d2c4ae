//! Recording with tools that are on PATH, where our own recorder is not allowed to: what they write is
//! imported like anyone's recording.

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

/// Records with `perf record`, its stacks copied as ours are, and unwinds them here.
pub fn perf(
    command: &Command,
    sink: ProgramOutput,
    flags: &RecordFlags,
    kept: &Kept,
) -> Result<Profile, Failure> {
    let tool = Tool {
        name: "perf",
        get: "install perf (Debian: linux-perf, Fedora: perf)",
    };
    let rate = flags.rate.to_string();
    let graph = format!("dwarf,{}", flags.stack_size / 8 * 8);
    let args = |file: &str| {
        let words = [
            "record",
            "-q",
            "-F",
            &rate,
            "--call-graph",
            &graph,
            "-o",
            file,
            "--",
        ];
        words.map(str::to_owned).to_vec()
    };
    let mut profile = tool.record((command, sink), flags.duration, kept, &args)?;
    profile.about.recorder = "perf".to_owned();
    profile.about.rate_hz = flags.rate;
    profile.about.kernel = KernelFrames::Unknown;
    Ok(profile)
}

/// Counts instructions under valgrind.
pub fn callgrind(
    command: &Command,
    sink: ProgramOutput,
    flags: &RecordFlags,
    kept: &Kept,
) -> Result<Profile, Failure> {
    let args = |file: &str| {
        vec![
            "--tool=callgrind".to_owned(),
            "-q".to_owned(),
            format!("--callgrind-out-file={file}"),
        ]
    };
    let mut profile = VALGRIND.record((command, sink), flags.duration, kept, &args)?;
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
    command: &Command,
    sink: ProgramOutput,
    duration: Option<Duration>,
    kept: &Kept,
) -> Result<Profile, Failure> {
    let args = |file: &str| {
        let words = [
            "--tool=dhat",
            "-q",
            // Whole paths: by their lines sources are found.
            "--fullpath-after=",
            "--num-callers=100",
            // An allocator that is linked into the program, under malloc's own name.
            "--soname-synonyms=somalloc=NONE",
        ];
        let mut args = words.map(str::to_owned).to_vec();
        args.push(format!("--dhat-out-file={file}"));
        args
    };
    let mut profile = VALGRIND.record((command, sink), duration, kept, &args)?;
    profile.about.recorder = "DHAT".to_owned();
    Ok(profile)
}

const VALGRIND: Tool = Tool {
    name: "valgrind",
    get: "install valgrind",
};

/// A tool and what to do where it is missing.
struct Tool {
    name: &'static str,
    get: &'static str,
}

impl Tool {
    /// Runs the tool on the command and imports the file that it wrote.
    fn record(
        &self,
        (command, sink): (&Command, ProgramOutput),
        duration: Option<Duration>,
        kept: &Kept,
        args: &dyn Fn(&str) -> Vec<String>,
    ) -> Result<Profile, Failure> {
        let name = self.name;
        let folder = tempfile::Builder::new()
            .prefix("pitcrew-hotpath-")
            .tempdir();
        let folder = folder.context("cannot create a temporary folder")?;
        let folder = Utf8Path::from_path(folder.path()).context("a non-UTF-8 temporary folder")?;
        let file = folder.join("recorded");
        let mut wrapped = Command::new(name);
        wrapped.args(args(file.as_str()));
        wrapped.arg(command.get_program()).args(command.get_args());
        carry_over(command, &mut wrapped, sink)?;
        let begun = Instant::now();
        let mut child = match wrapped.spawn() {
            Ok(child) => child,
            Err(error) => {
                let why = format!("{name} does not run here: {error}; {}", self.get);
                return Err(Failure::Unavailable(why));
            }
        };
        let ended = wait(&mut child, duration)?;
        let wall_s = begun.elapsed().as_secs_f64();
        let imported = import::file(&file, &kept.places, &kept.symbols());
        let mut profile = imported
            .map_err(|error| Failure::Unavailable(format!("{name} recorded nothing: {error:#}")))?;
        profile.about.wall_s = wall_s;
        profile.about.ended = ended;
        Ok(profile)
    }
}
