//! `--apply` and `--undo`: from changes of settings to changes of files, the diff, the journal, and a
//! build of the real tree that must bear out what the trial had promised.

use std::fs;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::cli::{ApplyFlags, Out};
use pitcrew_core::exit::Exit;
use pitcrew_core::fix::Edit;
use pitcrew_core::manifest::{self, TomlChange};
use pitcrew_core::plan::Plan;
use pitcrew_core::vcs;

use crate::args::Args;
use crate::lever::{Lever, Scope, SettingChange, SettingFile};
use crate::prove::Proof;
use crate::record;
use crate::report;
use crate::session::Session;

/// The name under which the journal keeps what this plugin writes.
const TOOL: &str = "cargo-buildspeed";

/// Refuses before any time is spent on trials, where writing would be refused after them.
pub fn check_early(session: &Session, args: &Args) -> Result<()> {
    let root = session
        .places
        .path(&SettingFile::RootManifest, Scope::Project);
    let config = session
        .places
        .path(&SettingFile::CargoConfig, Scope::Project);
    may_write(session, &[root, config], &args.apply)
}

/// Writes `changes`, shown as a diff first.
pub fn run(
    session: &Session,
    args: &Args,
    proof: Option<&Proof>,
    changes: &[(SettingChange, Scope)],
    out: &mut Out<'_>,
) -> Result<Exit> {
    let plan = session.places.plan(changes)?;
    if plan.is_empty() {
        writeln!(
            out.stderr,
            "Nothing to apply: no change is left that was shown to help."
        )?;
        return Ok(Exit::Clean);
    }
    let files: Vec<Utf8PathBuf> = plan.paths().map(Utf8Path::to_owned).collect();
    // Results go to stdout; where that is JSON or the like, a diff would spoil it.
    if report::is_for_people(args.output.format) {
        writeln!(out.stdout)?;
        plan.diff(&session.places.root, out.stdout_color, out.stdout)?;
        out.stdout.flush()?;
    } else {
        plan.diff(&session.places.root, out.stderr_color, out.stderr)?;
    }
    may_write(session, &files, &args.apply)?;
    session.journal.apply(TOOL, &plan)?;
    let count = files.len();
    let s = if count == 1 { "" } else { "s" };
    writeln!(
        out.stderr,
        "Applied to {count} file{s}; `cargo buildspeed --undo` takes it back."
    )?;
    if let Err(error) = bear_out(args, proof, out) {
        session
            .journal
            .undo(TOOL)
            .context("the change could not be taken back")?;
        return Err(error.context("with the change the project fails; it was taken back"));
    }
    Ok(Exit::Clean)
}

/// Takes the last apply back.
pub fn undo(session: &Session, out: &mut Out<'_>) -> Result<Exit> {
    let undone = session.journal.undo(TOOL)?;
    for file in undone.files {
        let file = session.workspace.relative(&file);
        writeln!(
            out.stdout,
            "restored {}",
            pitcrew_core::style::printable(file.as_str())
        )?;
    }
    Ok(Exit::Clean)
}

/// Loads the changed project again, and where trials were run, builds it from the real tree. What is
/// learned is kept, so that the next call answers at once.
fn bear_out(args: &Args, proof: Option<&Proof>, out: &mut Out<'_>) -> Result<()> {
    let session = Session::open(args)?;
    let Some(proof) = proof.filter(|proof| !proof.chosen.is_empty()) else {
        return Ok(());
    };
    let key = session.key(args);
    session.store.keep_proof(args.goal, &key, proof)?;
    let recording = record::of_real_tree(&session, args, &key, out)?;
    let built = recording.wall_s;
    session.store.keep_recording(args.goal, &recording)?;
    let (before, after) = (proof.clean_build_s, proof.trial_clean_build_s());
    let before = before.map_or(String::new(), |s| {
        format!("; before the change it took {s:.1} s")
    });
    let after = after.map_or(String::new(), |s| format!("; the trial's took {s:.1} s"));
    writeln!(
        out.stderr,
        "A clean build of the real tree took {built:.1} s{after}{before}."
    )?;
    Ok(())
}

fn may_write(session: &Session, files: &[Utf8PathBuf], flags: &ApplyFlags) -> Result<()> {
    let state = vcs::dirty_files(&session.places.root, files)?;
    vcs::check(
        &state,
        flags.allow_dirty,
        flags.allow_staged,
        flags.allow_no_vcs,
    )?;
    Ok(())
}

/// Where settings are written.
#[derive(Debug, Clone)]
pub struct Places {
    pub root: Utf8PathBuf,
    /// cargo's home, which holds the user's own configuration.
    pub cargo_home: Utf8PathBuf,
    /// What the user said; none leaves it to each lever.
    pub scope: Option<Scope>,
}

impl Places {
    /// A setting that needs a tool which teammates may lack must not break their builds: it goes
    /// to the user's configuration unless the user said otherwise.
    pub fn scope_of(&self, lever: &Lever) -> Scope {
        let usual = if lever.tool.is_some() {
            Scope::User
        } else {
            Scope::Project
        };
        self.scope.unwrap_or(usual)
    }

    /// The file that a setting is written in.
    pub fn path(&self, file: &SettingFile, scope: Scope) -> Utf8PathBuf {
        match file {
            SettingFile::RootManifest => self.root.join("Cargo.toml"),
            SettingFile::MemberManifest(path) => self.root.join(path),
            SettingFile::CargoConfig => {
                let folder = match scope {
                    Scope::Project => self.root.join(".cargo"),
                    Scope::User => self.cargo_home.clone(),
                };
                // cargo still reads the name without an ending, and prefers it where both exist.
                let legacy = folder.join("config");
                if legacy.is_file() {
                    legacy
                } else {
                    folder.join("config.toml")
                }
            }
        }
    }

    /// The plan that makes all `changes`, each with the scope it was given.
    pub fn plan(&self, changes: &[(SettingChange, Scope)]) -> Result<Plan> {
        let mut by_path: Vec<(Utf8PathBuf, Vec<TomlChange>)> = Vec::new();
        for (change, scope) in changes {
            let path = self.path(&change.file, *scope);
            match by_path.iter_mut().find(|(known, _)| *known == path) {
                Some((_, list)) => list.push(change.change.clone()),
                None => by_path.push((path, vec![change.change.clone()])),
            }
        }
        let mut plan = Plan::default();
        for (path, changes) in by_path {
            let old = read(&path)?;
            let new = manifest::change(old.as_deref().unwrap_or_default(), &changes)
                .with_context(|| format!("cannot edit {path}"))?;
            plan.add(path, old.map(String::into_bytes), new.into_bytes());
        }
        Ok(plan)
    }

    /// The same as edits, for a finding's fix; paths are relative to the root where they can be.
    pub fn edits(&self, changes: &[(SettingChange, Scope)]) -> Result<Vec<Edit>> {
        let plan = self.plan(changes)?;
        let edits = plan.changes().iter().filter_map(|change| {
            let old = String::from_utf8_lossy(change.old.as_deref().unwrap_or_default());
            let path = change.path.strip_prefix(&self.root).unwrap_or(&change.path);
            Edit::between(path, &old, &String::from_utf8_lossy(&change.new))
        });
        Ok(edits.collect())
    }
}

/// The text of a file, or none where there is no such file.
fn read(path: &Utf8Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {path}")),
    }
}
