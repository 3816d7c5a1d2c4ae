//! What has changed since a revision, asked of git: lines of files, and files that it does not know.

use std::collections::HashMap;
use std::process::Command;

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::finding::Finding;

use crate::program::Program;
use crate::rules::Found;

/// Changed lines, by file relative to the workspace root.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changed {
    files: HashMap<Utf8PathBuf, Lines>,
}

#[derive(Debug, PartialEq, Eq)]
enum Lines {
    All,
    /// Both included.
    Some(Vec<(u32, u32)>),
}

impl Changed {
    pub fn since(root: &Utf8Path, revision: &str) -> Result<Self> {
        if revision.starts_with('-') {
            bail!("`{revision}` is no revision");
        }
        let diff = git(
            root,
            &[
                "diff",
                "--unified=0",
                "--no-color",
                "--no-ext-diff",
                "--relative",
                "--no-prefix",
                revision,
                "--",
                "*.rs",
            ],
        )
        .with_context(|| format!("`--changed` asks git what has changed since {revision}"))?;
        let mut changed = Self::of_diff(&diff);
        let new = git(
            root,
            &[
                "ls-files",
                "--others",
                "--exclude-standard",
                "-z",
                "--",
                "*.rs",
            ],
        )?;
        for path in new.split('\0').filter(|path| !path.is_empty()) {
            changed.files.insert(path.into(), Lines::All);
        }
        Ok(changed)
    }

    fn of_diff(diff: &str) -> Self {
        let mut changed = Self::default();
        let mut file: Option<Utf8PathBuf> = None;
        for line in diff.lines() {
            if let Some(path) = line.strip_prefix("+++ ") {
                file = (path != "/dev/null").then(|| path.trim_end().into());
            } else if let (Some(file), Some(hunk)) = (&file, line.strip_prefix("@@ ")) {
                let Some(lines) = hunk_lines(hunk) else {
                    continue;
                };
                let known = changed.files.entry(file.clone());
                if let Lines::Some(list) = known.or_insert_with(|| Lines::Some(Vec::new())) {
                    list.push(lines);
                }
            }
        }
        changed
    }

    /// Whether the function of a finding has changed.
    pub fn touches(&self, program: &Program<'_>, found: &Found) -> bool {
        let span = program.function(found.function).span;
        let Some(file) = program.facts.file(found.span) else {
            return false;
        };
        self.overlaps(&file.path, (span.start.line, span.end.line))
    }

    pub fn touches_finding(&self, finding: &Finding) -> bool {
        let at = finding.location.as_ref();
        at.is_some_and(|at| self.overlaps(&at.path, (at.line, at.line)))
    }

    fn overlaps(&self, path: &Utf8Path, (first, last): (u32, u32)) -> bool {
        match self.files.get(path) {
            None => false,
            Some(Lines::All) => true,
            Some(Lines::Some(list)) => list.iter().any(|(a, b)| *a <= last && first <= *b),
        }
    }
}

/// The new lines of `-a,b +c,d @@ …`; of a deletion the line that it stood behind.
fn hunk_lines(hunk: &str) -> Option<(u32, u32)> {
    let new = hunk.split(' ').find_map(|word| word.strip_prefix('+'))?;
    let (start, count) = new.split_once(',').unwrap_or((new, "1"));
    let (start, count): (u32, u32) = (start.parse().ok()?, count.parse().ok()?);
    Some((start, start + count.max(1) - 1))
}

fn git(root: &Utf8Path, args: &[&str]) -> Result<String> {
    let output = Command::new("git")
        .current_dir(root)
        .args(args)
        .output()
        .context("cannot start git")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).context("git names a file that is not UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_tells_lines() {
        let diff = "diff --git src/a.rs src/a.rs\n--- src/a.rs\n+++ src/a.rs\n@@ -3,0 +4,2 @@ fn f\n+x\n+y\n@@ -9 +11 @@\n-a\n+b\n\
                    @@ -20,2 +21,0 @@\n-c\n-d\n--- src/gone.rs\n+++ /dev/null\n@@ -1 +0,0 @@\n-e\n";
        let changed = Changed::of_diff(diff);
        let path = Utf8Path::new("src/a.rs");
        assert!(changed.overlaps(path, (1, 4)) && changed.overlaps(path, (5, 5)));
        assert!(!changed.overlaps(path, (6, 10)) && changed.overlaps(path, (11, 11)));
        assert!(changed.overlaps(path, (21, 30)), "a deletion too");
        assert_eq!(changed.files.len(), 1);
    }
}
