//! Whether files have changes that the user has not committed: what `--apply` asks before it writes,
//! as `cargo fix` does. git is asked through its own command, so that every kind of repository that
//! the user's git reads (worktrees, submodules, sparse checkouts) is understood.

use std::collections::BTreeMap;
use std::io;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use thiserror::Error;

use crate::style::printable;

/// What version control knows of the files that are to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VcsState {
    /// No repository holds them, or there is no git to ask.
    NoVcs,
    /// The files, among those asked for, that are not as the last commit has them; relative to the
    /// workspace root where they lie inside.
    Repository {
        /// Changed in the work tree, or never added.
        dirty: Vec<Utf8PathBuf>,
        /// Changed in the index only.
        staged: Vec<Utf8PathBuf>,
    },
}

/// Why `--apply` does not write.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VcsRefusal {
    #[error(
        "no version control found for this workspace, and `--apply` changes files;\n\
         to change them all the same pass `--allow-no-vcs` (`--undo` takes the change back)"
    )]
    NoVcs,
    #[error(
        "files that `--apply` would change have uncommitted changes;\n\
         commit them, or pass `{flag}` to change them all the same:\n{}",
        list(dirty, staged)
    )]
    Uncommitted {
        dirty: Vec<Utf8PathBuf>,
        staged: Vec<Utf8PathBuf>,
        /// The flag that would let it pass.
        flag: &'static str,
    },
}

/// Asks git for the state of `files`. Files that do not exist yet and files outside the workspace's
/// repository (the user's own cargo configuration) need no check.
pub fn dirty_files(root: &Utf8Path, files: &[Utf8PathBuf]) -> Result<VcsState> {
    let root = root
        .canonicalize_utf8()
        .with_context(|| format!("cannot find the directory {root}"))?;
    let Some(top) = toplevel(&root)? else {
        return Ok(without_repository(&root, files));
    };
    if root != top && is_ignored(&top, &root)? {
        // A repository that ignores the workspace keeps nothing of it.
        return Ok(without_repository(&root, files));
    }
    let (mut dirty, mut staged) = (Vec::new(), Vec::new());
    for (directory, names) in by_directory(&top, files) {
        // A file may lie in a submodule, so each directory is asked for its own repository.
        let Some(top) = toplevel(&directory)? else {
            continue;
        };
        let status = git(&top)
            .args(["--literal-pathspecs", "status"])
            .args(["--porcelain=v1", "-z", "--no-renames"])
            .args(["--ignored=no", "--untracked-files=all", "--"])
            .args(
                names
                    .iter()
                    .map(|name| name.strip_prefix(&top).unwrap_or(name)),
            )
            .output()
            .context("cannot run `git status`")?;
        if !status.status.success() {
            bail!("`git status` failed in {top}:\n{}", message(&status.stderr));
        }
        for (path, state) in read_status(&status.stdout) {
            let path = top.join(path);
            let path = path.strip_prefix(&root).unwrap_or(&path).to_owned();
            match state {
                FileState::Dirty => dirty.push(path),
                FileState::Staged => staged.push(path),
            }
        }
    }
    Ok(VcsState::Repository { dirty, staged })
}

impl VcsState {
    /// The state without the files that `is_safe` says hold nothing of the user's own.
    #[must_use]
    pub fn without(self, is_safe: impl Fn(&Utf8Path) -> bool) -> Self {
        let kept = |mut paths: Vec<Utf8PathBuf>| {
            paths.retain(|path| !is_safe(path));
            paths
        };
        match self {
            Self::NoVcs => Self::NoVcs,
            Self::Repository { dirty, staged } => Self::Repository {
                dirty: kept(dirty),
                staged: kept(staged),
            },
        }
    }
}

/// What the last commit has of a file; none where it does not have it.
pub fn committed(file: &Utf8Path) -> Result<Option<Vec<u8>>> {
    let (Some(directory), Some(name)) = (file.parent(), file.file_name()) else {
        return Ok(None);
    };
    let output = git(directory)
        .args(["cat-file", "blob"])
        .arg(format!("HEAD:./{name}"))
        .output()
        .context("cannot run `git cat-file`")?;
    Ok(output.status.success().then_some(output.stdout))
}

