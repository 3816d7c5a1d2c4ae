//! What an `--apply` would write: a set of file changes as plain data, shown as a unified diff before
//! the [journal](crate::journal) writes them.

use std::fmt::Write as _;
use std::io::{self, Write};

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};
use similar::{ChangeTag, TextDiff};

use crate::fix::Edit;
use crate::manifest::{self, TomlChange};
use crate::style::{Palette, is_unprintable, printable};

/// One file, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Absolute.
    pub path: Utf8PathBuf,
    /// None: the file does not exist.
    pub old: Option<Vec<u8>>,
    pub new: Vec<u8>,
}

/// Changes of files, at most one of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    changes: Vec<FileChange>,
}

impl Plan {
    /// The plan that makes all TOML `changes`, each of the file at its absolute path; `read` gives a
    /// file's text, or none where there is no such file.
    pub fn of_toml(
        changes: impl IntoIterator<Item = (Utf8PathBuf, TomlChange)>,
        read: &dyn Fn(&Utf8Path) -> Result<Option<String>>,
    ) -> Result<Self> {
        let mut by_path: Vec<(Utf8PathBuf, Vec<TomlChange>)> = Vec::new();
        for (path, change) in changes {
            match by_path.iter_mut().find(|(known, _)| *known == path) {
                Some((_, list)) => list.push(change),
                None => by_path.push((path, vec![change])),
            }
        }
        let mut plan = Self::default();
        for (path, changes) in by_path {
            let old = read(&path)?;
            let new = manifest::change(old.as_deref().unwrap_or_default(), &changes)
                .with_context(|| format!("cannot edit {path}"))?;
            plan.add(path, old.map(String::into_bytes), new.into_bytes());
        }
        Ok(plan)
    }

    /// The same as edits, for a finding's fix; paths are relative to `root` where they can be.
    pub fn edits(&self, root: &Utf8Path) -> Vec<Edit> {
        let edits = self.changes.iter().filter_map(|change| {
            let old = String::from_utf8_lossy(change.old.as_deref().unwrap_or_default());
            let path = change.path.strip_prefix(root).unwrap_or(&change.path);
            Edit::between(path, &old, &String::from_utf8_lossy(&change.new))
        });
        edits.collect()
    }

    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    pub fn changes(&self) -> &[FileChange] {
        &self.changes
    }

    pub fn paths(&self) -> impl Iterator<Item = &Utf8Path> {
        self.changes.iter().map(|change| change.path.as_path())
    }

    /// What the file will hold, where the plan changes it: the `old` of a further change.
    pub fn planned(&self, path: &Utf8Path) -> Option<&[u8]> {
        let change = self.changes.iter().find(|change| change.path == path)?;
        Some(&change.new)
    }

    /// Adds a change. A second change of the same file starts from what the first one
    /// [planned](Self::planned), and the two become one; a change that changes nothing is dropped.
    pub fn add(
        &mut self,
        path: impl Into<Utf8PathBuf>,
        old: Option<Vec<u8>>,
        new: impl Into<Vec<u8>>,
    ) {
        let (path, new) = (path.into(), new.into());
        match self.changes.iter_mut().find(|change| change.path == path) {
            Some(first) => {
                debug_assert_eq!(old.as_ref(), Some(&first.new), "a change of {path} is lost");
                first.new = new;
            }
            None => self.changes.push(FileChange { path, old, new }),
        }
        self.changes
            .retain(|change| change.old.as_ref() != Some(&change.new));
    }

    /// Writes the plan as a unified diff. Paths are relative to `root`, absolute where they lie
    /// outside. Whatever a terminal would obey is escaped, so that a file cannot forge the diff.
    pub fn diff(&self, root: &Utf8Path, color: bool, out: &mut dyn Write) -> io::Result<()> {
        let palette = Palette::new(color);
        for change in &self.changes {
            let (from, to) = headers(change, root);
            writeln!(out, "{}", palette.heading(format_args!("--- {from}")))?;
            writeln!(out, "{}", palette.heading(format_args!("+++ {to}")))?;
            if change.path.file_name() == Some("Cargo.lock") {
                write_counts(change, palette, out)?;
            } else {
                write_hunks(change, palette, out)?;
            }
        }
        Ok(())
    }
}

