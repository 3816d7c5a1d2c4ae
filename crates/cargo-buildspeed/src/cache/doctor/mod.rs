//! `cache doctor`: why hits are missed. Settings and servers are judged as `status` does it; then one
//! clean build is recorded for what enters each crate's key ([`inputs`]), which is judged alone
//! ([`alone`]) or against what was saved elsewhere ([`compare`]): pure, on values.

pub mod alone;
pub mod compare;
pub mod inputs;

use std::fs;

use anyhow::{Context, Result, bail};
use camino::Utf8Path;
use pitcrew_core::clean_build::CleanBuild;
use pitcrew_core::cli::Out;
use pitcrew_core::exit::Exit;
use pitcrew_core::finding::Finding;
use pitcrew_core::progress::Progress;
use pitcrew_core::session::Session;
use pitcrew_core::whole_file;
use serde_json::json;

use super::args::DoctorArgs;
use super::report::{self, Told};
use super::situation::Situation;
use super::trial::log;
use super::{judge, trial};
use inputs::Inputs;

pub fn run(args: &DoctorArgs, out: &mut Out<'_>) -> Result<Exit> {
    // What cannot be read is said before anything is built.
    let there = args.against.as_deref().map(read).transpose()?;
    let calls = args.log.as_deref().map(read_log).transpose()?;
    let session = super::open(&args.cargo, out)?;

    let situation = Situation::observe(&session, args.wait);
    let mut findings = judge::judge(&situation);
    let mut lines = report::situation(&situation);
    let mut summary = json!({ "cache": report::situation_json(&situation) });
    if let Some(calls) = &calls {
        lines.extend(trial::uncached::counted(calls));
        findings.extend(trial::uncached::judge(calls, &[]));
    }
    if !args.no_build && calls.is_none() {
        let here = observe(&session, args)?;
        if let Some(file) = &args.save {
            save(file, &here)?;
            writeln!(out.stderr, "Wrote {file}; compare with --against.")?;
        }
        let judged = match &there {
            Some(there) => compare::judge(&here, there),
            None => alone::judge(&here),
        };
        lines.extend(judged.lines);
        findings.extend(judged.findings);
        summary["keys"] = judged.summary;
    }
    let told = Told {
        lines,
        summary,
        findings: &findings,
    };
    report::print(&session, &args.output, &told, out)?;
    Ok(report::exit(&findings, args.check))
}

/// What a look at the keys gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    pub lines: Vec<String>,
    pub findings: Vec<Finding>,
    pub summary: serde_json::Value,
}

/// Records a clean build of the real tree, whose paths are what counts, with its artifacts elsewhere.
fn observe(session: &Session, args: &DoctorArgs) -> Result<Inputs> {
    let cores = session.machine.cores;
    let profile = args.cargo.profile.as_deref().unwrap_or("dev");
    let mut words = vec!["build".to_owned()];
    words.extend(args.cargo.to_args());
    words.extend(["--profile".to_owned(), profile.to_owned()]);
    let build = CleanBuild {
        session,
        args: words,
        env: Vec::new(),
        profile: profile.to_owned(),
        key: String::new(),
        jobs: args.cargo.jobs_on(cores).unwrap_or(cores),
        deadline: None,
    };
    let mut progress = Progress::new(args.output.quiet);
    build.inspected(&mut progress, &|recorded, target| {
        inputs::of(session, recorded, target)
    })
}

fn read(file: &Utf8Path) -> Result<Inputs> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
    let inputs: Inputs = serde_json::from_str(&text).with_context(|| {
        format!("{file} is not what `cargo buildspeed cache doctor --save` writes")
    })?;
    if inputs.schema != inputs::SCHEMA {
        bail!("{file} was written by another version of cargo-buildspeed: save it anew");
    }
    Ok(inputs)
}

fn read_log(file: &Utf8Path) -> Result<Vec<log::Call>> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {file}"))?;
    let calls = log::read(&String::from_utf8_lossy(&bytes));
    if calls.is_empty() {
        bail!(
            "{file} tells of no crate: have the server write it with SCCACHE_LOG=debug and \
             SCCACHE_ERROR_LOG={file}, set before it starts"
        );
    }
    Ok(calls)
}

fn save(file: &Utf8Path, inputs: &Inputs) -> Result<()> {
    let bytes = serde_json::to_vec(inputs)?;
    whole_file::write(file, |out| out.write_all(&bytes))
        .with_context(|| format!("cannot write {file}"))
}
