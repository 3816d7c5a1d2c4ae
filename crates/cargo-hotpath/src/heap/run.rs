//! Runs a program with its allocations recorded: by our own library, preloaded; where that cannot be, by
//! Valgrind's DHAT where that sees more, and says so.

use std::fs;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail, ensure};
use camino::Utf8Path;
use pitcrew_core::cli::Out;
use pitcrew_core::session::Session;

use super::fitness::unfit;
use super::recorder::{self, Preload};
use super::{format, read};
use crate::args::{HeapEngine, HeapFlags, ProgramOutput};
use crate::kept::Kept;
use crate::observe::{external, launch};
use crate::profile::{Origin, Profile};
use crate::record::{self, Failure, Program};

/// Runs the program and gives its profile.
pub fn run(
    program: &Program,
    flags: &HeapFlags,
    machine_reads: bool,
    (session, kept): (&Session, &Kept),
    out: &mut Out<'_>,
) -> Result<Profile> {
    let sink = record::sink(flags.program_output, machine_reads);
    let engines = match flags.engine {
        Some(engine) => vec![engine],
        None => vec![HeapEngine::Own, HeapEngine::Dhat],
    };
    let mut notes: Vec<String> = Vec::new();
    for engine in engines {
        let tried = match engine {
            HeapEngine::Own => own(program, sink, flags, (session, kept)),
            HeapEngine::Dhat => external::dhat((&program.command, sink), flags.duration, kept),
        };
        match tried {
            Ok(mut profile) => {
                profile.about.notes.extend(unseen(&profile));
                record::finish(&mut profile.about, program, notes);
                return Ok(profile);
            }
            Err(Failure::Unavailable(why)) => {
                out.note(&why)?;
                notes.push(why);
            }
            Err(Failure::Other(error)) => return Err(error),
        }
    }
    bail!("nothing can record allocations here:\n{}", notes.join("\n"))
}

fn own(
    program: &Program,
    sink: ProgramOutput,
    flags: &HeapFlags,
    (session, kept): (&Session, &Kept),
) -> Result<Profile, Failure> {
    let host = &session.toolchain.host;
    let Some(preload) = Preload::of(host.os) else {
        let why = format!("no library can be preloaded on {}", host.triple);
        return Err(Failure::Unavailable(why));
    };
    let executable = Utf8Path::from_path(program.command.get_program().as_ref());
    let executable = executable.context("the program's path is not UTF-8")?;
    if let Some(unfit) = unfit(executable, &host.triple) {
        let why = format!(
            "preloading does not see its allocations: {}",
            unfit.reason()
        );
        return Err(if unfit.is_seen_by_dhat() {
            Failure::Unavailable(why)
        } else {
            let remedy = unfit.remedy();
            Failure::Other(anyhow!(
                "{why}, and Valgrind's DHAT would not either; {remedy}"
            ))
        });
    }
    let library = recorder::library(session, &kept.heap_recorder());
    let library = library.map_err(|error| Failure::Unavailable(format!("{error:#}")))?;
    let folder = tempfile::Builder::new().prefix("pitcrew-heap-").tempdir();
    let folder = folder.context("cannot create a temporary folder")?;
    let folder = Utf8Path::from_path(folder.path()).context("a non-UTF-8 temporary folder")?;
    if folder.as_str().contains([' ', ':']) {
        let why =
            format!("the loader takes no path with spaces or colons, as {folder}: set TMPDIR");
        return Err(Failure::Other(anyhow!(why)));
    }
    // The folder of the artifacts may have a name that the loader does not take.
    let preloaded = folder.join(preload.file);
    fs::copy(&library, &preloaded).with_context(|| format!("cannot write {preloaded}"))?;
    let mut command = record::again(&program.command, sink)?;
    let users = session.env.get(preload.variable).map(String::as_str);
    command.env(preload.variable, preload.value(&preloaded, users));
    command.envs(variables(flags, folder));
    let begun = Instant::now();
    let mut child = command.spawn().context("cannot start the program")?;
    let ended = launch::wait(&mut child, flags.duration)?;
    let wall_s = begun.elapsed().as_secs_f64();
    let read = read::folder(
        folder,
        Some(child.id()),
        &kept.places,
        Some(&kept.symbols()),
    );
    let Some(mut profile) = read.context("cannot read what was recorded")? else {
        return Err(Failure::Unavailable(
            "the loader did not load the recorder: the program ran without it, as one does that has \
             other rights than its caller or clears its environment"
                .to_owned(),
        ));
    };
    profile.about.wall_s = wall_s;
    profile.about.ended = ended;
    Ok(profile)
}

/// What the recorder is told.
fn variables(flags: &HeapFlags, folder: &Utf8Path) -> Vec<(&'static str, String)> {
    /// A mean distance of 512 bytes: in small programs nearly all is seen, in others it is soon doubled.
    const FIRST_SCALE: u32 = 9;
    let (scale, fixed) = match (flags.every_allocation, flags.interval) {
        (true, _) => (0, true),
        (false, Some(bytes)) => (scale_of(bytes), true),
        (false, None) => (FIRST_SCALE, false),
    };
    vec![
        (format::FOLDER_VARIABLE, folder.to_string()),
        (format::SCALE_VARIABLE, scale.to_string()),
        (format::FIXED_VARIABLE, u8::from(fixed).to_string()),
        (format::LIMIT_VARIABLE, flags.limit.to_string()),
    ]
}

/// The scale whose mean distance is nearest below.
fn scale_of(bytes: u64) -> u32 {
    bytes.max(2).ilog2().min(format::LARGEST_SCALE)
}

/// A program of which nothing but libc's own allocations were seen, in words.
fn unseen(profile: &Profile) -> Option<String> {
    let heap = profile.heap.as_ref()?;
    let seen = heap.sites.iter().any(|site| {
        profile.frames_of(site.stack).any(|frame| {
            let origin = &profile.function_of(frame).origin;
            matches!(origin, Origin::Workspace(_) | Origin::Dependency(_))
        })
    });
    (!seen).then(|| {
        "no allocation of the program's own code was seen: it allocates nothing, or its \
         `#[global_allocator]` does not call malloc, and then neither we nor DHAT see it"
            .to_owned()
    })
}

/// `64k`, `1M`, `4096`.
pub fn bytes(text: &str) -> Result<u64> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit: u64 = match &text[digits.len()..] {
        "" | "B" => 1,
        "k" | "K" | "kB" | "KiB" => 1 << 10,
        "M" | "MB" | "MiB" => 1 << 20,
        "G" | "GB" | "GiB" => 1 << 30,
        _ => bail!("give a number of bytes, or with k, M or G: 64k"),
    };
    let number: u64 = digits.parse().context("give a number of bytes: 64k")?;
    let bytes = number
        .checked_mul(unit)
        .context("that is more than any memory has")?;
    ensure!(bytes > 0, "give more than 0 bytes");
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_nonsense_is_refused() {
        assert_eq!(bytes("64k").unwrap(), 65_536);
        assert_eq!(bytes("4096").unwrap(), 4096);
        assert_eq!(bytes("1MiB").unwrap(), 1 << 20);
        for bad in ["", "k", "0", "-1", "1.5M", "1T", "99999999999G", "é"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn scales_are_powers_of_two() {
        assert_eq!(scale_of(65_536), 16);
        assert_eq!(scale_of(100_000), 16);
        assert_eq!(scale_of(1), 1);
        assert_eq!(scale_of(u64::MAX), 31);
    }
}