/// The two names of a file, as git writes them.
fn headers(change: &FileChange, root: &Utf8Path) -> (String, String) {
    let (from, to) = match change.path.strip_prefix(root) {
        Ok(relative) => {
            let parts: Vec<&str> = relative.components().map(|part| part.as_str()).collect();
            let relative = parts.join("/");
            (format!("a/{relative}"), format!("b/{relative}"))
        }
        Err(_) => (change.path.to_string(), change.path.to_string()),
    };
    let from = if change.old.is_some() {
        printable(&from).into_owned()
    } else {
        "/dev/null".to_owned()
    };
    (from, printable(&to).into_owned())
}

/// cargo writes the lockfile, and nobody reads hundreds of its lines: how many is enough.
fn write_counts(change: &FileChange, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let old = text(change.old.as_deref().unwrap_or_default());
    let new = text(&change.new);
    let diff = TextDiff::from_lines(old.as_str(), new.as_str());
    let count = |tag| {
        diff.iter_all_changes()
            .filter(|line| line.tag() == tag)
            .count()
    };
    let (added, removed) = (count(ChangeTag::Insert), count(ChangeTag::Delete));
    let counts = format!("@@ {added} lines added, {removed} removed, as cargo resolves it @@");
    writeln!(out, "{}", palette.code(counts))
}

fn write_hunks(change: &FileChange, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let old = text(change.old.as_deref().unwrap_or_default());
    let new = text(&change.new);
    // A carriage return is worth showing only where it is not simply how this file ends its lines.
    let crlf = ends_lines_with_crlf(&old) && ends_lines_with_crlf(&new);
    let diff = TextDiff::from_lines(old.as_str(), new.as_str());
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        let header = hunk.header().to_string();
        writeln!(out, "{}", palette.code(header.trim_end()))?;
        for line in hunk.iter_changes() {
            let shown = shown(line.value(), crlf);
            match line.tag() {
                ChangeTag::Equal => writeln!(out, " {shown}")?,
                ChangeTag::Delete => {
                    writeln!(out, "{}", palette.bad(format_args!("-{shown}")))?;
                }
                ChangeTag::Insert => {
                    writeln!(out, "{}", palette.good(format_args!("+{shown}")))?;
                }
            }
            if line.missing_newline() {
                writeln!(out, "\\ No newline at end of file")?;
            }
        }
    }
    Ok(())
}

/// The bytes as text; those that are not UTF-8 as `\xNN`, so that no two of them look alike.
fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a string cannot fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

fn ends_lines_with_crlf(text: &str) -> bool {
    text.split_inclusive('\n')
        .all(|line| !line.ends_with('\n') || line.ends_with("\r\n"))
}

