//! The recording of a build: the kept one, or a clean build made now in a scratch copy.

use std::fs;
use std::time::Instant;

use anyhow::{Context, Result};
use camino::Utf8Path;
use pitcrew_core::cargo::DeadlinePassed;
use pitcrew_core::clean_build::{CleanBuild, Edit};
use pitcrew_core::cli::Out;
use pitcrew_core::progress::Progress;
use pitcrew_core::recording::{Recorded, Recording};
use pitcrew_core::scratch;

use crate::args::Args;
use crate::goal::Goal;
use crate::kept;
use crate::observe::hot_file::HotFile;
use crate::observe::{self, hot_file};
use crate::session::Session;

/// What is known of the project's builds.
#[derive(Debug, Default)]
pub struct Recordings {
    /// The clean build of what the goal builds.
    pub clean: Option<Recording>,
    /// The rebuild after one edit, for the goals that build the dev profile.
    pub rebuild: Option<Recording>,
}

/// The kept recordings of this world, or new ones unless the user wants nothing built.
pub fn at_hand_or_made(
    session: &Session,
    args: &Args,
    key: &str,
    deadline: Option<Instant>,
    out: &mut Out<'_>,
) -> Result<Recordings> {
    if !args.proof.fresh
        && let Some(recording) = kept::recording(&session.store, args.goal, key)
    {
        return Ok(Recordings {
            clean: Some(recording),
            rebuild: kept::rebuild(&session.store, key),
        });
    }
    if args.proof.no_build || args.apply.check {
        return Ok(Recordings::default());
    }
    let mut progress = Progress::new(args.output.quiet);
    let hot = hot_file_of(session, args);
    let edit = |root: &Utf8Path| match &hot {
        Some(hot) => edit_once(&root.join(&hot.path)),
        None => Ok(()),
    };
    let edit: Option<&Edit<'_>> = hot.is_some().then_some(&edit);
    let build = CleanBuild {
        deadline,
        ..build(session, args, key)
    };
    let recorded = build.in_scratch(edit, &mut progress);
    let (clean, rebuild) = recorded.map_err(|error| {
        if error.is::<DeadlinePassed>() {
            error.context(
                "the build that is recorded was not done within --budget; nothing was changed: \
                 give it more time, or see what hangs with `cargo build -v`",
            )
        } else {
            error
        }
    })?;
    let clean = told(clean, out)?;
    let rebuild = rebuild.map(|rebuild| rebuild.recording);
    let kept = kept::keep_recording(&session.store, args.goal, &clean).and_then(|()| {
        let rebuild = rebuild.as_ref();
        rebuild.map_or(Ok(()), |rebuild| {
            kept::keep_rebuild(&session.store, rebuild)
        })
    });
    if let Err(error) = kept {
        out.note(format!("the recording could not be kept: {error:#}"))?;
    }
    Ok(Recordings {
        clean: Some(clean),
        rebuild,
    })
}

/// What an edit would change, where the goal builds what is edited.
fn hot_file_of(session: &Session, args: &Args) -> Option<HotFile> {
    if args.goal.recorded_build() != Goal::Edit.recorded_build() {
        return None;
    }
    let workspace = observe::workspace::facts(&session.base.workspace.metadata, None);
    hot_file::pick(&workspace, &session.base.selected())
}

/// Edits a file of a scratch copy.
fn edit_once(path: &Utf8Path) -> Result<()> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
    scratch::write(path, hot_file::edit(&text, 0))
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
        out.note(format!("not recorded: {}", recorded.lost.join(", ")))?;
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
