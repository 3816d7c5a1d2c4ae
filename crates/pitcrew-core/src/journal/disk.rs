//! The few things the journal does to a disk. Each is announced to a hook before it is done, so that
//! a test can fail or kill the process at every single one.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};

use camino::Utf8Path;
use camino::Utf8PathBuf;

use super::error::{JournalError, Result};

/// What is about to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    CreateDir,
    /// Creates a temporary file, empty.
    Create,
    Write,
    CopyMetadata,
    Sync,
    Rename,
    SyncDir,
    RemoveFile,
    RemoveDir,
    Read,
    Lock,
}

impl Action {
    /// Whether a full disk can make it fail.
    pub fn needs_space(self) -> bool {
        matches!(
            self,
            Self::CreateDir | Self::Create | Self::Write | Self::Sync
        )
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CreateDir => "create the directory",
            Self::Create => "create",
            Self::Write => "write",
            Self::CopyMetadata => "set the permissions of",
            Self::Sync | Self::SyncDir => "write to disk",
            Self::Rename => "replace",
            Self::RemoveFile => "remove",
            Self::RemoveDir => "remove the directory",
            Self::Read => "read",
            Self::Lock => "lock",
        })
    }
}

/// One action on one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub action: Action,
    pub path: Utf8PathBuf,
}

/// Hears of each step before it is done, and may fail it.
pub type Hook = Box<dyn Fn(&Step) -> io::Result<()>>;

/// The permissions of a file that is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Permissions<'a> {
    /// For its owner only: a journal holds what the user's files hold.
    Private,
    /// What any new file gets.
    New,
    /// Those of the file that it will replace, and its owner where that is possible.
    Like(&'a Utf8Path),
}

#[derive(Default)]
pub(super) struct Disk {
    pub(super) hook: Option<Hook>,
}

impl Disk {
    fn step<T>(
        &self,
        action: Action,
        path: &Utf8Path,
        act: impl FnOnce() -> io::Result<T>,
    ) -> Result<T> {
        let announced = match &self.hook {
            Some(hook) => hook(&Step {
                action,
                path: path.to_owned(),
            }),
            None => Ok(()),
        };
        announced
            .and_then(|()| act())
            .map_err(io_error(action, path))
    }

    /// Writes a file that does not exist yet, and has it on the disk when it returns.
    pub(super) fn write_new(
        &self,
        path: &Utf8Path,
        bytes: &[u8],
        permissions: Permissions<'_>,
    ) -> Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if !matches!(permissions, Permissions::New) {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        let mut file = self.step(Action::Create, path, || options.open(path))?;
        self.step(Action::Write, path, || file.write_all(bytes))?;
        if let Permissions::Like(model) = permissions {
            self.step(Action::CopyMetadata, path, || {
                copy_metadata(model, path, &file)
            })?;
        }
        self.step(Action::Sync, path, || file.sync_all())
    }

    pub(super) fn rename(&self, from: &Utf8Path, to: &Utf8Path) -> Result<()> {
        self.step(Action::Rename, to, || fs::rename(from, to))
    }

    pub(super) fn create_dir(&self, path: &Utf8Path) -> Result<()> {
        self.step(Action::CreateDir, path, || fs::create_dir(path))
    }

    /// Creates directories that only their owner may look into.
    pub(super) fn create_private_dirs(&self, path: &Utf8Path) -> Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        self.step(Action::CreateDir, path, || builder.create(path))
    }

    /// Removes a file, if it is there.
    pub(super) fn remove_file(&self, path: &Utf8Path) -> Result<()> {
        if path.symlink_metadata().is_err() {
            return Ok(());
        }
        self.step(Action::RemoveFile, path, || fs::remove_file(path))
    }

    /// Removes a directory, if it is there and empty.
    pub(super) fn remove_empty_dir(&self, path: &Utf8Path) -> Result<()> {
        if path.symlink_metadata().is_err() {
            return Ok(());
        }
        self.step(Action::RemoveDir, path, || match fs::remove_dir(path) {
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => Ok(()),
            result => result,
        })
    }

    /// Makes renames and removals in a directory survive a power failure.
    pub(super) fn sync_dir(&self, path: &Utf8Path) -> Result<()> {
        self.step(Action::SyncDir, path, || {
            // Windows opens no directories, and keeps renames in its own log.
            if cfg!(unix) {
                File::open(path)?.sync_all()?;
            }
            Ok(())
        })
    }
}

/// The bytes of a file; none where there is no such file.
pub(super) fn read(path: &Utf8Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(io_error(Action::Read, path)(error)),
    }
}

pub(super) fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

pub(super) fn io_error(action: Action, path: &Utf8Path) -> impl FnOnce(io::Error) -> JournalError {
    move |source| JournalError::Io {
        action,
        path: path.to_owned(),
        source,
    }
}

fn copy_metadata(model: &Utf8Path, path: &Utf8Path, file: &File) -> io::Result<()> {
    let metadata = fs::metadata(model)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, chown};
        // Only root may give files away; for everyone else the file was theirs in the first place,
        // or becomes theirs, as with any editor. Before the permissions, because it clears some.
        let _ = chown(path, Some(metadata.uid()), Some(metadata.gid()));
    }
    #[cfg(not(unix))]
    let _ = path;
    file.set_permissions(metadata.permissions())
}
