//! Writes a file wholly or not at all: someone may be reading it, the disk may fill, and Ctrl-C may
//! come at any instant.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};

use camino::Utf8Path;

/// Has `fill` write a temporary file beside `path`, which then takes its place. A file that stands
/// there lends its permissions; a new one gets what any new file gets.
pub fn write(
    path: &Utf8Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let create = |path: &std::path::Path| File::options().write(true).create_new(true).open(path);
    let temporary = tempfile::Builder::new()
        .prefix(".pitcrew-")
        .make_in(directory(path), create)?;
    let mut out = BufWriter::new(temporary.as_file());
    fill(&mut out)?;
    out.flush()?;
    drop(out);
    if let Ok(old) = fs::metadata(path) {
        temporary.as_file().set_permissions(old.permissions())?;
    }
    temporary.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// The directory that a file of this path lies in.
pub fn directory(path: &Utf8Path) -> &Utf8Path {
    match path.parent() {
        Some(parent) if !parent.as_str().is_empty() => parent,
        _ => Utf8Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_half_way_leaves_the_old_file_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(dir.path()).unwrap().join("file");
        write(&path, |out| out.write_all(b"old")).unwrap();
        let failed = write(&path, |out| {
            out.write_all(b"new")?;
            Err(io::Error::other("the disk is full"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        write(&path, |out| out.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn a_new_file_is_as_readable_as_any_other() {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(dir.path()).unwrap().join("file");
        let other = dir.path().join("other");
        fs::write(&other, "").unwrap();
        write(&path, |out| out.write_all(b"x")).unwrap();
        let permissions = |path: &std::path::Path| fs::metadata(path).unwrap().permissions();
        assert_eq!(permissions(path.as_std_path()), permissions(&other));
    }
}
