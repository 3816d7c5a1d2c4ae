//! One real edit: the source file that the project's own history changes most, and a change to it
//! that makes rustc compile the function anew and does nothing when it runs.

use std::collections::BTreeMap;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::regular_file;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::sources;
use super::workspace::relative;
use crate::facts::{Member, TargetFacts, WorkspaceFacts};

mod edit;

pub use edit::edit;

/// How many commits of the history count: what is worked on now, not what was years ago.
const COMMITS: &str = "500";

/// The file to edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HotFile {
    /// Relative to the workspace root.
    pub path: Utf8PathBuf,
    /// The member it belongs to.
    pub member: String,
    /// How many of the last commits changed it; 0 where there is no history to tell.
    pub commits: u32,
}

/// The most edited file of the libraries and programs of the members named in `selected` (all where
/// that is empty); without a history, the heart of the biggest of them. None where no file has a
/// function that can be edited.
pub fn pick(workspace: &WorkspaceFacts, selected: &[String]) -> Option<HotFile> {
    let members: Vec<&Member> = workspace
        .members
        .iter()
        .filter(|member| selected.is_empty() || selected.contains(&member.name))
        .collect();
    let crates: Vec<Crate<'_>> = members
        .par_iter()
        .flat_map_iter(|member| crates_of(member, &workspace.root))
        .collect();
    let log = git_log(&workspace.root).unwrap_or_default();
    by_history(&workspace.root, &crates, &changes(&log))
        .or_else(|| by_size(&workspace.root, &crates))
}

/// A library or a program and its files.
struct Crate<'a> {
    member: &'a Member,
    /// Relative to the workspace root, the crate's root first.
    files: Vec<SizedFile>,
}

struct SizedFile {
    path: Utf8PathBuf,
    bytes: u64,
}

fn crates_of<'a>(member: &'a Member, root: &Utf8Path) -> Vec<Crate<'a>> {
    member
        .targets
        .iter()
        .filter(|target| is_product(target))
        .map(|target| {
            let files = sources::unconditional_files(&root.join(&target.src_path))
                .into_iter()
                .map(|path| SizedFile {
                    bytes: path.metadata().map_or(0, |metadata| metadata.len()),
                    path: relative(&path, root),
                })
                // Outside the workspace is another project's, or a build script's output.
                .filter(|file| file.path.is_relative())
                .collect();
            Crate { member, files }
        })
        .collect()
}

/// What the user works on: no tests, examples, benches or build scripts.
fn is_product(target: &TargetFacts) -> bool {
    target
        .kinds
        .iter()
        .any(|kind| kind == "bin" || kind == "proc-macro" || kind.ends_with("lib"))
}

fn git_log(root: &Utf8Path) -> Option<String> {
    let output = Command::new("git")
        .args([
            "-c",
            "core.quotepath=off",
            "log",
            "--relative",
            "--name-only",
        ])
        .args(["--format=", "-n", COMMITS, "--", "*.rs"])
        .current_dir(root)
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// How often each file is named.
fn changes(log: &str) -> BTreeMap<&Utf8Path, u32> {
    let mut changes = BTreeMap::new();
    for line in log.lines().filter(|line| !line.is_empty()) {
        *changes.entry(Utf8Path::new(line)).or_insert(0) += 1;
    }
    changes
}

fn by_history(
    root: &Utf8Path,
    crates: &[Crate<'_>],
    changes: &BTreeMap<&Utf8Path, u32>,
) -> Option<HotFile> {
    let mut candidates: Vec<(u32, &SizedFile, &Member)> = crates
        .iter()
        .flat_map(|c| c.files.iter().map(|file| (file, c.member)))
        .filter_map(|(file, member)| Some((*changes.get(file.path.as_path())?, file, member)))
        // A shallow clone's one commit names every file: that is no history.
        .filter(|(commits, ..)| *commits > 1)
        .collect();
    candidates.sort_by_key(|(commits, file, _)| {
        let descending = (u32::MAX - commits, u64::MAX - file.bytes);
        (descending, file.path.clone())
    });
    let (commits, file, member) = candidates
        .into_iter()
        .find(|(_, file, _)| is_editable(root, file))?;
    Some(HotFile {
        path: file.path.clone(),
        member: member.name.clone(),
        commits,
    })
}

/// The root file of the biggest crate, or its biggest file where the root has no function.
fn by_size(root: &Utf8Path, crates: &[Crate<'_>]) -> Option<HotFile> {
    let mut crates: Vec<&Crate<'_>> = crates.iter().collect();
    crates.sort_by_key(|c| std::cmp::Reverse(c.files.iter().map(|f| f.bytes).sum::<u64>()));
    crates.into_iter().find_map(|c| {
        let (first, rest) = c.files.split_first()?;
        let mut rest: Vec<&SizedFile> = rest.iter().collect();
        rest.sort_by_key(|file| std::cmp::Reverse(file.bytes));
        let file = std::iter::once(first)
            .chain(rest)
            .find(|file| is_editable(root, file))?;
        Some(HotFile {
            path: file.path.clone(),
            member: c.member.name.clone(),
            commits: 0,
        })
    })
}

fn is_editable(root: &Utf8Path, file: &SizedFile) -> bool {
    regular_file::read_to_string(root.join(&file.path)).is_ok_and(|text| edit::has_function(&text))
}

#[cfg(test)]
mod tests;
