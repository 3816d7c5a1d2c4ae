//! Drives `cargo check` with the wrapper, and gathers the summaries.

use std::collections::HashSet;
use std::fs;

use anyhow::{Context as _, Error, Result};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::cargo::{BuildEvent, BuildFailed, BuildOutput, CargoRun};
use pitcrew_core::session::Session;
use pitcrew_core::wrapper::Wrapping;

use super::order::{Order, VARIABLE};
use super::units::Units;
use super::{flags, quiet};
use crate::mir::summary::{FORMAT, Unread};

/// What to check.
#[derive(Debug, Clone, Default)]
pub struct Check {
    /// This program, which cargo runs as its rustc wrapper.
    pub exe: Utf8PathBuf,
    /// cargo's own words for packages, features, targets and profile.
    pub selection: Vec<String>,
}

/// The summaries of all that is checked.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    pub units: Units,
    /// What of the members' MIR was not understood.
    pub unread: Unread,
    /// Seconds that cargo took.
    pub wall_s: f64,
    /// Bytes of MIR in all summaries.
    pub bytes: u64,
    /// How many crates were compiled now; the others were fresh.
    pub compiled: usize,
}

/// Why there are no facts from the compiler: the source's must do.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// What cargo and the compiler said.
    #[error("the project does not compile\n\n{0}")]
    DoesNotCompile(String),
    #[error("this compiler's MIR is not understood: {0}")]
    Foreign(String),
    #[error("{0:#}")]
    NoCompiler(Error),
}

/// Runs `cargo check` and reads the summaries. An outer error ends the command (Ctrl-C, a full disk),
/// an inner one does not.
pub fn check(
    session: &Session,
    check: &Check,
    progress: &mut dyn FnMut(&BuildEvent),
) -> Result<Result<Checked, Unavailable>> {
    let rustc = session.env.get("RUSTC").map_or("rustc", String::as_str);
    let flags = match flags::of_compiler(rustc, &session.cwd) {
        Ok(flags) => flags,
        Err(error) => return Ok(Err(Unavailable::NoCompiler(error))),
    };
    let order = Order {
        flags: flags.all,
        light_flags: flags.light,
        member_flags: flags.members,
        members: session
            .member_dirs(session.root())
            .into_iter()
            .map(Utf8PathBuf::into_string)
            .collect(),
        skip: quiet::crates().map(str::to_owned).collect(),
    };
    let run = Run {
        session,
        check,
        order: &order,
        target_dir: target_dir(session),
    };
    let mut output = match run.cargo(progress) {
        Ok(output) => output,
        Err(error) => return failed(error).map(Err),
    };
    let mut units = run.units(&output);
    let compiled = |output: &BuildOutput| output.artifacts().filter(|one| !one.fresh).count();
    let (mut wall_s, mut count) = (output.wall_s, compiled(&output));
    if !units.missing.is_empty() {
        // Someone deleted a summary or moved the project, or writing failed: without its metadata cargo
        // makes both anew.
        remove(&units.missing)?;
        output = match run.cargo(progress) {
            Ok(output) => output,
            Err(error) => return failed(error).map(Err),
        };
        units = run.units(&output);
        wall_s += output.wall_s;
        count += compiled(&output);
    }
    let mut unread = Unread::default();
    for unit in units.units.iter().filter(|unit| unit.member) {
        unread.add(&unit.summary.unread);
    }
    if unread.is_foreign() {
        let example = unread.examples.first().cloned().unwrap_or_default();
        return Ok(Err(Unavailable::Foreign(example)));
    }
    let bytes = units.units.iter().map(|unit| unit.summary.bytes).sum();
    Ok(Ok(Checked {
        units,
        unread,
        wall_s,
        bytes,
        compiled: count,
    }))
}

/// Where artifacts and summaries lie, below the target directory. The user's own must not be mixed
/// with them: cargo does not know of the wrapper's flags.
pub fn folder() -> String {
    format!("pitcrew/concurrency-lint/check-{FORMAT}")
}

/// The same for this workspace.
pub fn target_dir(session: &Session) -> Utf8PathBuf {
    session.workspace.target_dir.join(folder())
}

struct Run<'a> {
    session: &'a Session,
    check: &'a Check,
    order: &'a Order,
    target_dir: Utf8PathBuf,
}

impl Run<'_> {
    fn cargo(&self, progress: &mut dyn FnMut(&BuildEvent)) -> Result<BuildOutput> {
        let session = self.session;
        let wrapping = Wrapping {
            exe: self.check.exe.clone(),
            user_wrapper: session.user_wrapper(),
            ..Wrapping::default()
        };
        let mut env = wrapping.env();
        let order =
            serde_json::to_string(self.order).context("cannot write the wrapper's order")?;
        env.push((VARIABLE.to_owned(), order));
        // What an incremental compiler knows from before it does not work out again, and so does not print.
        env.push(("CARGO_INCREMENTAL".to_owned(), "0".to_owned()));
        for name in ["CARGO_TARGET_DIR", "CARGO_BUILD_BUILD_DIR"] {
            env.push((name.to_owned(), self.target_dir.to_string()));
        }
        let mut args = vec!["check".to_owned()];
        args.extend(self.check.selection.iter().cloned());
        let run = CargoRun {
            args,
            cwd: session.root().join(&session.within),
            env,
            env_remove: Wrapping::env_remove(),
            ..CargoRun::default()
        };
        run.run(progress)
    }

    fn units(&self, output: &BuildOutput) -> Units {
        let members: HashSet<&str> = self
            .session
            .workspace
            .metadata
            .workspace_members
            .iter()
            .map(|id| id.repr.as_str())
            .collect();
        let artifacts: Vec<_> = output.artifacts().collect();
        let is_member = |id: &str| members.contains(id);
        Units::read(
            &artifacts,
            self.session.root(),
            &is_member,
            &self.order.skip,
        )
    }
}

/// A project that does not compile is no reason to end.
fn failed(error: Error) -> Result<Unavailable> {
    let failed = error.downcast::<BuildFailed>()?;
    Ok(Unavailable::DoesNotCompile(failed.said))
}

fn remove(metadata: &[Utf8PathBuf]) -> Result<()> {
    for path in metadata {
        remove_file(path)?;
    }
    Ok(())
}

fn remove_file(path: &Utf8Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {path}"))
        }
        _ => Ok(()),
    }
}