/// Whether files in this state may be written. `allow_dirty` allows staged changes too, as in cargo.
pub fn check(
    state: &VcsState,
    allow_dirty: bool,
    allow_staged: bool,
    allow_no_vcs: bool,
) -> Result<(), VcsRefusal> {
    match state {
        VcsState::NoVcs if allow_no_vcs => Ok(()),
        VcsState::NoVcs => Err(VcsRefusal::NoVcs),
        VcsState::Repository { dirty, staged } => {
            let dirty = if allow_dirty { &[][..] } else { dirty };
            let staged = if allow_dirty || allow_staged {
                &[][..]
            } else {
                staged
            };
            if dirty.is_empty() && staged.is_empty() {
                return Ok(());
            }
            Err(VcsRefusal::Uncommitted {
                dirty: dirty.to_vec(),
                staged: staged.to_vec(),
                flag: if dirty.is_empty() {
                    "--allow-staged"
                } else {
                    "--allow-dirty"
                },
            })
        }
    }
}

fn list(dirty: &[Utf8PathBuf], staged: &[Utf8PathBuf]) -> String {
    let dirty = dirty.iter().map(|path| (path, "dirty"));
    let staged = staged.iter().map(|path| (path, "staged"));
    dirty
        .chain(staged)
        .map(|(path, state)| format!("\n  * {} ({state})", printable(path.as_str())))
        .collect()
}

/// Without a repository only what exists under the root could be lost.
fn without_repository(root: &Utf8Path, files: &[Utf8PathBuf]) -> VcsState {
    if by_directory(root, files).is_empty() {
        VcsState::Repository {
            dirty: Vec::new(),
            staged: Vec::new(),
        }
    } else {
        VcsState::NoVcs
    }
}

/// The files under `top` that exist, with links followed, as the journal follows them.
fn by_directory(top: &Utf8Path, files: &[Utf8PathBuf]) -> BTreeMap<Utf8PathBuf, Vec<Utf8PathBuf>> {
    let mut directories: BTreeMap<Utf8PathBuf, Vec<Utf8PathBuf>> = BTreeMap::new();
    for file in files {
        let Ok(file) = file.canonicalize_utf8() else {
            continue;
        };
        if let Some(directory) = file.parent().filter(|_| file.starts_with(top)) {
            directories
                .entry(directory.to_owned())
                .or_default()
                .push(file);
        }
    }
    directories
}

/// The work tree that `directory` is in; none without a repository or without git.
fn toplevel(directory: &Utf8Path) -> Result<Option<Utf8PathBuf>> {
    let output = git(directory)
        .args(["rev-parse", "--show-toplevel"])
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).context("cannot run `git rev-parse`"),
    };
    if output.status.success() {
        let path = String::from_utf8(output.stdout).with_context(|| {
            format!("the repository around {directory} has a path not in UTF-8")
        })?;
        let path = Utf8PathBuf::from(path.trim_end_matches(['\n', '\r']));
        // Compared with canonical paths, so it must be one (git on Windows writes `C:/...`).
        return Ok(Some(path.canonicalize_utf8().unwrap_or(path)));
    }
    let stderr = message(&output.stderr);
    // A bare repository and the inside of `.git` have no work tree.
    if stderr.contains("not a git repository") || stderr.contains("must be run in a work tree") {
        return Ok(None);
    }
    bail!("git cannot tell whether files in {directory} have uncommitted changes:\n{stderr}")
}

fn is_ignored(top: &Utf8Path, path: &Utf8Path) -> Result<bool> {
    let status = git(top)
        .args(["check-ignore", "--quiet", "--"])
        .arg(path)
        .output()
        .context("cannot run `git check-ignore`")?
        .status;
    Ok(status.success())
}

