//! The recorder: its sources, which this plugin carries, compiled once with the user's compiler. A
//! library for another libc or another compiler's idea of a frame would not do.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::session::Session;
use pitcrew_core::toolchain::Os;
use sha2::{Digest as _, Sha256};

use crate::observe::elf::hex;

/// The sources, by their names.
const SOURCES: &[(&str, &str)] = &[
    ("lib.rs", include_str!("../../heap-recorder/lib.rs")),
    ("chunks.rs", include_str!("../../heap-recorder/chunks.rs")),
    ("format.rs", include_str!("../../heap-recorder/format.rs")),
    ("live.rs", include_str!("../../heap-recorder/live.rs")),
    ("lock.rs", include_str!("../../heap-recorder/lock.rs")),
    ("maps.rs", include_str!("../../heap-recorder/maps.rs")),
    ("real.rs", include_str!("../../heap-recorder/real.rs")),
    (
        "sampling.rs",
        include_str!("../../heap-recorder/sampling.rs"),
    ),
    ("stacks.rs", include_str!("../../heap-recorder/stacks.rs")),
    ("state.rs", include_str!("../../heap-recorder/state.rs")),
    ("system.rs", include_str!("../../heap-recorder/system.rs")),
    ("thread.rs", include_str!("../../heap-recorder/thread.rs")),
];

/// How it is compiled: its own frames must be as walkable as the program's.
const FLAGS: &[&str] = &[
    "--edition=2021",
    "--crate-type=cdylib",
    "--crate-name=pitcrew_heap_recorder",
    "-Copt-level=3",
    "-Ccodegen-units=1",
    "-Cpanic=abort",
    "-Cforce-frame-pointers=yes",
    // The frame pointer is read where a function begins: it must be set by then.
    "-Cllvm-args=-enable-shrink-wrap=false",
    "-Cstrip=debuginfo",
];

/// How the loader of a platform is told to load a library first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preload {
    pub variable: &'static str,
    /// The file's name, as the platform's loader expects one.
    pub file: &'static str,
}

impl Preload {
    /// None where no loader can be told.
    pub fn of(os: Os) -> Option<Self> {
        let (variable, file) = match os {
            Os::Linux => ("LD_PRELOAD", "libpitcrew_heap_recorder.so"),
            Os::MacOs => ("DYLD_INSERT_LIBRARIES", "libpitcrew_heap_recorder.dylib"),
            Os::Windows | Os::Other => return None,
        };
        Some(Self { variable, file })
    }

    /// The variable's value with our library in front of what the user has.
    pub fn value(self, library: &Utf8Path, users: Option<&str>) -> String {
        match users.filter(|users| !users.is_empty()) {
            Some(users) => format!("{library}:{users}"),
            None => library.to_string(),
        }
    }
}

/// The compiled library in `folder`; compiled now where it is not there yet.
pub fn library(session: &Session, folder: &Utf8Path) -> Result<Utf8PathBuf> {
    let rustc = session.env.get("RUSTC").map_or("rustc", String::as_str);
    let identity = &session.toolchain.rustc;
    compiled(rustc, identity, &session.cwd, folder)
}

/// The library of the compiler that calls itself `identity`.
pub fn compiled(
    rustc: &str,
    identity: &str,
    dir: &Utf8Path,
    folder: &Utf8Path,
) -> Result<Utf8PathBuf> {
    let path = folder.join(format!("recorder-{}.so", key(identity)));
    if path.exists() {
        return Ok(path);
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot create {folder}"))?;
    let scratch = tempfile::Builder::new()
        .prefix("compiling-")
        .tempdir_in(folder)
        .with_context(|| format!("cannot write into {folder}"))?;
    let scratch = Utf8Path::from_path(scratch.path()).context("a non-UTF-8 folder")?;
    for (name, text) in SOURCES {
        let file = scratch.join(name);
        fs::write(&file, text).with_context(|| format!("cannot write {file}"))?;
    }
    let library = scratch.join("library.so");
    let output = Command::new(rustc)
        .args(FLAGS)
        .arg("-o")
        .arg(&library)
        .arg(scratch.join("lib.rs"))
        // Where the user stands, rustup picks the compiler of the project.
        .current_dir(dir)
        .output()
        .with_context(|| format!("cannot run `{rustc}`"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let line = said.lines().find(|line| line.starts_with("error"));
        bail!(
            "`{rustc}` does not compile the recorder of allocations: {}",
            line.unwrap_or("it does not say why")
        );
    }
    // Whole or not at all: another call may be compiling the same.
    fs::rename(&library, &path).with_context(|| format!("cannot write {path}"))?;
    Ok(path)
}

/// What the compiled library depends on.
fn key(identity: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(identity);
    for text in FLAGS.iter().chain(SOURCES.iter().map(|(_, text)| text)) {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    }
    hex(&hash.finalize()[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_platform_has_its_loaders_words() {
        let library = Utf8Path::new("/t/r.so");
        let linux = Preload::of(Os::Linux).unwrap();
        assert_eq!(linux.variable, "LD_PRELOAD");
        assert_eq!(linux.value(library, None), "/t/r.so");
        assert_eq!(linux.value(library, Some("/a.so")), "/t/r.so:/a.so");
        let macos = Preload::of(Os::MacOs).unwrap();
        assert_eq!(macos.variable, "DYLD_INSERT_LIBRARIES");
        assert!(macos.file.ends_with(".dylib"));
        assert_eq!(Preload::of(Os::Windows), None);
    }

    #[test]
    fn another_compiler_gets_another_library() {
        assert_ne!(key("rustc 1.95.0"), key("rustc 1.96.0"));
    }

    /// A source that is not carried along would be missed only on the user's machine.
    #[test]
    fn all_sources_are_carried() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/heap-recorder");
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let mut carried: Vec<&str> = SOURCES.iter().map(|(name, _)| *name).collect();
        carried.sort_unstable();
        assert_eq!(names, carried);
    }
}
