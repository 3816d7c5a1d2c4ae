//! The check for uncommitted changes, against real repositories.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::vcs::{VcsState, dirty_files};
use tempfile::TempDir;

struct Repository {
    _directory: TempDir,
    root: Utf8PathBuf,
}

impl Repository {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(directory.path()).unwrap();
        let root = root.canonicalize_utf8().unwrap();
        let repository = Self {
            _directory: directory,
            root,
        };
        repository.git(&["init", "--quiet"]);
        repository
    }

    fn git(&self, args: &[&str]) {
        git(&self.root, args);
    }

    fn write(&self, path: &str, text: &str) -> Utf8PathBuf {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "x"]);
    }
}

fn git(directory: &Utf8Path, args: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
        .args(["-c", "protocol.file.allow=always"])
        .args(args)
        .current_dir(directory)
        .output()
        .unwrap();
    assert!(output.status.success(), "git {args:?}: {output:?}");
}

fn state(dirty: &[&str], staged: &[&str]) -> VcsState {
    let paths = |names: &[&str]| names.iter().map(Utf8PathBuf::from).collect();
    VcsState::Repository {
        dirty: paths(dirty),
        staged: paths(staged),
    }
}

#[test]
fn committed_staged_dirty_untracked_and_missing_files_are_told_apart() {
    let repository = Repository::new();
    let clean = repository.write("clean.toml", "1");
    let staged = repository.write("staged.toml", "1");
    let dirty = repository.write("member/di rty*.toml", "1");
    repository.commit();
    repository.write("staged.toml", "2");
    repository.git(&["add", "staged.toml"]);
    repository.write("member/di rty*.toml", "2");
    let untracked = repository.write("new/untracked.toml", "1");
    let missing = repository.root.join("missing.toml");
    // A status that hides untracked files must not hide them from the check.
    repository.git(&["config", "status.showUntrackedFiles", "no"]);
    let files = [clean, staged, dirty, untracked, missing];
    assert_eq!(
        dirty_files(&repository.root, &files).unwrap(),
        state(
            &["member/di rty*.toml", "new/untracked.toml"],
            &["staged.toml"]
        )
    );
}

#[test]
fn a_workspace_below_the_top_of_its_repository_is_checked() {
    let repository = Repository::new();
    let manifest = repository.write("ws/Cargo.toml", "1");
    repository.commit();
    let root = repository.root.join("ws");
    let files = [manifest];
    assert_eq!(dirty_files(&root, &files).unwrap(), state(&[], &[]));
    repository.write("ws/Cargo.toml", "2");
    assert_eq!(
        dirty_files(&root, &files).unwrap(),
        state(&["Cargo.toml"], &[])
    );
}

#[test]
fn without_a_repository_only_existing_files_need_one() {
    let directory = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(directory.path()).unwrap();
    let file = root.join("Cargo.toml");
    fs::write(&file, "1").unwrap();
    assert_eq!(dirty_files(root, &[file]).unwrap(), VcsState::NoVcs);
    let new = root.join("new.toml");
    assert_eq!(dirty_files(root, &[new]).unwrap(), state(&[], &[]));
}

#[test]
fn an_ignored_workspace_has_no_version_control() {
    let repository = Repository::new();
    repository.write(".gitignore", "/scratch\n");
    repository.commit();
    let manifest = repository.write("scratch/Cargo.toml", "1");
    let root = repository.root.join("scratch");
    assert_eq!(dirty_files(&root, &[manifest]).unwrap(), VcsState::NoVcs);
}

#[test]
fn files_outside_the_repository_are_not_checked() {
    let repository = Repository::new();
    repository.write("Cargo.toml", "1");
    repository.commit();
    let elsewhere = Repository::new();
    let config = elsewhere.write(".cargo/config.toml", "1");
    assert_eq!(
        dirty_files(&repository.root, &[config]).unwrap(),
        state(&[], &[])
    );
}

#[test]
fn a_file_of_a_submodule_is_asked_of_the_submodule() {
    let inner = Repository::new();
    inner.write("Cargo.toml", "1");
    inner.commit();
    let outer = Repository::new();
    outer.write("Cargo.toml", "1");
    outer.commit();
    outer.git(&[
        "submodule",
        "--quiet",
        "add",
        inner.root.as_str(),
        "vendored",
    ]);
    outer.commit();
    let file = outer.root.join("vendored/Cargo.toml");
    let files = [file.clone()];
    assert_eq!(dirty_files(&outer.root, &files).unwrap(), state(&[], &[]));
    fs::write(file, "2").unwrap();
    assert_eq!(
        dirty_files(&outer.root, &files).unwrap(),
        state(&["vendored/Cargo.toml"], &[])
    );
}

#[cfg(unix)]
#[test]
fn a_link_is_checked_by_what_it_points_to() {
    let repository = Repository::new();
    let target = repository.write("shared/config.toml", "1");
    let link = repository.root.join("config.toml");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    repository.commit();
    repository.write("shared/config.toml", "2");
    assert_eq!(
        dirty_files(&repository.root, &[link]).unwrap(),
        state(&["shared/config.toml"], &[])
    );
}

#[test]
fn a_monitor_that_the_repository_configures_is_not_started() {
    let repository = Repository::new();
    let manifest = repository.write("Cargo.toml", "1");
    repository.commit();
    let trace = repository.root.join("started");
    let command = format!("touch '{trace}'; false");
    repository.git(&["config", "core.fsmonitor", &command]);
    dirty_files(&repository.root, &[manifest]).unwrap();
    assert!(!trace.exists());
}
