//! The facts of a workspace, by as many witnesses as there are: its sources always, the compiler
//! wherever the project can be built.

use anyhow::{Result, bail};
use pitcrew_core::clean_build::own_executable;
use pitcrew_core::cli::CargoFlags;
use pitcrew_core::progress::Progress;
use pitcrew_core::session::Session;
use pitcrew_core::settings::Settings;

use super::ahead::Early;
use super::deep::{self, Check, Unavailable};
use crate::args::FactFlags;
use crate::ecosystem::Ecosystem;
use crate::facts::{Facts, merge};
use crate::limits;

/// What to read, and how.
pub struct Reading<'a> {
    pub session: &'a Session,
    pub cargo: &'a CargoFlags,
    pub flags: &'a FactFlags,
    pub settings: &'a Settings,
    pub ecosystem: &'a Ecosystem,
}

/// The facts, and what the user should know of how they were got.
pub struct Observed {
    pub facts: Facts,
    pub notices: Vec<String>,
}

/// Takes what the sources said early, or reads them, and, unless told otherwise, asks the compiler.
pub fn observe(
    reading: &Reading<'_>,
    early: Option<Early>,
    progress: &mut Progress,
) -> Result<Observed> {
    let session = reading.session;
    let targets = super::targets(&session.workspace);
    let generated = reading.flags.generated || limits::is_on(reading.settings, "generated")?;
    let root = session.root();
    let mut facts = match early.and_then(|early| early.serves(&targets, root, generated)) {
        Some(facts) => facts,
        None => super::source(&targets, root, generated, reading.ecosystem)?,
    };
    facts.limits = limits::read(reading.settings, session.machine.cores)?;
    let mut observed = Observed {
        facts,
        notices: Vec::new(),
    };
    // Without async code there is nothing to judge, and a build would only cost time.
    if observed.facts.has_async_code() && wants_compiler(reading)? {
        ask_compiler(reading, &mut observed, progress)?;
    }
    Ok(observed)
}

fn wants_compiler(reading: &Reading<'_>) -> Result<bool> {
    if reading.flags.deep || reading.flags.source {
        return Ok(reading.flags.deep);
    }
    match reading.settings.value(None, "facts") {
        None => Ok(true),
        Some(value) => match value.as_str() {
            Some("compiler") => Ok(true),
            Some("source") => Ok(false),
            _ => bail!("`facts` must be \"compiler\" or \"source\", not {value}"),
        },
    }
}

fn ask_compiler(
    reading: &Reading<'_>,
    observed: &mut Observed,
    progress: &mut Progress,
) -> Result<()> {
    let check = Check {
        exe: own_executable()?,
        selection: selection(reading),
    };
    progress.stage("Asking the compiler");
    let answer = deep::facts(
        reading.session,
        &check,
        reading.ecosystem,
        &observed.facts.crates,
        &mut |event| progress.build_event(event),
    )?;
    progress.finish();
    match answer {
        Ok(deep) => {
            merge::deepen(&mut observed.facts, deep.compiled, reading.ecosystem);
            observed.notices.extend(deep.notices);
        }
        Err(unavailable) => observed.notices.push(missing(&unavailable)),
    }
    Ok(())
}

/// cargo's own words for what the user has selected.
fn selection(reading: &Reading<'_>) -> Vec<String> {
    let mut args = reading.cargo.to_args();
    if let Some(profile) = &reading.cargo.profile {
        args.extend(["--profile".to_owned(), profile.clone()]);
    }
    args
}

/// Why only the sources are judged, in a line or two.
fn missing(unavailable: &Unavailable) -> String {
    let why = match unavailable {
        // The first error says it; all of them are what `cargo check` is for.
        Unavailable::DoesNotCompile(said) => {
            if let Some(why) = build_script_error(said) {
                return alone(&why);
            }
            let lines = said.lines().filter(|line| !line.trim().is_empty());
            let error = |line: &&str| line.starts_with("error");
            let first = lines.clone().skip_while(|line| !error(line)).take(2);
            let told: Vec<&str> = match first.clone().next() {
                Some(_) => first.map(str::trim).collect(),
                None => lines.take(2).map(str::trim).collect(),
            };
            format!("the project does not compile: {}", told.join(" "))
        }
        other => other.to_string(),
    };
    alone(&why)
}

fn alone(why: &str) -> String {
    format!("judged by the sources alone, for the compiler cannot be asked: {why}")
}

/// Which build script fails, and what it says itself: cargo's own words are the same for all of them.
fn build_script_error(said: &str) -> Option<String> {
    const FAILED: &str = "failed to run custom build command for ";
    let mut lines = said.lines().map(str::trim);
    let package = lines.find_map(|line| line.split_once(FAILED))?.1;
    let mut own = lines
        .skip_while(|line| *line != "--- stderr")
        .skip(1)
        .filter(|line| !line.is_empty() && !line.starts_with("note:"));
    let first = own.next()?;
    // What a panic says stands below its place.
    let said = match first.contains("panicked at ") {
        true => own.next().unwrap_or(first),
        false => first,
    };
    Some(format!("the build script of {package} fails: {said}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_compile_is_told_by_its_first_error() {
        let said = "warning: unused\n --> a.rs:1:1\n\nerror[E0425]: cannot find `x`\n --> src/b.rs:3:5\n  |\n";
        let told = missing(&Unavailable::DoesNotCompile(said.to_owned()));
        assert!(
            told.ends_with("does not compile: error[E0425]: cannot find `x` --> src/b.rs:3:5"),
            "{told}"
        );
        let said = "error: failed to run custom build command for `relay v0.9.0 (/w)`\nnote: To improve\n\nCaused by:\n  process didn't exit successfully\n  --- stdout\n  cargo:x=1\n\n  --- stderr\n\n  thread 'main' (1) panicked at a/b.rs:1:2:\n  Could not find `protoc`.\n  note: x\n";
        let told = missing(&Unavailable::DoesNotCompile(said.to_owned()));
        assert!(
            told.ends_with(
                "the build script of `relay v0.9.0 (/w)` fails: Could not find `protoc`."
            ),
            "{told}"
        );
        let told = missing(&Unavailable::DoesNotCompile("no such package\n".to_owned()));
        assert!(told.ends_with("no such package"), "{told}");
    }
}
