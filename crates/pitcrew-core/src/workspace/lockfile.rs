//! Keeping `Cargo.lock` as the user has it while cargo is asked something that makes it write.
//!
//! cargo 1.95 has no stable way to put the lockfile elsewhere. What a kill between the two steps
//! leaves behind is the lockfile that the user's next `cargo build` would write. It is not taken away
//! later: by then it may be the one that the user's own build has written.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use crate::whole_file;

pub(super) struct Lockfile {
    path: Utf8PathBuf,
    before: Option<Before>,
    /// Another call must not take for the user's what cargo wrote for this one.
    _turn: Option<File>,
}

struct Before {
    bytes: Vec<u8>,
    modified: Option<SystemTime>,
}

impl Lockfile {
    /// Remembers the file at `path`, or that there is none, once no other call is about to put it back.
    pub(super) fn keep(path: &Utf8Path) -> Result<Self> {
        let turn = turn(whole_file::directory(path));
        let before = match fs::read(path) {
            Ok(bytes) => {
                let modified = fs::metadata(path).and_then(|m| m.modified()).ok();
                Some(Before { bytes, modified })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("cannot read `{path}`")),
        };
        Ok(Self {
            path: path.to_owned(),
            before,
            _turn: turn,
        })
    }

    /// Makes the file what it was, its time of modification included, as cargo's own checks and
    /// editors look at that.
    pub(super) fn put_back(&self) -> Result<()> {
        let now = fs::read(&self.path).ok();
        match (&self.before, now) {
            (None, None) => Ok(()),
            (None, Some(_)) => fs::remove_file(&self.path)
                .with_context(|| format!("cannot remove `{}`, which cargo made", self.path)),
            (Some(before), Some(now)) if before.bytes == now => Ok(()),
            (Some(before), _) => before
                .write(&self.path)
                .with_context(|| format!("cannot put back `{}`", self.path)),
        }
    }
}

/// The lock of the folder itself, so that nothing is written for it. Where folders cannot be locked (Windows,
/// some network file systems) there is none, as cargo does without its own there.
fn turn(folder: &Utf8Path) -> Option<File> {
    let folder = File::open(folder).ok()?;
    folder.lock().ok()?;
    Some(folder)
}

impl Before {
    fn write(&self, path: &Utf8Path) -> std::io::Result<()> {
        // The file, not a link to it.
        let path = &path.canonicalize_utf8().unwrap_or_else(|_| path.to_owned());
        whole_file::write(path, |out| out.write_all(&self.bytes))?;
        match self.modified {
            Some(time) => File::options().write(true).open(path)?.set_modified(time),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(dir: &tempfile::TempDir) -> Utf8PathBuf {
        Utf8PathBuf::from_path_buf(dir.path().join("Cargo.lock")).unwrap()
    }

    #[test]
    fn a_file_that_was_not_there_goes_again() {
        let dir = tempfile::tempdir().unwrap();
        let kept = Lockfile::keep(&path(&dir)).unwrap();
        fs::write(path(&dir), "new").unwrap();
        kept.put_back().unwrap();
        assert!(!path(&dir).exists());
        kept.put_back().unwrap();
    }

    #[test]
    fn a_changed_or_removed_file_comes_back_with_its_time() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(path(&dir), "old").unwrap();
        let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
        let file = File::options().write(true).open(path(&dir)).unwrap();
        file.set_modified(time).unwrap();
        let kept = Lockfile::keep(&path(&dir)).unwrap();
        for change in ["new", ""] {
            fs::write(path(&dir), change).unwrap();
            kept.put_back().unwrap();
            assert_eq!(fs::read_to_string(path(&dir)).unwrap(), "old");
            assert_eq!(fs::metadata(path(&dir)).unwrap().modified().unwrap(), time);
        }
        fs::remove_file(path(&dir)).unwrap();
        kept.put_back().unwrap();
        assert_eq!(fs::read_to_string(path(&dir)).unwrap(), "old");
    }

    #[cfg(unix)]
    #[test]
    fn a_linked_file_is_put_back_where_it_lies() {
        let dir = tempfile::tempdir().unwrap();
        let kept_at = dir.path().join("shared.lock");
        fs::write(&kept_at, "old").unwrap();
        std::os::unix::fs::symlink(&kept_at, path(&dir)).unwrap();
        let kept = Lockfile::keep(&path(&dir)).unwrap();
        fs::write(path(&dir), "new").unwrap();
        kept.put_back().unwrap();
        assert_eq!(fs::read_to_string(&kept_at).unwrap(), "old");
        assert!(path(&dir).is_symlink());
    }

    /// The second would take the file that cargo made for the first for one of the user's.
    #[cfg(unix)]
    #[test]
    fn the_second_of_two_calls_looks_when_the_first_is_done() {
        let dir = tempfile::tempdir().unwrap();
        let first = Lockfile::keep(&path(&dir)).unwrap();
        fs::write(path(&dir), "new").unwrap();
        std::thread::scope(|scope| {
            let second = scope.spawn(|| Lockfile::keep(&path(&dir)).unwrap());
            std::thread::sleep(std::time::Duration::from_millis(50));
            assert!(!second.is_finished());
            first.put_back().unwrap();
            drop(first);
            let second = second.join().unwrap();
            fs::write(path(&dir), "new").unwrap();
            second.put_back().unwrap();
        });
        assert!(!path(&dir).exists());
    }
}
