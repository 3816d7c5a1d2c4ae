//! Scratch directories, and copies of a workspace in them that build as the original does. Whatever
//! a trial or a build script writes, it writes there, never in the user's tree.

mod anchor;
mod git;
mod mirror;
#[cfg(test)]
mod tests;
mod tree;

use std::fs;
use std::io;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

use crate::cargo::BuildFailed;
use mirror::Mirror;

/// Names the directory that scratch directories are made in, where the system's will not do.
pub const SCRATCH_DIR_VAR: &str = "PITCREW_SCRATCH_DIR";

/// What marks a directory that can be made anew, for backups and for our own copies.
const CACHEDIR_TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n";

/// A directory that goes away with this value.
#[derive(Debug)]
pub struct Scratch {
    dir: TempDir,
    path: Utf8PathBuf,
}

impl Scratch {
    /// Makes one under `$PITCREW_SCRATCH_DIR`, or the system's directory for temporary files.
    pub fn new() -> Result<Self> {
        let parent = match std::env::var_os(SCRATCH_DIR_VAR) {
            Some(dir) if !dir.is_empty() => dir.into(),
            _ => std::env::temp_dir(),
        };
        let parent = Utf8PathBuf::try_from(parent)
            .with_context(|| format!("set {SCRATCH_DIR_VAR} to a directory with a UTF-8 path"))?;
        Self::within(&parent)
    }

    /// Makes one under `parent`.
    pub fn within(parent: &Utf8Path) -> Result<Self> {
        let advice = || {
            format!(
                "cannot make a scratch directory in {parent}; \
                 set {SCRATCH_DIR_VAR} to a directory that you can write"
            )
        };
        // Cargo compares paths as text, so links on the way there must not come and go.
        let parent = if cfg!(windows) {
            camino::absolute_utf8(parent).with_context(advice)?
        } else {
            parent.canonicalize_utf8().with_context(advice)?
        };
        let make = tempfile::Builder::new()
            .prefix("pitcrew-")
            .tempdir_in(&parent);
        let dir = make.with_context(advice)?;
        let path = Utf8PathBuf::try_from(dir.path().to_owned())?;
        fs::write(path.join("CACHEDIR.TAG"), CACHEDIR_TAG).with_context(advice)?;
        Ok(Self { dir, path })
    }

    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// Bytes that can still be written there, where the system tells.
    pub fn room(&self) -> Option<u64> {
        fs4::available_space(&self.path).ok()
    }

    /// Removes it, and says so where that failed; dropping removes it in silence.
    pub fn close(self) -> Result<()> {
        let path = self.path;
        self.dir
            .close()
            .with_context(|| format!("cannot remove the scratch directory {path}"))
    }
}

/// A copy of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScratchWorkspace {
    /// The copy of the workspace root; run cargo here.
    pub root: Utf8PathBuf,
    /// Files and directories that could not be read, and so are missing.
    pub skipped: Vec<Utf8PathBuf>,
    /// What was mirrored, and where to.
    base: Utf8PathBuf,
    to: Utf8PathBuf,
}

impl ScratchWorkspace {
    /// Where a file of the original lies in the copy; none where the copy does not hold it.
    pub fn place(&self, path: &Utf8Path) -> Option<Utf8PathBuf> {
        Some(self.to.join(path.strip_prefix(&self.base).ok()?))
    }
}

/// Copies the workspace at `root` below `to`, with all that cargo reads from outside of it: path
/// dependencies (`outside`: their directories) at the same place relative to the root, the
/// configuration and toolchain files of the directories above, and as much of git's metadata as
/// cargo and build scripts ask for. Modification times are kept, so that copied artifacts are fresh.
///
/// Left out are `target_dir` and every directory tagged as a cache, and `node_modules`.
///
/// The copy's configuration still names the original target directory where the original's does:
/// set `CARGO_TARGET_DIR` and `CARGO_BUILD_BUILD_DIR` for every build in it.
pub fn copy_workspace(
    root: &Utf8Path,
    outside: &[Utf8PathBuf],
    target_dir: &Utf8Path,
    to: &Utf8Path,
) -> Result<ScratchWorkspace> {
    let mirror = Mirror::new(root, outside, to);
    let mut skipped = Vec::new();
    for tree in &mirror.trees {
        let place = |path: &Utf8Path| mirror.place(path);
        let copied = |path: &Utf8Path| mirror.holds(path);
        let source = tree::SourceTree {
            target_dir,
            place: &place,
            copied: &copied,
        };
        skipped.extend(source.copy(tree).map_err(|e| explain(e, to))?);
    }
    mirror.copy_surroundings().map_err(|e| explain(e, to))?;
    if let Some(repository) = &mirror.repository {
        git::mirror(repository, &mirror.place(&repository.work_tree))
            .map_err(|e| explain(e, to))?;
    }
    Ok(ScratchWorkspace {
        root: mirror.place(root),
        skipped,
        base: mirror.base.clone(),
        to: mirror.to.clone(),
    })
}

/// Copies a target directory with its modification times, so that cargo finds it fresh.
pub fn copy_target(from: &Utf8Path, to: &Utf8Path) -> Result<()> {
    tree::copy_all(from, to).map_err(|e| explain(e, to))
}

/// Writes a file of a scratch copy, which may be read-only as the original is.
pub fn write(file: &Utf8Path, contents: impl AsRef<[u8]>) -> Result<()> {
    let context = || format!("cannot write {file}");
    if let Some(dir) = file.parent() {
        fs::create_dir_all(dir).with_context(context)?;
    }
    if file
        .metadata()
        .is_ok_and(|meta| meta.permissions().readonly())
    {
        fs::remove_file(file).with_context(context)?;
    }
    fs::write(file, contents).with_context(context)
}

/// Whether the disk, or the user's share of it, was full: for us, or for a build that says so.
pub fn is_disk_full(error: &anyhow::Error) -> bool {
    if let Some(failed) = error.downcast_ref::<BuildFailed>() {
        return names_full_disk(&failed.said);
    }
    let full = |e: &io::Error| {
        matches!(
            e.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
        )
    };
    let mut causes = error.chain().filter_map(|e| e.downcast_ref::<io::Error>());
    causes.any(full)
}

/// Whether what a program said on its way out names a full disk as the cause. Linkers write through
/// mapped memory, where the disk's end is a bus error.
pub fn names_full_disk(said: &str) -> bool {
    let signs = [
        "No space left on device",
        "os error 28",
        "Disk quota exceeded",
        "not enough space on the disk",
        "os error 112",
        "SIGBUS",
        "Bus error",
    ];
    signs.iter().any(|sign| said.contains(sign))
}

/// What to do when the disk of the scratch directory `at` is full.
pub fn disk_full_advice(at: &Utf8Path) -> String {
    format!(
        "the disk that holds the scratch directory {at} is full; nothing of yours was changed: \
         make room, or set {SCRATCH_DIR_VAR} to a directory with more"
    )
}

/// Says of a full disk what to do about it.
pub fn explain(error: anyhow::Error, at: &Utf8Path) -> anyhow::Error {
    if error.is::<BuildFailed>() && is_disk_full(&error) {
        // All that the compiler says of it is noise.
        anyhow::anyhow!(disk_full_advice(at))
    } else if is_disk_full(&error) {
        error.context(disk_full_advice(at))
    } else {
        error
    }
}
