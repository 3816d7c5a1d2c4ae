//! Reads files that a project names, where each must be taken for what it may be: a pipe would keep us
//! waiting, a link to `/dev/zero` would fill the memory, and so would a file without measure.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::path::Path;

/// More than any source or manifest holds.
const LARGEST: u64 = 128 << 20;

/// The bytes of a regular file, or of what a link to one leads to.
///
/// # Errors
///
/// What [`fs::read`] fails on, and what is no regular file or is larger than 128 MiB.
pub fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    let path = path.as_ref();
    if check(path)?.len() > LARGEST {
        let why = "it is larger than 128 MiB, so that nobody can have written it";
        return Err(io::Error::new(ErrorKind::FileTooLarge, why));
    }
    fs::read(path)
}

/// The text of a regular file.
///
/// # Errors
///
/// Those of [`read`], and bytes that are no UTF-8.
pub fn read_to_string(path: impl AsRef<Path>) -> io::Result<String> {
    String::from_utf8(read(path)?)
        .map_err(|_| io::Error::new(ErrorKind::InvalidData, "stream did not contain valid UTF-8"))
}

/// Fails where `path` is no regular file.
///
/// # Errors
///
/// What [`fs::metadata`] fails on, and what is no regular file.
pub fn check(path: impl AsRef<Path>) -> io::Result<Metadata> {
    let metadata = fs::metadata(path)?;
    match metadata.is_file() {
        true => Ok(metadata),
        false if metadata.is_dir() => Err(ErrorKind::IsADirectory.into()),
        false => Err(io::Error::new(
            ErrorKind::InvalidInput,
            "it is no regular file",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_and_a_folder_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.rs");
        fs::write(&path, "fn f() {}").unwrap();
        assert_eq!(read_to_string(&path).unwrap(), "fn f() {}");
        assert_eq!(
            read(folder.path()).unwrap_err().kind(),
            ErrorKind::IsADirectory
        );
        fs::write(&path, b"\xff").unwrap();
        assert_eq!(
            read_to_string(&path).unwrap_err().kind(),
            ErrorKind::InvalidData
        );
    }

    #[test]
    fn a_file_without_measure_is_refused_unread() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.rs");
        // It takes no space.
        fs::File::create(&path)
            .unwrap()
            .set_len(LARGEST + 1)
            .unwrap();
        assert_eq!(read(&path).unwrap_err().kind(), ErrorKind::FileTooLarge);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_device_is_refused_unread() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.rs");
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        assert_eq!(
            read(&path).unwrap_err().to_string(),
            "it is no regular file"
        );
    }
}
