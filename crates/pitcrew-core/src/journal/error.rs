//! Why the journal refused or failed. Typed, because the plugins tell "nothing to undo" from a full
//! disk.

use std::io::{self, ErrorKind};

use camino::Utf8PathBuf;
use thiserror::Error;

use super::disk::Action;
use crate::style::printable;

pub type Result<T> = std::result::Result<T, JournalError>;

#[derive(Debug, Error)]
pub enum JournalError {
    #[error(
        "{} is changing files of this workspace; try again when it is done",
        match holder {
            Some(pid) => format!("another process (pid {pid})"),
            None => "another process".to_owned(),
        }
    )]
    Locked { holder: Option<u32> },

    #[error(
        "files have changed since they were read; run the command again:{}",
        list(files)
    )]
    Changed { files: Vec<Utf8PathBuf> },

    #[error(
        "cannot undo the last `--apply` of {tool}: these files have changed since:{}\n\
         (bring them back to what `--apply` wrote, or revert the change by hand)",
        changed_list(files)
    )]
    ChangedSince {
        tool: String,
        files: Vec<ChangedFile>,
    },

    #[error("nothing to undo: {tool} has applied nothing to this workspace")]
    NothingToUndo { tool: String },

    #[error("{} is read-only; make it writable and run the command again", printable(path.as_str()))]
    ReadOnly { path: Utf8PathBuf },

    #[error("{} is not a regular file, so it cannot be changed", printable(path.as_str()))]
    NotAFile { path: Utf8PathBuf },

    #[error(
        "{} is a link that leads nowhere; create what it points to, or remove it",
        printable(path.as_str())
    )]
    DanglingLink { path: Utf8PathBuf },

    #[error(
        "{} and {} are the same file, and both would be changed",
        printable(first.as_str()),
        printable(second.as_str())
    )]
    SameFile {
        first: Utf8PathBuf,
        second: Utf8PathBuf,
    },

    #[error(
        "the journal {} is damaged ({reason}); check the files that the last `--apply` changed, \
         then delete it",
        printable(path.as_str())
    )]
    Damaged { path: Utf8PathBuf, reason: String },

    #[error("cannot find a directory for the journal: set PITCREW_STATE_DIR, CARGO_HOME or HOME")]
    NoHome,

    #[error("cannot {action} {}{}", printable(path.as_str()), remedy(source))]
    Io {
        action: Action,
        path: Utf8PathBuf,
        source: io::Error,
    },

    #[error("the change failed, and every file is again as it was before")]
    RolledBack { source: Box<JournalError> },

    #[error(
        "the change failed ({cause}), and taking it back failed too; \
         the next run of this command brings the files back"
    )]
    Unfinished {
        cause: Box<JournalError>,
        source: Box<JournalError>,
    },
}

/// A file that no longer holds what `--apply` wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedFile {
    pub path: Utf8PathBuf,
    /// The tool whose later `--apply` changed it, where the journal knows.
    pub by: Option<String>,
}

fn list(files: &[Utf8PathBuf]) -> String {
    files
        .iter()
        .map(|path| format!("\n  * {}", printable(path.as_str())))
        .collect()
}

fn changed_list(files: &[ChangedFile]) -> String {
    files
        .iter()
        .map(|file| {
            let path = printable(file.path.as_str());
            match &file.by {
                Some(tool) => format!("\n  * {path} (by {tool}: undo that first)"),
                None => format!("\n  * {path}"),
            }
        })
        .collect()
}

fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            ": the disk is full; free some space and run the command again"
        }
        ErrorKind::PermissionDenied => {
            ": permission denied; make the file and its directory writable for you"
        }
        ErrorKind::ReadOnlyFilesystem => ": its file system is mounted read-only",
        _ => "",
    }
}
