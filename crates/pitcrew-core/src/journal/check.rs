//! Everything that can be found out before a byte is written: links, permissions, and whether the
//! files still hold what the plan was made from.

use std::fs::{self, OpenOptions};
use std::io::ErrorKind;

use camino::{Utf8Path, Utf8PathBuf};

use super::disk::{self, Action, io_error};
use super::entry::{Content, Entry, SCHEMA, SavedFile, Side};
use super::error::{ChangedFile, JournalError, Result};
use crate::plan::Plan;

/// The entry for a plan. `tag` keeps the temporary files of two workspaces apart that share a file.
pub(super) fn entry(tool: &str, plan: &Plan, id: u64, tag: &str) -> Result<Entry> {
    let mut files: Vec<SavedFile> = Vec::new();
    let mut directories: Vec<Utf8PathBuf> = Vec::new();
    let mut changed = Vec::new();
    for (index, change) in plan.changes().iter().enumerate() {
        let target = target(&change.path)?;
        if let Some(twin) = files.iter().find(|file| file.target == target) {
            return Err(JournalError::SameFile {
                first: twin.path.clone(),
                second: change.path.clone(),
            });
        }
        if !target.exists() {
            directories.extend(missing_parents(&target));
        }
        check_writable(&target)?;
        if disk::read(&target)? != change.old {
            changed.push(change.path.clone());
        }
        let directory = target.parent().unwrap_or(&target);
        files.push(SavedFile {
            path: change.path.clone(),
            temporary: directory.join(format!(".pitcrew-{tag}-{id}-{index}.tmp")),
            target,
            old: change.old.as_deref().map(Content::from),
            new: Content::from(change.new.as_slice()),
        });
    }
    if !changed.is_empty() {
        return Err(JournalError::Changed { files: changed });
    }
    directories.sort();
    directories.dedup();
    Ok(Entry {
        schema: SCHEMA,
        tool: tool.to_owned(),
        id,
        directories,
        files,
    })
}

/// Whether every file of an applied entry can be brought back. `later` are the entries applied
/// after it, which may have changed the same files.
pub(super) fn undoable(entry: &Entry, later: &[Entry]) -> Result<()> {
    let mut changed = Vec::new();
    for file in &entry.files {
        if disk::read(&file.target)?.as_deref() != file.bytes(Side::New) {
            let by = later.iter().find(|later| {
                let mut files = later.files.iter();
                files.any(|other| other.target == file.target)
            });
            changed.push(ChangedFile {
                path: file.path.clone(),
                by: by.map(|later| later.tool.clone()),
            });
        }
    }
    if !changed.is_empty() {
        return Err(JournalError::ChangedSince {
            tool: entry.tool.clone(),
            files: changed,
        });
    }
    let mut targets = entry.files.iter().map(|file| &file.target);
    targets.try_for_each(|target| check_writable(target))
}

/// Where a file really lies. A link is followed, so that it stays one.
fn target(path: &Utf8Path) -> Result<Utf8PathBuf> {
    let path = &camino::absolute_utf8(path).map_err(io_error(Action::Read, path))?;
    if path.exists() {
        return path
            .canonicalize_utf8()
            .map_err(io_error(Action::Read, path));
    }
    if path.symlink_metadata().is_ok() {
        return Err(JournalError::DanglingLink { path: path.clone() });
    }
    for ancestor in path.ancestors().skip(1) {
        if ancestor.exists() {
            let real = ancestor
                .canonicalize_utf8()
                .map_err(io_error(Action::Read, ancestor))?;
            return Ok(match path.strip_prefix(ancestor) {
                Ok(rest) => real.join(rest),
                Err(_) => path.clone(),
            });
        }
    }
    Ok(path.clone())
}

/// Parents first.
fn missing_parents(target: &Utf8Path) -> Vec<Utf8PathBuf> {
    let parents = target.ancestors().skip(1);
    let mut missing: Vec<_> = parents
        .take_while(|parent| !parent.exists())
        .map(Utf8Path::to_owned)
        .collect();
    missing.reverse();
    missing
}

/// Refuses what is marked read-only, even where root could write it: a rename would override the
/// mark without a word.
fn check_writable(target: &Utf8Path) -> Result<()> {
    let mut ancestors = target.ancestors();
    if let Ok(metadata) = fs::metadata(target) {
        if !metadata.is_file() {
            return Err(JournalError::NotAFile {
                path: target.to_owned(),
            });
        }
        if metadata.permissions().readonly() {
            return Err(read_only(target));
        }
        // Opening alone changes nothing, and asks everything that the bits do not say.
        match OpenOptions::new().append(true).open(target) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                return Err(read_only(target));
            }
            result => drop(result.map_err(io_error(Action::Write, target))?),
        }
    }
    ancestors.next();
    let Some((directory, metadata)) =
        ancestors.find_map(|path| Some((path, fs::metadata(path).ok()?)))
    else {
        return Ok(());
    };
    if !metadata.is_dir() {
        return Err(JournalError::Io {
            action: Action::CreateDir,
            path: target.parent().unwrap_or(directory).to_owned(),
            source: ErrorKind::NotADirectory.into(),
        });
    }
    // On Windows the mark says nothing of a directory's content.
    if !cfg!(windows) && metadata.permissions().readonly() {
        return Err(read_only(directory));
    }
    Ok(())
}

fn read_only(path: &Utf8Path) -> JournalError {
    JournalError::ReadOnly {
        path: path.to_owned(),
    }
}
