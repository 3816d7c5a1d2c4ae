//! `--apply` and `--undo` as all plugins do them: refuse what the user has not committed, show the
//! diff, write through the journal, take back byte for byte.

use std::fs;

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::{ApplyFlags, Out};
use crate::plan::Plan;
use crate::render::Format;
use crate::session::Session;
use crate::style::printable;
use crate::vcs;

/// Refuses to write `files` where they hold what the user has not committed and did not allow us to
/// change. To be asked early, before time is spent on a proof. What an earlier apply left there is
/// not the user's: `--undo` knows the way back.
pub fn check_files(session: &Session, files: &[Utf8PathBuf], flags: &ApplyFlags) -> Result<()> {
    let state = vcs::dirty_files(session.root(), files)?.without(|path| is_ours(session, path));
    vcs::check(
        &state,
        flags.allow_dirty,
        flags.allow_staged,
        flags.allow_no_vcs,
    )?;
    Ok(())
}

/// Whether a file differs from the last commit by our own applies alone. What cannot be told is not.
fn is_ours(session: &Session, path: &Utf8Path) -> bool {
    let path = session.root().join(path);
    let Ok(Some(origin)) = session.journal.origin(&path) else {
        return false;
    };
    let target = path.canonicalize_utf8().unwrap_or(path);
    vcs::committed(&target).is_ok_and(|committed| committed == origin.bytes)
}

/// Writes the plan of `tool` (`cargo-depslim`), shown as a diff first. Results go to stdout; where
/// that is JSON or the like a diff would spoil it, and goes to stderr.
pub fn write(
    session: &Session,
    tool: &str,
    plan: &Plan,
    (flags, format): (&ApplyFlags, Format),
    out: &mut Out<'_>,
) -> Result<()> {
    let files: Vec<Utf8PathBuf> = plan.paths().map(Utf8Path::to_owned).collect();
    if format == Format::Human {
        writeln!(out.stdout)?;
        plan.diff(session.root(), out.stdout_color, out.stdout)?;
        out.stdout.flush()?;
    } else {
        plan.diff(session.root(), out.stderr_color, out.stderr)?;
    }
    check_files(session, &files, flags)?;
    for (link, target) in links_out(session.root(), &files) {
        let link = session.workspace.relative(&link).to_string();
        out.note(format!(
            "{} is reached by a link: {}, outside of the workspace, is changed",
            printable(&link),
            printable(target.as_str())
        ))?;
    }
    session.journal.apply(tool, plan)?;
    let count = files.len();
    let s = if count == 1 { "" } else { "s" };
    let undo = out.call.alone("--undo");
    writeln!(
        out.stderr,
        "Applied to {count} file{s}; `{undo}` takes it back."
    )?;
    Ok(())
}

/// The files of the workspace that lie elsewhere, and where: a link is followed, and nobody would look for
/// the change there.
fn links_out(root: &Utf8Path, files: &[Utf8PathBuf]) -> Vec<(Utf8PathBuf, Utf8PathBuf)> {
    let Ok(real_root) = root.canonicalize_utf8() else {
        return Vec::new();
    };
    let target = |file: &Utf8PathBuf| {
        let target = file.canonicalize_utf8().ok()?;
        let leads_out = file.starts_with(root) && !target.starts_with(&real_root);
        leads_out.then(|| (file.clone(), target))
    };
    files.iter().filter_map(target).collect()
}

/// Takes the last apply of `tool` back.
pub fn undo(session: &Session, tool: &str, out: &mut Out<'_>) -> Result<()> {
    let undone = session.journal.undo(tool)?;
    for file in undone.files {
        let file = session.workspace.relative(&file);
        writeln!(out.stdout, "restored {}", printable(file.as_str()))?;
    }
    Ok(())
}

/// The text of a file, or none where there is no such file.
pub fn read(path: &Utf8Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {path}")),
    }
}
