//! Copying trees of files, with their modification times.

use std::fs::{self, File, FileTimes};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;

/// How the sources of a workspace are copied.
pub(super) struct SourceTree<'a> {
    pub target_dir: &'a Utf8Path,
    /// Where the copy of a path goes.
    pub place: &'a (dyn Fn(&Utf8Path) -> Utf8PathBuf + Sync),
    /// Whether a path is in one of the trees that are copied.
    pub copied: &'a (dyn Fn(&Utf8Path) -> bool + Sync),
}

/// A tree's entries, each with where its copy goes.
#[derive(Default)]
struct Listing {
    /// Parents before children.
    dirs: Vec<(PathBuf, PathBuf)>,
    files: Vec<(PathBuf, PathBuf)>,
    links: Vec<(PathBuf, PathBuf)>,
    unreadable: Vec<PathBuf>,
}

impl SourceTree<'_> {
    /// Copies `from`; returns what could not be read.
    pub(super) fn copy(&self, from: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
        let to = (self.place)(from);
        let mut listing = Listing::default();
        list(from.as_ref(), to.as_ref(), &mut listing, &|path| {
            self.keeps(path)
        })?;
        let links = std::mem::take(&mut listing.links);
        listing.make_dirs()?;
        let unreadable = listing.copy_files()?;
        for (link, to) in &links {
            self.copy_link(link, to)?;
        }
        listing.restore_dir_times();
        let lossy = |path: &PathBuf| Utf8PathBuf::from(path.to_string_lossy().as_ref());
        let skipped = listing.unreadable.iter().chain(&unreadable);
        Ok(skipped.map(lossy).collect())
    }

    fn keeps(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default();
        name != ".git"
            && name != "node_modules"
            && path != self.target_dir
            && !is_tagged_cache(path)
    }

    /// A link into the copied trees leads into the copy; one out of them must not lead writes back
    /// to the user's files, so that a file is copied in its place. A directory outside stays linked.
    fn copy_link(&self, link: &Path, to: &Path) -> Result<()> {
        let context = || format!("cannot copy the symbolic link {}", link.display());
        let target = fs::read_link(link).with_context(context)?;
        let Some(from) = link.parent() else {
            return Ok(());
        };
        let resolved = normalize(&from.join(&target));
        let inside = Utf8Path::from_path(&resolved).filter(|path| (self.copied)(path));
        let is_dir = link.metadata().is_ok_and(|meta| meta.is_dir());
        match inside {
            Some(path) if target.is_absolute() => {
                symlink((self.place)(path).as_ref(), to, is_dir).with_context(context)
            }
            Some(_) => symlink(&target, to, is_dir).with_context(context),
            None if link.is_file() => match copy_file(link, to) {
                Err(e) if e.kind() == io::ErrorKind::PermissionDenied => Ok(()),
                result => result.with_context(context),
            },
            None => symlink(&resolved, to, is_dir).with_context(context),
        }
    }
}

impl Listing {
    fn make_dirs(&self) -> Result<()> {
        for (_, to) in &self.dirs {
            fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
        }
        Ok(())
    }

    /// Returns the files that may not be read.
    fn copy_files(&self) -> Result<Vec<PathBuf>> {
        let copy = |(from, to): &(PathBuf, PathBuf)| match copy_file(from, to) {
            Ok(()) => Ok(None),
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => Ok(Some(from.clone())),
            // It went since it was listed, as an editor's files do, or the lockfile that cargo writes
            // for another call.
            Err(e) if e.kind() == io::ErrorKind::NotFound && is_gone(from) => Ok(None),
            Err(e) => Err(e)
                .with_context(|| format!("cannot copy {} to {}", from.display(), to.display())),
        };
        let unreadable: Result<Vec<Option<PathBuf>>> = self.files.par_iter().map(copy).collect();
        Ok(unreadable?.into_iter().flatten().collect())
    }

