//! One process at a time changes the files of a workspace.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use camino::Utf8Path;

use super::disk::{Action, io_error};
use super::error::{JournalError, Result};

/// An apply takes milliseconds, so a short wait gets past most of them.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(25);

/// Held until it is dropped, or its process ends however it may.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Takes the lock of the journal in `directory`.
pub(super) fn take(directory: &Utf8Path) -> Result<Lock> {
    let path = directory.join("lock");
    // Windows keeps others from reading a locked file, so who holds it stands in one beside it.
    let holder = directory.join("lock-holder");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(io_error(Action::Lock, &path))?;
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => break,
            // A network file system without locks: cargo itself goes on without one there.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => break,
            Err(TryLockError::Error(error)) => return Err(io_error(Action::Lock, &path)(error)),
            Err(TryLockError::WouldBlock) if start.elapsed() >= PATIENCE => {
                let text = fs::read_to_string(&holder).unwrap_or_default();
                return Err(JournalError::Locked {
                    holder: text.trim().parse().ok(),
                });
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
        }
    }
    // It only serves the message, so that a full disk must not stop a rollback here.
    let _ = fs::write(&holder, std::process::id().to_string());
    Ok(Lock { _file: file })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_taker_is_refused_by_the_holders_name_until_the_first_lets_go() {
        let directory = tempfile::tempdir().unwrap();
        let directory = Utf8Path::from_path(directory.path()).unwrap();
        let first = take(directory).unwrap();
        let error = take(directory).unwrap_err();
        assert!(
            matches!(error, JournalError::Locked { holder: Some(pid) } if pid == std::process::id()),
            "{error}"
        );
        assert!(error.to_string().contains("pid"), "{error}");
        drop(first);
        take(directory).unwrap();
    }
}
