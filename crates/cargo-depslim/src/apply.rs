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
use crate::prove::{CleanBuilt, Workshop};
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
    if let Some(Figures {
        before,
        after,
        pairs,
    }) = figures
    {
        writeln!(out.stderr, "Before: {before}\nAfter:  {after}")?;
        if pairs > 1 {
            writeln!(out.stderr, "(the quicker of {pairs} builds each, by turns)")?;
        }
    }
    Ok(Exit::Clean)
}

/// What was measured of both sides of a change.
struct Figures {
    before: CleanBuilt,
    after: CleanBuilt,
    /// Builds of each side.
    pairs: u32,
}

/// Where the first pair took no longer than this, another follows: one build of each, with whatever
/// else the machine does, often tells more of the machine than of the change.
const WORTH_ANOTHER_S: f64 = 120.0;

/// Completes the plan with the lockfile that belongs to it, and measures both sides of it.
fn figures(workshop: &mut Workshop<'_>, args: &Args, plan: &mut Plan) -> Result<Option<Figures>> {
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
    let mut figures = Figures {
        before,
        after,
        pairs: 1,
    };
    if figures.before.wall_s + figures.after.wall_s <= WORTH_ANOTHER_S {
        // The other way round, so that a machine that slows down favours neither.
        let after = workshop.clean_build("after")?;
        workshop.restore()?;
        let before = workshop.clean_build("before")?;
        workshop.write(plan)?;
        figures = Figures {
            before: figures.before.or_quicker(before),
            after: figures.after.or_quicker(after),
            pairs: 2,
        };
    }
    Ok(Some(figures))
}
