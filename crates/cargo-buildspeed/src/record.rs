//! The recording of a build: the kept one, or a clean build made now in a scratch copy.

use std::time::Instant;

use anyhow::Result;
use pitcrew_core::cargo::DeadlinePassed;
use pitcrew_core::clean_build::CleanBuild;
use pitcrew_core::cli::Out;
use pitcrew_core::progress::Progress;
use pitcrew_core::recording::{Recorded, Recording};

use crate::args::Args;
use crate::goal::Goal;
use crate::kept;
use crate::session::Session;

/// The kept recording of this world, or a new one unless the user wants nothing built.
pub fn at_hand_or_made(
    session: &Session,
    args: &Args,
    key: &str,
    deadline: Option<Instant>,
    out: &mut Out<'_>,
) -> Result<Option<Recording>> {
    if !args.proof.fresh
        && let Some(recording) = kept::recording(&session.store, args.goal, key)
    {
        return Ok(Some(recording));
    }
    if args.proof.no_build || args.apply.check {
        return Ok(None);
    }
    let mut progress = Progress::new(args.output.quiet);
    let build = CleanBuild {
        deadline,
        ..build(session, args, key)
    };
    let recorded = build.in_scratch(&mut progress).map_err(|error| {
        if error.is::<DeadlinePassed>() {
            error.context(
                "the clean build that is recorded was not done within --budget; nothing was \
                 changed: give it more time, or see what hangs with `cargo build -v`",
            )
        } else {
            error
        }
    })?;
    let recording = told(recorded, out)?;
    if let Err(error) = kept::keep_recording(&session.store, args.goal, &recording) {
        writeln!(
            out.stderr,
            "note: the recording could not be kept: {error:#}"
        )?;
    }
    Ok(Some(recording))
}

/// A clean build of the real tree, with its artifacts in a scratch directory.
pub fn of_real_tree(
    session: &Session,
    args: &Args,
    key: &str,
    out: &mut Out<'_>,
) -> Result<Recording> {
    let mut progress = Progress::new(args.output.quiet);
    told(build(session, args, key).of_real_tree(&mut progress)?, out)
}

fn told(recorded: Recorded, out: &mut Out<'_>) -> Result<Recording> {
    if !recorded.lost.is_empty() {
        writeln!(
            out.stderr,
            "note: not recorded: {}",
            recorded.lost.join(", ")
        )?;
    }
    Ok(recorded.recording)
}

fn build<'a>(session: &'a Session, args: &Args, key: &str) -> CleanBuild<'a> {
    let mut env = Vec::new();
    if args.goal == Goal::Ci {
        env.push(("CI".to_owned(), "true".to_owned()));
        env.push(("CARGO_INCREMENTAL".to_owned(), "0".to_owned()));
    }
    let cores = session.base.machine.cores;
    CleanBuild {
        session: &session.base,
        args: build_args(args),
        env,
        profile: profile(args).to_owned(),
        key: key.to_owned(),
        jobs: args.cargo.jobs_on(cores).unwrap_or(cores),
        deadline: None,
    }
}

/// `cargo build`, or what CI does, with the user's own selection.
pub fn build_args(args: &Args) -> Vec<String> {
    let mut words = vec!["build".to_owned()];
    words.extend(selection(args));
    words
}

/// The user's selection and the profile of the goal, as `cargo build` takes them.
pub fn selection(args: &Args) -> Vec<String> {
    let mut words = args.cargo.to_args();
    if args.goal == Goal::Ci {
        words.push("--all-targets".to_owned());
    }
    words.extend(["--profile".to_owned(), profile(args).to_owned()]);
    words
}

fn profile(args: &Args) -> &str {
    args.cargo.profile.as_deref().unwrap_or(args.goal.profile())
}