    /// Build scripts may watch directories by their times. Where the system refuses, such a script
    /// runs once more than it need, and that is all.
    fn restore_dir_times(&self) {
        for (from, to) in self.dirs.iter().rev() {
            if let Ok(modified) = from.metadata().and_then(|meta| meta.modified()) {
                set_modified(to, modified).ok();
            }
        }
    }
}

fn is_gone(path: &Path) -> bool {
    let meta = path.symlink_metadata();
    meta.is_err_and(|e| e.kind() == io::ErrorKind::NotFound)
}

/// Copies everything below `from`, links as they are.
pub(super) fn copy_all(from: &Utf8Path, to: &Utf8Path) -> Result<()> {
    let mut listing = Listing::default();
    list(from.as_ref(), to.as_ref(), &mut listing, &|_| true)?;
    let links = std::mem::take(&mut listing.links);
    listing.make_dirs()?;
    if let Some(path) = listing
        .unreadable
        .first()
        .cloned()
        .or(listing.copy_files()?.pop())
    {
        anyhow::bail!("cannot read {}", path.display());
    }
    for (link, to) in &links {
        let is_dir = link.metadata().is_ok_and(|meta| meta.is_dir());
        fs::read_link(link)
            .and_then(|target| symlink(&target, to, is_dir))
            .with_context(|| format!("cannot copy the symbolic link {}", link.display()))?;
    }
    listing.restore_dir_times();
    Ok(())
}

fn list(
    from: &Path,
    to: &Path,
    listing: &mut Listing,
    keeps: &dyn Fn(&Path) -> bool,
) -> Result<()> {
    let entries = match fs::read_dir(from) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::PermissionDenied => {
            listing.unreadable.push(from.to_owned());
            return Ok(());
        }
        Err(e) => return Err(e).with_context(|| format!("cannot read {}", from.display())),
    };
    listing.dirs.push((from.to_owned(), to.to_owned()));
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read {}", from.display()))?;
        let kind = entry
            .file_type()
            .with_context(|| format!("cannot read {}", entry.path().display()))?;
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if !keeps(&path) {
            continue;
        }
        if kind.is_symlink() {
            listing.links.push((path, to));
        } else if kind.is_dir() {
            list(&path, &to, listing, keeps)?;
        } else if kind.is_file() {
            listing.files.push((path, to));
        }
        // Sockets and pipes are no sources.
    }
    Ok(())
}

/// Copies one file with its modification time; `fs::copy` shares the blocks where the file system
/// can.
pub(super) fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let modified = from.metadata()?.modified()?;
    fs::copy(from, to)?;
    if cfg!(windows) {
        // CopyFileEx has kept it, and a read-only copy could not be opened for it.
        return Ok(());
    }
    set_modified(to, modified)
}

fn set_modified(path: &Path, modified: std::time::SystemTime) -> io::Result<()> {
    File::open(path)?.set_times(FileTimes::new().set_modified(modified))
}

fn is_tagged_cache(dir: &Path) -> bool {
    fs::read(dir.join("CACHEDIR.TAG"))
        .is_ok_and(|tag| tag.starts_with(super::CACHEDIR_TAG.trim_end().as_bytes()))
}

/// Resolves `.` and `..` by the text alone, as cargo does with the paths of dependencies.
pub(super) fn normalize(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path, _is_dir: bool) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(windows)]
fn symlink(target: &Path, link: &Path, is_dir: bool) -> io::Result<()> {
    if is_dir {
        std::os::windows::fs::symlink_dir(target, link)
    } else {
        std::os::windows::fs::symlink_file(target, link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_since_it_was_listed_is_not_missed_and_a_copy_without_a_place_is() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("stays"), "text").unwrap();
        let listed = |pairs: &[(&str, &str)]| Listing {
            files: pairs.iter().map(|(from, to)| (at(from), at(to))).collect(),
            ..Listing::default()
        };
        let unreadable = listed(&[("gone", "a"), ("stays", "b")]).copy_files();
        assert_eq!(unreadable.unwrap(), [""; 0].map(PathBuf::from));
        assert_eq!(fs::read_to_string(at("b")).unwrap(), "text");
        assert!(listed(&[("stays", "no/folder")]).copy_files().is_err());
    }
}
