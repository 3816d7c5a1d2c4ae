//! Brings the files of an entry to one of their two sides. An apply brings them to the new side, an
//! undo to the old one, and each is taken back by bringing them to the other: one piece of code that
//! may be stopped anywhere and started again.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::disk::{self, Disk, Permissions};
use super::entry::{Entry, SavedFile, Side};
use super::error::Result;

/// Returns the files that hold neither side; somebody else changed them, so they are left alone.
pub(super) fn bring(disk: &Disk, entry: &Entry, side: Side) -> Result<Vec<Utf8PathBuf>> {
    // What an interrupted run left; also room on a full disk.
    for file in &entry.files {
        disk.remove_file(&file.temporary)?;
    }
    let mut left = Vec::new();
    let mut due = Vec::new();
    for file in &entry.files {
        let current = disk::read(&file.target)?;
        if current.as_deref() == file.bytes(side.other()) {
            due.push(file);
        } else if current.as_deref() != file.bytes(side) {
            left.push(file.path.clone());
        }
    }
    if side == Side::New {
        create_directories(disk, entry)?;
    }
    // All new content is on the disk before the first file changes: what can fail, fails here.
    for file in &due {
        if let Some(bytes) = file.bytes(side) {
            let permissions = match file.bytes(side.other()) {
                Some(_) => Permissions::Like(&file.target),
                None => Permissions::New,
            };
            disk.write_new(&file.temporary, bytes, permissions)?;
        }
    }
    for file in &due {
        if disk::read(&file.target)?.as_deref() == file.bytes(side.other()) {
            replace(disk, file, side)?;
        } else {
            disk.remove_file(&file.temporary)?;
            left.push(file.path.clone());
        }
    }
    let parents: BTreeSet<&Utf8Path> = due.iter().filter_map(|file| file.target.parent()).collect();
    for parent in parents {
        disk.sync_dir(parent)?;
    }
    if side == Side::Old {
        remove_directories(disk, entry)?;
    }
    Ok(left)
}

fn replace(disk: &Disk, file: &SavedFile, side: Side) -> Result<()> {
    if file.bytes(side).is_some() {
        disk.rename(&file.temporary, &file.target)
    } else {
        disk.remove_file(&file.target)
    }
}

fn create_directories(disk: &Disk, entry: &Entry) -> Result<()> {
    for directory in entry.directories.iter().filter(|path| !path.is_dir()) {
        disk.create_dir(directory)?;
        sync_parent(disk, directory)?;
    }
    Ok(())
}

fn remove_directories(disk: &Disk, entry: &Entry) -> Result<()> {
    for directory in entry.directories.iter().rev() {
        disk.remove_empty_dir(directory)?;
        sync_parent(disk, directory)?;
    }
    Ok(())
}

fn sync_parent(disk: &Disk, directory: &Utf8Path) -> Result<()> {
    match directory.parent() {
        Some(parent) if parent.is_dir() => disk.sync_dir(parent),
        _ => Ok(()),
    }
}
