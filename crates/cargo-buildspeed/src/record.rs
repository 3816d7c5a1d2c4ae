//! The recording of a build: the kept one, or a clean build made now in a scratch copy. A build
//! script that writes into its source tree writes there.

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::cargo::CargoRun;
use pitcrew_core::cli::Out;
use pitcrew_core::progress::Progress;
use pitcrew_core::recording::{self, RecordOptions, Recording};
use pitcrew_core::scratch::{self, Scratch};
use pitcrew_core::wrapper::Injection;

use crate::args::Args;
use crate::goal::Goal;
use crate::session::Session;

/// The kept recording of this world, or a new one unless the user wants nothing built.
pub fn at_hand_or_made(
    session: &Session,
    args: &Args,
    key: &str,
    out: &mut Out<'_>,
) -> Result<Option<Recording>> {
    if !args.proof.fresh
        && let Some(recording) = session.store.recording(args.goal, key)
    {
        return Ok(Some(recording));
    }
    if args.proof.no_build || args.apply.check {
        return Ok(None);
    }
    let scratch = Scratch::new()?;
    let copy = scratch::copy_workspace(
        &session.workspace.root,
        &session.outside(),
        &session.workspace.target_dir,
        &scratch.path().join("sources"),
    )?;
    let recording = record(session, args, (key, &copy.root, scratch.path()), out)?;
    scratch.close()?;
    if let Err(error) = session.store.keep_recording(args.goal, &recording) {
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
    let scratch = Scratch::new()?;
    let root = &session.workspace.root;
    let recording = record(session, args, (key, root, scratch.path()), out)?;
    scratch.close()?;
    Ok(recording)
}

fn record(
    session: &Session,
    args: &Args,
    (key, root, scratch): (&str, &Utf8Path, &Utf8Path),
    out: &mut Out<'_>,
) -> Result<Recording> {
    let mut progress = Progress::new(args.output.quiet);
    progress.stage("recording a clean build");
    let options = options(session, args, (key, root, scratch))?;
    let recorded = recording::record(&options, &mut |event| progress.build_event(event))?;
    progress.finish();
    if !recorded.lost.is_empty() {
        writeln!(
            out.stderr,
            "note: not recorded: {}",
            recorded.lost.join(", ")
        )?;
    }
    Ok(recorded.recording)
}

fn options(
    session: &Session,
    args: &Args,
    (key, root, scratch): (&str, &Utf8Path, &Utf8Path),
) -> Result<RecordOptions> {
    let target_dir = scratch.join("target");
    let mut env = vec![("CARGO_BUILD_BUILD_DIR".to_owned(), target_dir.to_string())];
    if args.goal == Goal::Ci {
        env.push(("CI".to_owned(), "true".to_owned()));
        env.push(("CARGO_INCREMENTAL".to_owned(), "0".to_owned()));
    }
    let jobs = args
        .cargo
        .jobs_on(session.machine.cores)
        .unwrap_or(session.machine.cores);
    Ok(RecordOptions {
        exe: own_executable()?,
        cargo: CargoRun {
            args: build_args(args),
            cwd: root.join(&session.within),
            env,
            colour: false,
            ..CargoRun::default()
        },
        target_dir: Some(target_dir),
        user_wrapper: session.user_wrapper(),
        inject: Injection::default(),
        member_dirs: session.member_dirs(root),
        rustc: session.toolchain.rustc.clone(),
        host: session.toolchain.host.triple.clone(),
        profile: profile(args).to_owned(),
        key: key.to_owned(),
        machine: session.machine.clone(),
        jobs,
    })
}

/// The plugin itself, which cargo runs as its rustc wrapper.
pub fn own_executable() -> Result<Utf8PathBuf> {
    let exe = std::env::current_exe().context("cannot tell where this program lies")?;
    Utf8PathBuf::from_path_buf(exe)
        .map_err(|exe| anyhow::anyhow!("{} is not valid UTF-8: install elsewhere", exe.display()))
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