/// git in `directory`, hearing neither a surrounding git (a hook sets `GIT_DIR`) nor configuration
/// that would start programs, and writing nothing.
fn git(directory: &Utf8Path) -> Command {
    let mut command = Command::new("git");
    command
        .args(["-c", "core.fsmonitor=false"])
        .current_dir(directory)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("LC_ALL", "C");
    // `git rev-parse --local-env-vars` prints this list.
    for name in [
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_CONFIG",
        "GIT_CONFIG_PARAMETERS",
        "GIT_CONFIG_COUNT",
        "GIT_OBJECT_DIRECTORY",
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_GRAFT_FILE",
        "GIT_INDEX_FILE",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_REPLACE_REF_BASE",
        "GIT_PREFIX",
        "GIT_SHALLOW_FILE",
        "GIT_COMMON_DIR",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NAMESPACE",
    ] {
        command.env_remove(name);
    }
    command
}

fn message(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<_> = text.trim().lines().map(printable).collect();
    lines.join("\n")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileState {
    Dirty,
    Staged,
}

/// Reads `XY path\0`: X is the index against the commit, Y the work tree against the index.
fn read_status(status: &[u8]) -> impl Iterator<Item = (String, FileState)> {
    status.split(|byte| *byte == 0).filter_map(|entry| {
        let [_, in_work_tree, b' ', path @ ..] = entry else {
            return None;
        };
        let state = if *in_work_tree == b' ' {
            FileState::Staged
        } else {
            FileState::Dirty
        };
        Some((String::from_utf8_lossy(path).into_owned(), state))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(dirty: &[&str], staged: &[&str]) -> VcsState {
        let paths = |names: &[&str]| names.iter().map(Utf8PathBuf::from).collect();
        VcsState::Repository {
            dirty: paths(dirty),
            staged: paths(staged),
        }
    }

    #[test]
    fn the_two_columns_of_a_status_are_told_apart() {
        let status = b"M  staged\0 M dirty\0MM both\0?? new file\0A  added\0UU conflict\0";
        let read: Vec<_> = read_status(status).collect();
        let expected = [
            ("staged", FileState::Staged),
            ("dirty", FileState::Dirty),
            ("both", FileState::Dirty),
            ("new file", FileState::Dirty),
            ("added", FileState::Staged),
            ("conflict", FileState::Dirty),
        ];
        assert_eq!(read, expected.map(|(path, state)| (path.to_owned(), state)));
    }

    #[test]
    fn each_flag_allows_what_cargo_fix_allows_by_it() {
        let dirty = repository(&["Cargo.toml"], &[]);
        let staged = repository(&[], &["Cargo.toml"]);
        assert_eq!(check(&repository(&[], &[]), false, false, false), Ok(()));
        assert!(check(&dirty, false, true, true).is_err());
        assert_eq!(check(&dirty, true, false, false), Ok(()));
        assert!(check(&staged, false, false, true).is_err());
        assert_eq!(check(&staged, false, true, false), Ok(()));
        assert_eq!(check(&staged, true, false, false), Ok(()));
        assert!(check(&VcsState::NoVcs, true, true, false).is_err());
        assert_eq!(check(&VcsState::NoVcs, false, false, true), Ok(()));
    }

    #[test]
    fn a_refusal_lists_the_files_and_the_flag() {
        let state = repository(&["Cargo.toml"], &[".cargo/config.toml"]);
        let refusal = check(&state, false, false, false).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "files that `--apply` would change have uncommitted changes;\n\
             commit them, or pass `--allow-dirty` to change them all the same:\n\
             \n  * Cargo.toml (dirty)\n  * .cargo/config.toml (staged)"
        );
        let refusal = check(&state, true, false, false);
        assert_eq!(refusal, Ok(()), "dirty includes staged, as in cargo");
        let staged = repository(&[], &["Cargo.toml"]);
        let refusal = check(&staged, false, false, false).unwrap_err();
        assert!(refusal.to_string().contains("`--allow-staged`"));
    }
}
