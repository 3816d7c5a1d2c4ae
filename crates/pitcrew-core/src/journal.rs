//! The only writer of users' files: locked, atomic, crash-safe and undoable.
//!
//! An apply first writes the old and the new bytes of every file to its journal, then stages each new
//! file beside the old one, then replaces them by rename, then marks the entry as applied. Whatever
//! stops it in between, each file is wholly old or wholly new, and [`Journal::recover`] makes all of
//! them old again. An undo goes the same way in the other direction, and is finished by `recover`.
//!
//! The journal does not lie in the target directory: `cargo clean` must not take undo away.

use std::fmt;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

mod bring;
mod check;
mod disk;
mod entry;
mod error;
mod lock;
mod store;

pub use disk::{Action, Step};
pub use error::{ChangedFile, JournalError};

use crate::plan::Plan;
use crate::style::printable;
use bring::bring;
use disk::{Disk, Hook, io_error};
use entry::{Entry, Side};
use error::Result;
use store::Store;

/// The directory that holds the journals of all workspaces: `$PITCREW_STATE_DIR`, else
/// `$CARGO_HOME/pitcrew`, else `~/.cargo/pitcrew`.
pub fn default_home(env: &dyn Fn(&str) -> Option<String>) -> Result<Utf8PathBuf> {
    let var = |name: &str| env(name).filter(|value| !value.is_empty());
    if let Some(directory) = var("PITCREW_STATE_DIR") {
        return Ok(directory.into());
    }
    let cargo_home = match var("CARGO_HOME") {
        Some(directory) => Utf8PathBuf::from(directory),
        None => var("HOME")
            .or_else(|| var("USERPROFILE"))
            .map(|home| Utf8PathBuf::from(home).join(".cargo"))
            .ok_or(JournalError::NoHome)?,
    };
    Ok(cargo_home.join("pitcrew"))
}

/// The journal of one workspace.
pub struct Journal {
    directory: Utf8PathBuf,
    /// Names this workspace in temporary files.
    tag: String,
    disk: Disk,
}

/// What an apply changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    pub files: Vec<Utf8PathBuf>,
}

/// What an undo took back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    pub files: Vec<Utf8PathBuf>,
}

/// What an interrupted run had left, and is now cleared up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    pub tool: String,
    pub what: Interrupted,
    /// As they were before the apply.
    pub files: Vec<Utf8PathBuf>,
    /// Changed by somebody else meanwhile, and left as they are.
    pub left: Vec<Utf8PathBuf>,
    /// The entry with the old content of the files that were left.
    pub kept: Option<Utf8PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupted {
    /// It was rolled back.
    Apply,
    /// It was finished.
    Undo,
}

impl fmt::Display for Recovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tool = &self.tool;
        match self.what {
            Interrupted::Apply => write!(f, "rolled back an interrupted `--apply` of {tool}")?,
            Interrupted::Undo => write!(f, "finished an interrupted `--undo` of {tool}")?,
        }
        for path in &self.left {
            let path = printable(path.as_str());
            write!(
                f,
                "\n  * {path} has changed meanwhile, and was left as it is"
            )?;
        }
        if let Some(kept) = &self.kept {
            let kept = printable(kept.as_str());
            write!(f, "\n  (what it held before stands in {kept})")?;
        }
        Ok(())
    }
}

/// What a file held before the first of the applies that it still shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// None: an apply created the file.
    pub bytes: Option<Vec<u8>>,
}

impl Journal {
    /// The journal of the workspace at `workspace_root`. Nothing is created before the first apply.
    pub fn open(home: &Utf8Path, workspace_root: &Utf8Path) -> Result<Self> {
        let root = workspace_root
            .canonicalize_utf8()
            .map_err(io_error(Action::Read, workspace_root))?;
        let home = camino::absolute_utf8(home).map_err(io_error(Action::Read, home))?;
        let hash = entry::hash(root.as_str().as_bytes());
        let name: String = root
            .file_name()
            .unwrap_or("root")
            .chars()
            .map(|c| if c.is_control() { '_' } else { c })
            .take(60)
            .collect();
        Ok(Self {
            directory: home.join(format!("{name}-{}", &hash[..16])),
            tag: hash[..8].to_owned(),
            disk: Disk::default(),
        })
    }

    /// Calls `hook` before each step on the disk; where it returns an error, the step fails with it.
    /// For tests of crashes and of full disks.
    #[must_use]
    pub fn with_steps(mut self, hook: impl Fn(&Step) -> io::Result<()> + 'static) -> Self {
        let hook: Hook = Box::new(hook);
        self.disk.hook = Some(hook);
        self
    }

    /// Where the journal lies.
    pub fn directory(&self) -> &Utf8Path {
        &self.directory
    }

    /// Rolls an unfinished apply back, or finishes an unfinished undo. To be called at every start.
    pub fn recover(&self) -> Result<Option<Recovered>> {
        if !self.store().is_unfinished() {
            return Ok(None);
        }
        let _lock = lock::take(&self.directory)?;
        self.recover_locked()
    }

