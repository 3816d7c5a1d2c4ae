//! The file that a page is written to. The user names it, so it is an output and no file of the
//! project; a slip of the hand must not cost one all the same.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _, Write};

use anyhow::{Context as _, Result, bail};
use camino::Utf8Path;

use crate::whole_file;

/// What each page starts with.
const FIRST: &str = "<!doctype html>";

/// Whether a page can be written to `path`: asked before time is spent on what it would show.
pub fn check(path: &Utf8Path) -> Result<()> {
    let dir = whole_file::directory(path);
    match fs::metadata(path) {
        Ok(there) if there.is_dir() => {
            bail!("{path} is a directory: name a file in it, as {path}/page.html")
        }
        Ok(there) if there.is_file() => {
            if !is_page(path).with_context(|| format!("cannot read {path}"))? {
                bail!("{path} is there already and no page of HTML: name another file");
            }
            if there.permissions().readonly() {
                bail!("{path} is read-only: name another file");
            }
        }
        // A device or a pipe takes whatever comes.
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("cannot write {path}")),
    }
    if !dir.is_dir() {
        bail!("cannot write {path}: there is no directory {dir}");
    }
    tempfile::tempfile_in(dir).with_context(|| format!("cannot write {path}"))?;
    Ok(())
}

/// Writes a page to `path`, wholly or not at all.
pub fn save(path: &Utf8Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    check(path)?;
    let written = match fs::metadata(path) {
        // Replacing a device would take it from everyone.
        Ok(there) if !there.is_file() => stream(path, fill),
        // The link stays, and what it points to is replaced.
        Ok(_) => path
            .canonicalize_utf8()
            .and_then(|target| whole_file::write(&target, fill)),
        Err(_) => whole_file::write(path, fill),
    };
    written.with_context(|| format!("cannot write {path}"))
}

fn stream(path: &Utf8Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(File::options().write(true).open(path)?);
    fill(&mut out)?;
    out.flush()
}

/// Whether a file holds a page, or nothing yet.
fn is_page(path: &Utf8Path) -> io::Result<bool> {
    let mut start = Vec::new();
    File::open(path)?
        .take(FIRST.len() as u64)
        .read_to_end(&mut start)?;
    Ok(start.is_empty() || start.eq_ignore_ascii_case(FIRST.as_bytes()))
}

#[cfg(test)]
mod tests {
    use camino::Utf8PathBuf;
    use tempfile::TempDir;

    use super::*;

    fn folder() -> (TempDir, Utf8PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
        (dir, path)
    }

    fn page(text: &str) -> impl FnOnce(&mut dyn Write) -> io::Result<()> {
        move |out| write!(out, "{FIRST}{text}")
    }

    fn refusal(path: &Utf8Path) -> String {
        let checked = check(path).unwrap_err();
        let saved = save(path, page("x")).unwrap_err();
        assert_eq!(format!("{checked:#}"), format!("{saved:#}"));
        format!("{saved:#}")
    }

    #[test]
    fn a_page_replaces_a_page() {
        let (_dir, folder) = folder();
        let path = folder.join("a.html");
        for text in ["first", "second"] {
            save(&path, page(text)).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), format!("{FIRST}{text}"));
        }
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }

    #[test]
    fn other_files_and_directories_are_refused() {
        let (_dir, folder) = folder();
        let manifest = folder.join("Cargo.toml");
        fs::write(&manifest, "[package]\n").unwrap();
        assert!(refusal(&manifest).contains("no page of HTML"));
        assert_eq!(fs::read_to_string(&manifest).unwrap(), "[package]\n");
        assert!(refusal(&folder).contains("is a directory"));
        let nowhere = folder.join("no/a.html");
        assert!(refusal(&nowhere).contains("there is no directory"));
        assert!(refusal(&manifest.join("a.html")).contains("cannot write"));
    }

    #[test]
    fn a_read_only_page_is_refused() {
        let (_dir, folder) = folder();
        let path = folder.join("a.html");
        save(&path, page("kept")).unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        assert!(refusal(&path).contains("read-only"));
    }

    #[cfg(unix)]
    #[test]
    fn links_and_devices_stay_what_they_are() {
        let (_dir, folder) = folder();
        let (link, target) = (folder.join("link.html"), folder.join("target.html"));
        fs::write(&target, "").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        save(&link, page("x")).unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&target).unwrap(), format!("{FIRST}x"));
        save(Utf8Path::new("/dev/null"), page("x")).unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
