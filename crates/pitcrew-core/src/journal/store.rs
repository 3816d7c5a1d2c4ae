//! Where entries lie. What state an apply is in is told by the name of its file alone, so that one
//! rename moves it from one state to the next:
//!
//! | file | state |
//! | --- | --- |
//! | `applying.json` | files are being brought to the new side |
//! | `applied/<id>.json` | done, can be undone |
//! | `undoing.json` | files are being brought back to the old side |
//! | `unresolved/<hash>.json` | taken back, but for files that somebody else had changed meanwhile |

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

use super::disk::{self, Action, Disk, Permissions, io_error};
use super::entry::{self, Entry};
use super::error::{JournalError, Result};

/// How many applies stay undoable.
const HISTORY: usize = 32;

pub(super) struct Store<'a> {
    pub directory: &'a Utf8Path,
    pub disk: &'a Disk,
}

impl Store<'_> {
    pub(super) fn applying(&self) -> Utf8PathBuf {
        self.directory.join("applying.json")
    }

    pub(super) fn undoing(&self) -> Utf8PathBuf {
        self.directory.join("undoing.json")
    }

    pub(super) fn applied(&self, id: u64) -> Utf8PathBuf {
        self.applied_dir().join(format!("{id:08}.json"))
    }

    fn applied_dir(&self) -> Utf8PathBuf {
        self.directory.join("applied")
    }

    fn temporary(&self) -> Utf8PathBuf {
        self.directory.join("journal.tmp")
    }

    /// Whether an earlier run left something to clear up.
    pub(super) fn is_unfinished(&self) -> bool {
        [self.applying(), self.undoing(), self.temporary()]
            .iter()
            .any(|path| path.exists())
    }

    pub(super) fn create(&self) -> Result<()> {
        if self.applied_dir().is_dir() {
            return Ok(());
        }
        self.disk.create_private_dirs(&self.applied_dir())
    }

    /// Makes the entry the one that is being applied.
    pub(super) fn publish(&self, entry: &Entry) -> Result<()> {
        let temporary = self.temporary();
        let json = serde_json::to_vec_pretty(entry).map_err(|error| JournalError::Io {
            action: Action::Write,
            path: temporary.clone(),
            source: error.into(),
        })?;
        let written = self
            .disk
            .write_new(&temporary, &json, Permissions::Private)
            .and_then(|()| self.move_to(&temporary, &self.applying()));
        if written.is_err() {
            let _ = self.disk.remove_file(&self.applying());
            let _ = self.disk.remove_file(&temporary);
        }
        written
    }

    pub(super) fn sweep(&self) -> Result<()> {
        self.disk.remove_file(&self.temporary())
    }

    /// Moves an entry to another state, for good when it returns.
    pub(super) fn move_to(&self, from: &Utf8Path, to: &Utf8Path) -> Result<()> {
        self.disk.rename(from, to)?;
        for directory in [from.parent(), to.parent()].into_iter().flatten() {
            self.disk.sync_dir(directory)?;
        }
        Ok(())
    }

    /// Keeps the entry of a rollback that had to leave files alone: it holds their old content.
    pub(super) fn keep_unresolved(&self, path: &Utf8Path) -> Result<Utf8PathBuf> {
        let directory = self.directory.join("unresolved");
        self.disk.create_private_dirs(&directory)?;
        let bytes = disk::read(path)?.unwrap_or_default();
        let name = &entry::hash(&bytes)[..16];
        let kept = directory.join(format!("{name}.json"));
        self.move_to(path, &kept)?;
        Ok(kept)
    }

    /// Reads an entry; none where there is no such file.
    pub(super) fn load(&self, path: &Utf8Path) -> Result<Option<Entry>> {
        let Some(json) = disk::read(path)? else {
            return Ok(None);
        };
        let damaged = |reason: String| JournalError::Damaged {
            path: path.to_owned(),
            reason,
        };
        let entry: Entry =
            serde_json::from_slice(&json).map_err(|error| damaged(error.to_string()))?;
        if entry.schema == entry::SCHEMA {
            Ok(Some(entry))
        } else {
            Err(damaged(format!("version {} of the format", entry.schema)))
        }
    }

    /// The numbers of what was applied, latest first.
    pub(super) fn history(&self) -> Result<Vec<u64>> {
        let directory = self.applied_dir();
        let listing = match fs::read_dir(&directory) {
            Ok(listing) => listing,
            Err(error) if disk::is_missing(&error) => return Ok(Vec::new()),
            Err(error) => return Err(io_error(Action::Read, &directory)(error)),
        };
        let mut ids = Vec::new();
        for file in listing {
            let file = file.map_err(io_error(Action::Read, &directory))?;
            let name = file.file_name();
            let id = name.to_str().and_then(|name| name.strip_suffix(".json"));
            ids.extend(id.and_then(|id| id.parse::<u64>().ok()));
        }
        ids.sort_unstable_by(|a, b| b.cmp(a));
        Ok(ids)
    }

    /// Forgets the oldest applies. A failure leaves a longer history, which hurts nobody.
    pub(super) fn prune(&self) {
        for id in self.history().unwrap_or_default().into_iter().skip(HISTORY) {
            let _ = self.disk.remove_file(&self.applied(id));
        }
    }
}