    /// Writes the plan, all of it or nothing. Each file must still hold the plan's `old`.
    pub fn apply(&self, tool: &str, plan: &Plan) -> Result<Applied> {
        if plan.is_empty() {
            return Ok(Applied::default());
        }
        let store = self.store();
        store.create()?;
        let _lock = lock::take(&self.directory)?;
        self.recover_locked()?;
        let id = store.history()?.first().map_or(1, |latest| latest + 1);
        let entry = check::entry(tool, plan, id, &self.tag)?;
        store.publish(&entry)?;
        let result = self
            .bring_all(&entry, Side::New)
            .and_then(|()| self.disk.rename(&store.applying(), &store.applied(id)));
        if let Err(cause) = result {
            return Err(self.take_back(&entry, Side::Old, cause));
        }
        // Should the rename not survive a power failure, the next start rolls back: consistent too.
        let _ = self.disk.sync_dir(&self.directory);
        store.prune();
        Ok(Applied {
            files: paths(&entry),
        })
    }

    /// Takes the last apply of `tool` back, byte for byte, or refuses where a file has changed since.
    pub fn undo(&self, tool: &str) -> Result<Undone> {
        let store = self.store();
        let nothing = || JournalError::NothingToUndo {
            tool: tool.to_owned(),
        };
        if !self.directory.is_dir() {
            return Err(nothing());
        }
        let _lock = lock::take(&self.directory)?;
        self.recover_locked()?;
        let mut later = Vec::new();
        let entry = loop {
            let id = store.history()?.get(later.len()).copied();
            let id = id.ok_or_else(nothing)?;
            let entry = store.load(&store.applied(id))?.ok_or_else(nothing)?;
            if entry.tool == tool {
                break entry;
            }
            later.push(entry);
        };
        check::undoable(&entry, &later)?;
        let applied = store.applied(entry.id);
        let result = store
            .move_to(&applied, &store.undoing())
            .and_then(|()| self.bring_all(&entry, Side::Old))
            .and_then(|()| self.disk.remove_file(&store.undoing()));
        if let Err(cause) = result {
            return Err(self.take_back(&entry, Side::New, cause));
        }
        let _ = self.disk.sync_dir(&self.directory);
        Ok(Undone {
            files: paths(&entry),
        })
    }

    /// What a file held before the applies that made it what it is now; none where it is not as an
    /// apply left it, and so holds work of the user's own.
    pub fn origin(&self, path: &Utf8Path) -> Result<Option<Origin>> {
        let store = self.store();
        let Ok(target) = path.canonicalize_utf8() else {
            return Ok(None);
        };
        let (mut now, mut origin) = (disk::read(&target)?, None);
        for id in store.history()? {
            let entry = store.load(&store.applied(id))?;
            let files = entry.iter().flat_map(|entry| &entry.files);
            for file in files.filter(|file| file.target == target) {
                if file.bytes(Side::New) != now.as_deref() {
                    return Ok(origin);
                }
                now = file.bytes(Side::Old).map(<[u8]>::to_vec);
                origin = Some(Origin { bytes: now.clone() });
            }
        }
        Ok(origin)
    }

    fn store(&self) -> Store<'_> {
        Store {
            directory: &self.directory,
            disk: &self.disk,
        }
    }

    fn bring_all(&self, entry: &Entry, side: Side) -> Result<()> {
        let left = bring(&self.disk, entry, side)?;
        if left.is_empty() {
            Ok(())
        } else {
            Err(JournalError::Changed { files: left })
        }
    }

    /// After a failure: brings all files back to `side`, and the entry to the state that says so.
    fn take_back(&self, entry: &Entry, side: Side, cause: JournalError) -> JournalError {
        let store = self.store();
        let taken_back = bring(&self.disk, entry, side).and_then(|_left| match side {
            Side::Old => self.disk.remove_file(&store.applying()),
            Side::New if store.undoing().exists() => {
                store.move_to(&store.undoing(), &store.applied(entry.id))
            }
            Side::New => Ok(()),
        });
        match taken_back {
            Ok(()) => JournalError::RolledBack {
                source: Box::new(cause),
            },
            Err(error) => JournalError::Unfinished {
                cause: Box::new(cause),
                source: Box::new(error),
            },
        }
    }

    fn recover_locked(&self) -> Result<Option<Recovered>> {
        let store = self.store();
        store.sweep()?;
        let pending = [
            (Interrupted::Apply, store.applying()),
            (Interrupted::Undo, store.undoing()),
        ];
        for (what, path) in pending {
            let Some(entry) = store.load(&path)? else {
                continue;
            };
            let left = bring(&self.disk, &entry, Side::Old)?;
            let kept = if left.is_empty() {
                self.disk.remove_file(&path)?;
                None
            } else {
                Some(store.keep_unresolved(&path)?)
            };
            let _ = self.disk.sync_dir(&self.directory);
            let mut files = paths(&entry);
            files.retain(|path| !left.contains(path));
            return Ok(Some(Recovered {
                tool: entry.tool,
                what,
                files,
                left,
                kept,
            }));
        }
        Ok(None)
    }
}

fn paths(entry: &Entry) -> Vec<Utf8PathBuf> {
    entry.files.iter().map(|file| file.path.clone()).collect()
}

#[cfg(test)]
mod tests;
