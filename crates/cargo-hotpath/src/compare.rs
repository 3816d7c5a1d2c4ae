//! `diff`: what BASE and NEW stand for, and their profiles. Revisions are built in clones and recorded in
//! turns, so that a machine that slows down slows both.

use anyhow::{Context, Result, bail, ensure};
use camino::Utf8PathBuf;
use pitcrew_core::cargo;
use pitcrew_core::cli::{CargoFlags, Out};
use pitcrew_core::progress::Progress;
use pitcrew_core::render::Format;
use pitcrew_core::scratch::Scratch;
use pitcrew_core::session::Session;
use pitcrew_core::vcs::revision::Revision;

use crate::args::DiffArgs;
use crate::kept::Kept;
use crate::observe;
use crate::profile::Profile;
use crate::program::Chosen;
use crate::record::{self, Program};

/// The profiles of both sides, as many as there were recordings.
pub struct Compared {
    pub base: Vec<Profile>,
    pub new: Vec<Profile>,
}

/// What a name on the command line stands for.
enum Side {
    Saved(Box<Profile>),
    Revision(Revision),
    /// The project as it is.
    Here,
}

/// Finds or records both sides.
pub fn sides(args: &DiffArgs, out: &mut Out<'_>) -> Result<Compared> {
    let kept = Kept::here(args.cargo.manifest_path.as_deref())?;
    let base = side(&kept, &args.base)?;
    let new = match (&args.new, &base) {
        (Some(name), _) => side(&kept, name)?,
        (None, Side::Saved(_)) => Side::Saved(Box::new(kept.load(None)?)),
        (None, _) => Side::Here,
    };
    match (base, new) {
        (Side::Saved(base), Side::Saved(new)) => {
            ensure!(
                args.args.is_empty(),
                "both profiles are recorded already: arguments of a program go with git revisions"
            );
            Ok(Compared {
                base: vec![*base],
                new: vec![*new],
            })
        }
        (Side::Saved(_), _) | (_, Side::Saved(_)) => bail!(
            "a saved profile was recorded on another day than a revision would be now: compare two \
             saved profiles, or two revisions"
        ),
        (base, new) => recorded(&kept, [&base, &new], args, out),
    }
}

/// A saved profile, else a revision.
fn side(kept: &Kept, name: &str) -> Result<Side> {
    let missing = match kept.load(Some(name)) {
        Ok(profile) => return Ok(Side::Saved(Box::new(profile))),
        Err(missing) => missing,
    };
    match Revision::find(&kept.root, name)? {
        Some(revision) => Ok(Side::Revision(revision)),
        None => Err(missing.context(format!("`{name}` is no git revision either"))),
    }
}

/// One side, built.
struct Ready {
    program: Program,
    kept: Kept,
    profiles: Vec<Profile>,
}

fn recorded(
    kept: &Kept,
    sides: [&Side; 2],
    args: &DiffArgs,
    out: &mut Out<'_>,
) -> Result<Compared> {
    cargo::install_interrupt_handler()?;
    let scratch = Scratch::new()?;
    let mut progress = Progress::new(args.output.quiet);
    let mut both = Vec::with_capacity(sides.len());
    for (side, name) in sides.into_iter().zip(["base", "new"]) {
        let flags = flags(kept, side, &scratch, name, &args.cargo)?;
        both.push(ready(&flags, args, &mut progress)?);
    }
    let for_machines = args.output.format != Format::Human;
    for round in 0..args.rounds {
        progress.stage(&format!(
            "recording, round {} of {}",
            round + 1,
            args.rounds
        ));
        progress.finish();
        if round % 2 == 1 {
            // In turns, each the first as often as the other.
            both.reverse();
        }
        for side in &mut both {
            let profile = record::run(&side.program, &args.record, for_machines, &side.kept, out)?;
            ensure!(!cargo::interrupted(), "interrupted: nothing is compared");
            side.profiles.push(profile);
        }
        if round % 2 == 1 {
            both.reverse();
        }
    }
    scratch.close()?;
    let mut profiles = both.into_iter().map(|side| side.profiles);
    Ok(Compared {
        base: profiles.next().unwrap_or_default(),
        new: profiles.next().unwrap_or_default(),
    })
}

/// The flags that build a side: of a revision those that point to its clone. Its artifacts stay, so that
/// the next comparison builds only what differs.
fn flags(
    kept: &Kept,
    side: &Side,
    scratch: &Scratch,
    name: &str,
    cargo: &CargoFlags,
) -> Result<CargoFlags> {
    let Side::Revision(revision) = side else {
        return Ok(cargo.clone());
    };
    let within = manifest_within(kept, cargo)?;
    let root = revision
        .check_out(&kept.root, &scratch.path().join(name))
        .with_context(|| format!("cannot check out `{}`", revision.name))?;
    let manifest = root.join(within);
    ensure!(
        manifest.is_file(),
        "`{}` has no {}",
        revision.name,
        manifest.strip_prefix(&root).unwrap_or(&manifest)
    );
    Ok(CargoFlags {
        manifest_path: Some(manifest),
        target_dir: Some(kept.revisions().join(name)),
        ..cargo.clone()
    })
}

/// The manifest that cargo would take here, relative to the workspace's root.
fn manifest_within(kept: &Kept, cargo: &CargoFlags) -> Result<Utf8PathBuf> {
    let cwd = pitcrew_core::workspace::current_dir()?;
    let named = cargo.manifest_path.as_ref().map(|path| cwd.join(path));
    let manifest = named.or_else(|| {
        let folders = cwd.ancestors();
        folders
            .map(|dir| dir.join("Cargo.toml"))
            .find(|path| path.is_file())
    });
    let manifest = manifest.context("there is no Cargo.toml here")?;
    let manifest = manifest.canonicalize_utf8().unwrap_or(manifest);
    let root = kept
        .root
        .canonicalize_utf8()
        .unwrap_or_else(|_| kept.root.clone());
    let within = manifest.strip_prefix(&root);
    Ok(within
        .with_context(|| format!("{manifest} is not in {root}"))?
        .to_owned())
}

fn ready(flags: &CargoFlags, args: &DiffArgs, progress: &mut Progress) -> Result<Ready> {
    let session = Session::open(flags)?;
    let places = observe::places::of(&session.workspace);
    let program = Chosen::diff(args, flags).build(&session, progress)?;
    Ok(Ready {
        kept: Kept::new(session.root(), &session.workspace.target_dir, places),
        program,
        profiles: Vec::new(),
    })
}
