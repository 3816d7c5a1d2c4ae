//! Making a recording: a build through the wrapper.

use std::collections::{BTreeSet, HashSet};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use super::assemble::to_micros;
use super::cache::{between, counters, note_answers};
use super::{Observed, RECORDING_SCHEMA, Recording, assemble};
use crate::cargo::{BuildEvent, BuildFailed, BuildOutput, CargoRun};
use crate::machine::Machine;
use crate::wrapper::log::{Invocation, LogLine, read};
use crate::wrapper::rustc_args::RustcArgs;
use crate::wrapper::{Injection, Wrapping};

/// What to record, and what to write into the recording.
#[derive(Debug, Clone)]
pub struct RecordOptions {
    /// The plugin's own executable.
    pub exe: Utf8PathBuf,
    /// The build; the wrapper and the target directory are added.
    pub cargo: CargoRun,
    /// Where to build; none for the directory that cargo would use.
    pub target_dir: Option<Utf8PathBuf>,
    /// The wrapper that the user has configured, as cargo would run it.
    pub user_wrapper: Option<String>,
    pub inject: Injection,
    /// The directories of the members' manifests.
    pub member_dirs: Vec<Utf8PathBuf>,
    /// `rustc -vV`'s first line.
    pub rustc: String,
    /// The host's triple.
    pub host: String,
    pub profile: String,
    pub key: String,
    pub machine: Machine,
    pub jobs: u32,
}

/// A recording, and the build it was made of.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub recording: Recording,
    pub output: BuildOutput,
    /// What was built and is missing in the recording, because it could not be logged.
    pub lost: Vec<String>,
    /// Each call as it was made, for who asks more of it than a recording keeps.
    pub calls: Vec<Invocation>,
}

/// Builds and records. Fails as [`CargoRun::run`] does.
pub fn record(options: &RecordOptions, progress: &mut dyn FnMut(&BuildEvent)) -> Result<Recorded> {
    let log = tempfile::tempdir().context("cannot make a directory for the log of the build")?;
    let log_dir = Utf8Path::from_path(log.path())
        .with_context(|| format!("{} is not UTF-8", log.path().display()))?;
    let cache_before = options
        .user_wrapper
        .as_deref()
        .and_then(|wrapper| counters(wrapper, &options.cargo));
    let output = run(options, log_dir, progress)?;
    let cache = cache_before.and_then(|before| {
        let after = counters(&before.wrapper, &options.cargo)?;
        between(&before, &after)
    });

    let lines = read(log_dir)?;
    let mut units = assemble(&Observed {
        log: &lines,
        events: &output.events,
        started_s: output.started_s,
        member_dirs: &options.member_dirs,
        links_dirs: &links_dirs(&lines),
    });
    if let Some(cache) = &cache {
        note_answers(&mut units, cache);
    }
    let recording = Recording {
        schema: RECORDING_SCHEMA,
        created: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
        command: output.command.clone(),
        rustc: options.rustc.clone(),
        profile: options.profile.clone(),
        key: options.key.clone(),
        cores: options.machine.cores,
        jobs: options.jobs,
        memory_bytes: options.machine.memory_bytes,
        wall_s: to_micros(output.wall_s),
        target_bytes: options.target_dir.as_deref().map(bytes_below),
        cache,
        units,
    };
    Ok(Recorded {
        recording,
        lost: lost(&lines, &output),
        output,
        calls: calls(lines),
    })
}

fn run(
    options: &RecordOptions,
    log_dir: &Utf8Path,
    progress: &mut dyn FnMut(&BuildEvent),
) -> Result<BuildOutput> {
    let wrapping = Wrapping {
        exe: options.exe.clone(),
        log_dir: Some(log_dir.to_owned()),
        user_wrapper: options.user_wrapper.clone(),
        host: Some(options.host.clone()),
        lints: Vec::new(),
        inject: options.inject.clone(),
    };
    let mut cargo = options.cargo.clone();
    cargo.env_remove.extend(Wrapping::env_remove());
    cargo.env.extend(wrapping.env());
    if let Some(dir) = &options.target_dir {
        for name in ["CARGO_TARGET_DIR", "CARGO_BUILD_BUILD_DIR"] {
            cargo.env.push((name.to_owned(), dir.to_string()));
        }
    }
    cargo
        .run(progress)
        .map_err(|error| match error.downcast::<BuildFailed>() {
            // The linker's stand-in bears the linker's name, so its directory is all that is strange.
            Ok(failed) => BuildFailed {
                said: failed.said.replace(&format!("{log_dir}/linkers/"), ""),
                ..failed
            }
            .into(),
            Err(error) => error,
        })
}

/// The packages with a build script that declare `links`, by the directories of their manifests.
/// Where a manifest cannot be read, an edge is missing and no more.
fn links_dirs(lines: &[LogLine]) -> Vec<Utf8PathBuf> {
    let with_script: BTreeSet<&String> = lines
        .iter()
        .filter_map(|line| match line {
            LogLine::Rustc(call) if call.env.contains_key("OUT_DIR") => {
                call.env.get("CARGO_MANIFEST_DIR")
            }
            _ => None,
        })
        .collect();
    let links = |dir: &Utf8PathBuf| {
        let manifest = std::fs::read_to_string(dir.join("Cargo.toml")).ok()?;
        let manifest: toml_edit::DocumentMut = manifest.parse().ok()?;
        manifest.get("package")?.get("links").map(drop)
    };
    with_script
        .into_iter()
        .map(Utf8PathBuf::from)
        .filter(|dir| links(dir).is_some())
        .collect()
}

fn calls(lines: Vec<LogLine>) -> Vec<Invocation> {
    let call = |line| match line {
        LogLine::Rustc(call) => Some(call),
        LogLine::Link(_) => None,
    };
    lines.into_iter().filter_map(call).collect()
}

/// The targets that cargo had compiled and the log does not know.
fn lost(lines: &[LogLine], output: &BuildOutput) -> Vec<String> {
    let logged: HashSet<Utf8PathBuf> = lines
        .iter()
        .filter_map(|line| match line {
            LogLine::Rustc(call) => {
                let args = RustcArgs::parse(call.args.iter().map(String::as_str));
                Some(Utf8Path::new(&call.cwd).join(args.input?))
            }
            LogLine::Link(_) => None,
        })
        .collect();
    output
        .artifacts()
        .filter(|artifact| !artifact.fresh && !logged.contains(&artifact.src_path))
        .map(|artifact| artifact.target.clone())
        .collect()
}

/// Bytes of the files below, each once however often it is linked to.
pub fn bytes_below(dir: &Utf8Path) -> u64 {
    let mut seen = HashSet::new();
    ignore::WalkBuilder::new(dir)
        .standard_filters(false)
        .build()
        .filter_map(Result::ok)
        .filter_map(|entry| entry.metadata().ok())
        .filter(std::fs::Metadata::is_file)
        .filter(|metadata| identity(metadata).is_none_or(|file| seen.insert(file)))
        .map(|metadata| metadata.len())
        .sum()
}

/// What two names of one file have in common.
fn identity(metadata: &std::fs::Metadata) -> Option<(u64, u64)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        Some((metadata.dev(), metadata.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        None
    }
}
