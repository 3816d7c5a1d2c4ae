//! `--apply`: what was proven is written, with the lockfile that belongs to it, and measured where that
//! is wanted: what was built and how long it took, before and after.

use std::fs;

use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use pitcrew_core::apply;
use pitcrew_core::clean_build::own_executable;
use pitcrew_core::cli::Out;
use pitcrew_core::exit::Exit;
use pitcrew_core::plan::Plan;
use pitcrew_core::progress::Progress;
use pitcrew_core::session::Session;

use crate::args::Args;
use crate::facts::Facts;
use crate::prove::Workshop;
use crate::remedy::Action;
use crate::report;

/// The name under which the journal keeps what this plugin writes.
const TOOL: &str = "cargo-depslim";

/// Refuses before any time is spent on a proof, where writing would be refused after it.
pub fn check_early(session: &Session, args: &Args) -> Result<()> {
    let members = session.workspace.members();
    let mut files: Vec<Utf8PathBuf> = members.map(|m| m.manifest_path.clone()).collect();
    files.push(session.workspace.root_manifest());
    files.push(session.root().join("Cargo.lock"));
    files.retain(|file| file.exists());
    files.sort();
    files.dedup();
    apply::check_files(session, &files, &args.apply)
}

/// Takes the last apply back.
pub fn undo(session: &Session, out: &mut Out<'_>) -> Result<()> {
    apply::undo(session, TOOL, out)
}

/// Writes the changes of `actions`, shown as a diff first.
pub fn run(
    session: &Session,
    args: &Args,
    facts: &Facts,
    actions: &[Action],
    out: &mut Out<'_>,
) -> Result<Exit> {
    let mut plan = report::plan(facts, actions)?;
    if plan.is_empty() {
        writeln!(
            out.stderr,
            "Nothing to apply: no change is left that was shown to be safe."
        )?;
        return Ok(Exit::Clean);
    }
    let mut progress = Progress::new(args.output.quiet);
    let mut workshop = Workshop::new(session, &args.cargo, own_executable()?, &mut progress)?;
    let figures = figures(&mut workshop, args, &mut plan);
    let closed = workshop.close();
    let figures = figures?;
    closed?;
    apply::write(session, TOOL, &plan, (&args.apply, args.output.format), out)?;
    if let Some([before, after]) = figures {
        writeln!(out.stderr, "Before: {before}\nAfter:  {after}")?;
    }
    Ok(Exit::Clean)
}

/// Completes the plan with the lockfile that belongs to it, and measures both sides of it.
fn figures(
    workshop: &mut Workshop<'_>,
    args: &Args,
    plan: &mut Plan,
) -> Result<Option<[String; 2]>> {
    let path = workshop.session().root().join("Cargo.lock");
    if path.exists() {
        let old = fs::read(&path).with_context(|| format!("cannot read {path}"))?;
        workshop.write(plan)?;
        plan.add(path, Some(old), workshop.lock()?);
    }
    if args.proof.no_measure {
        return Ok(None);
    }
    workshop.restore()?;
    let before = workshop.clean_build("before")?;
    workshop.write(plan)?;
    let after = workshop.clean_build("after")?;
    Ok(Some([before.to_string(), after.to_string()]))
}
