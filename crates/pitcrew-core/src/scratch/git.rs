//! As much of git's metadata as a build asks for. Cargo tells the files of a package by the index
//! where a build script does not say what it reads, and build scripts ask `git describe`. The copy
//! borrows the objects of the original and owns the rest, so that nothing is written there.

use std::fs;
use std::io;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

use super::tree;

pub(super) struct Repository {
    pub(super) work_tree: Utf8PathBuf,
    /// `HEAD` and the index.
    git_dir: Utf8PathBuf,
    /// Everything that the work trees of a repository share.
    common_dir: Utf8PathBuf,
}

impl Repository {
    /// The repository that `dir` lies in.
    pub(super) fn of(dir: &Utf8Path) -> Option<Self> {
        let work_tree = dir.ancestors().find(|dir| dir.join(".git").exists())?;
        let dot_git = work_tree.join(".git");
        let git_dir = if dot_git.is_dir() {
            dot_git
        } else {
            let text = fs::read_to_string(&dot_git).ok()?;
            work_tree.join(text.strip_prefix("gitdir:")?.trim())
        };
        let common_dir = match fs::read_to_string(git_dir.join("commondir")) {
            Ok(path) => git_dir.join(path.trim()),
            Err(_) => git_dir.clone(),
        };
        Some(Self {
            work_tree: work_tree.to_owned(),
            git_dir,
            common_dir,
        })
    }
}

/// Makes `to` a work tree with the index, the branches and the tags of `repository`.
pub(super) fn mirror(repository: &Repository, to: &Utf8Path) -> Result<()> {
    let Repository {
        git_dir,
        common_dir,
        ..
    } = repository;
    let objects = common_dir.join("objects");
    let Ok(objects) = objects.canonicalize_utf8() else {
        return Ok(());
    };
    let dot_git = to.join(".git");
    let info = dot_git.join("objects/info");
    fs::create_dir_all(&info).with_context(|| format!("cannot make {info}"))?;
    let alternates = info.join("alternates");
    fs::write(&alternates, format!("{objects}\n"))
        .with_context(|| format!("cannot write {alternates}"))?;
    for (dir, name) in [
        (git_dir, "HEAD"),
        (git_dir, "index"),
        (common_dir, "packed-refs"),
        (common_dir, "config"),
        (common_dir, "shallow"),
    ] {
        let (from, to) = (dir.join(name), dot_git.join(name));
        match tree::copy_file(from.as_ref(), to.as_ref()) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                return Err(e).with_context(|| format!("cannot copy {from} to {to}"));
            }
            _ => {}
        }
    }
    for name in ["refs", "reftable"] {
        let from = common_dir.join(name);
        if from.is_dir() {
            tree::copy_all(&from, &dot_git.join(name))?;
        }
    }
    Ok(())
}