/// One line without its end, safe to print.
fn shown(line: &str, crlf: bool) -> String {
    let line = line.strip_suffix('\n').unwrap_or(line);
    let line = match line.strip_suffix('\r') {
        Some(bare) if crlf => bare,
        _ => line,
    };
    let mut out = String::with_capacity(line.len());
    for part in line.split_inclusive(|c| c == '\t' || is_unprintable(c)) {
        match part.strip_suffix('\t') {
            // A tab is how people indent, and a terminal only moves right for it.
            Some(before) => {
                out.push_str(before);
                out.push('\t');
            }
            None => out.push_str(&printable(part)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(old: Option<&str>, new: &str, color: bool) -> String {
        let mut plan = Plan::default();
        plan.add("/w/Cargo.toml", old.map(Into::into), new);
        let mut out = Vec::new();
        plan.diff(Utf8Path::new("/w"), color, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_change_that_changes_nothing_is_dropped() {
        let mut plan = Plan::default();
        plan.add("/w/a", Some(b"x".to_vec()), "x");
        assert!(plan.is_empty());
        plan.add("/w/new", None, "");
        assert_eq!(plan.changes().len(), 1, "an empty new file is a change");
    }

    #[test]
    fn a_second_change_of_a_file_chains_and_may_take_the_first_back() {
        let mut plan = Plan::default();
        plan.add("/w/a", Some(b"1".to_vec()), "2");
        assert_eq!(plan.planned(Utf8Path::new("/w/a")), Some(&b"2"[..]));
        plan.add("/w/a", Some(b"2".to_vec()), "3");
        assert_eq!(
            plan.changes(),
            [FileChange {
                path: "/w/a".into(),
                old: Some(b"1".to_vec()),
                new: b"3".to_vec()
            }]
        );
        assert_eq!(plan.paths().collect::<Vec<_>>(), ["/w/a"]);
        plan.add("/w/a", Some(b"3".to_vec()), "1");
        assert!(plan.is_empty());
    }

    #[test]
    fn the_diff_names_files_as_git_does() {
        assert_eq!(
            diff(Some("a\nb\n"), "a\nc\n", false),
            "--- a/Cargo.toml\n+++ b/Cargo.toml\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
        );
        assert_eq!(
            diff(None, "a\n", false),
            "--- /dev/null\n+++ b/Cargo.toml\n@@ -0,0 +1 @@\n+a\n"
        );
    }

    #[test]
    fn a_lockfile_is_counted() {
        let mut plan = Plan::default();
        plan.add("/w/Cargo.lock", Some(b"a\nb\nc\n".to_vec()), "a\nc\nd\ne\n");
        let mut out = Vec::new();
        plan.diff(Utf8Path::new("/w"), false, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "--- a/Cargo.lock\n+++ b/Cargo.lock\n@@ 2 lines added, 1 removed, as cargo resolves it @@\n"
        );
    }

    #[test]
    fn a_file_outside_the_root_keeps_its_absolute_path() {
        let mut plan = Plan::default();
        plan.add("/home/u/.cargo/config.toml", Some(b"a\n".to_vec()), "b\n");
        let mut out = Vec::new();
        plan.diff(Utf8Path::new("/w"), false, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.starts_with("--- /home/u/.cargo/config.toml\n+++ /home/u/.cargo/config.toml\n"),
            "{text}"
        );
    }

    #[test]
    fn colours_follow_the_switch() {
        let colored = diff(Some("a\n"), "b\n", true);
        assert!(colored.contains("\u{1b}[31m-a\u{1b}[0m\n"), "{colored}");
        assert!(colored.contains("\u{1b}[32m+b\u{1b}[0m\n"), "{colored}");
        assert!(!diff(Some("a\n"), "b\n", false).contains('\u{1b}'));
    }

    #[test]
    fn crlf_is_hidden_where_it_is_the_rule_and_shown_where_it_is_the_change() {
        let same = diff(Some("a\r\nb\r\n"), "a\r\nc\r\n", false);
        assert!(same.ends_with(" a\n-b\n+c\n"), "{same:?}");
        let changed = diff(Some("a\r\n"), "a\n", false);
        assert!(changed.ends_with("-a\\r\n+a\n"), "{changed:?}");
    }

    #[test]
    fn a_missing_final_newline_is_said() {
        let text = diff(Some("a"), "a\n", false);
        assert!(
            text.ends_with("-a\n\\ No newline at end of file\n+a\n"),
            "{text:?}"
        );
    }

    #[test]
    fn nothing_in_a_file_reaches_the_terminal_as_a_command() {
        let text = diff(
            Some("a\n"),
            "\ta\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\rb\n",
            false,
        );
        assert!(
            text.ends_with("+\ta\\u{1b}]0;x\\u{7}\\u{9b}31m\\u{202e}\\r\n+b\n")
                || text.ends_with("+\ta\\u{1b}]0;x\\u{7}\\u{9b}31m\\u{202e}\\rb\n"),
            "{text:?}"
        );
    }

    #[test]
    fn bytes_that_are_not_utf8_differ_in_the_diff_too() {
        let mut plan = Plan::default();
        plan.add("/w/a", Some(vec![b'a', 0xff]), vec![b'a', 0xfe]);
        let mut out = Vec::new();
        plan.diff(Utf8Path::new("/w"), false, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.contains("-a\\xff\n") && text.contains("+a\\xfe\n"),
            "{text}"
        );
    }
}
