//! Keeping `Cargo.lock` as the user has it while cargo is asked something that makes it write.
//!
//! cargo 1.95 has no stable way to put the lockfile elsewhere. What a kill between the two steps
//! leaves behind is the lockfile that the user's next `cargo build` would write.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

pub(super) struct Lockfile {
    path: Utf8PathBuf,
    before: Option<Before>,
}

struct Before {
    bytes: Vec<u8>,
    modified: Option<SystemTime>,
}

impl Lockfile {
    /// Remembers the file at `path`, or that there is none.
    pub(super) fn keep(path: &Utf8Path) -> Result<Self> {
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

impl Before {
    fn write(&self, path: &Utf8Path) -> std::io::Result<()> {
        fs::write(path, &self.bytes)?;
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
}
