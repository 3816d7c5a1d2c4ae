//! `--apply` and `--undo`: from changes of settings to changes of files, and a build of the real tree
//! that must bear out what the trial had promised.

use anyhow::{Context, Result, bail};
use pitcrew_core::apply;
use pitcrew_core::cargo::Interrupted;
use pitcrew_core::cli::Out;
use pitcrew_core::exit::Exit;

use crate::args::Args;
use crate::kept;
use crate::lever::{Scope, SettingChange, SettingFile};
use crate::prove::Proof;
use crate::record;
use crate::session::Session;

/// The name under which the journal keeps what this plugin writes.
pub const TOOL: &str = "cargo-buildspeed";

/// Refuses before any time is spent on trials, where writing would be refused after them.
pub fn check_early(session: &Session, args: &Args) -> Result<()> {
    let places = &session.places;
    let files = [SettingFile::RootManifest, SettingFile::CargoConfig]
        .map(|file| places.path(&file, Scope::Project));
    apply::check_files(&session.base, &files, &args.apply)
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
    let how = (&args.apply, args.output.format);
    apply::write(&session.base, TOOL, &plan, how, out)?;
    if let Err(error) = bear_out(args, proof, out) {
        let journal = &session.base.journal;
        journal
            .undo(TOOL)
            .context("the change could not be taken back")?;
        if error.is::<Interrupted>() {
            bail!("interrupted while the real tree was built; the change was taken back");
        }
        return Err(error.context("with the change the project fails; it was taken back"));
    }
    Ok(Exit::Clean)
}

/// Takes the last apply back.
pub fn undo(session: &Session, out: &mut Out<'_>) -> Result<Exit> {
    apply::undo(&session.base, TOOL, out)?;
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
    kept::keep_proof(&session.store, args.goal, &key, proof)?;
    let recording = record::of_real_tree(&session, args, &key, out)?;
    let built = recording.wall_s;
    kept::keep_recording(&session.store, args.goal, &recording)?;
    let (before, after) = (proof.clean_build_s, proof.trial_clean_build_s());
    let before = before.map_or(String::new(), |s| format!("; before: {s:.1} s"));
    let after = after.map_or(String::new(), |s| format!("; the trial's: {s:.1} s"));
    writeln!(
        out.stderr,
        "A clean build of the real tree: {built:.1} s{after}{before}."
    )?;
    Ok(())
}
