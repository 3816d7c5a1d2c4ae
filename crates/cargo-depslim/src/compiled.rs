//! The compile step and the proof of one call: made in a scratch copy, or kept from an earlier call in
//! the same world.

use std::collections::BTreeMap;
use std::thread;
use std::time::UNIX_EPOCH;

use anyhow::{Result, bail};
use camino::Utf8Path;
use pitcrew_core::clean_build::own_executable;
use pitcrew_core::cli::Out;
use pitcrew_core::fix::Applicability;
use pitcrew_core::model::dominators;
use pitcrew_core::progress::Progress;
use pitcrew_core::recording::{self, Observed, RECORDING_SCHEMA, Recording, assemble};
use pitcrew_core::session::Session;
use pitcrew_core::store::Store;
use serde::{Deserialize, Serialize};

use crate::args::{Args, ProofGrade};
use crate::costs::Costs;
use crate::duplicates::Duplicate;
use crate::facts::{Compiled, Facts};
use crate::features::{Before, Outcome, Reading};
use crate::observe::{compile, harness, makeup};
use crate::prove::{self, Built, Proof, Question, Workshop, merge};
use crate::remedy::Proposal;
use crate::report;
use crate::slimming::{self, Ground, Start};

/// What building has told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// None where nothing of the workspace compiles as it is.
    pub compiled: Option<Compiled>,
    /// Why not all of it does, as cargo says.
    pub broken: Option<String>,
    pub costs: Costs,
    /// None where only the compiler was asked.
    pub proof: Option<Proof>,
    /// What was found of the features of dependencies.
    pub features: Option<Outcome>,
    pub duplicates: Vec<Duplicate>,
}

/// Asks the compiler, and proves what `judge` proposes once its word is among the facts.
pub fn at_hand_or_made(
    session: &Session,
    args: &Args,
    facts: &mut Facts,
    judge: &dyn Fn(&Facts) -> Vec<Proposal>,
    out: &mut Out<'_>,
) -> Result<Told> {
    let store = Store::new(&session.workspace.target_dir, "depslim");
    let (key, of_report) = keys(session, args);
    if !args.proof.fresh {
        if let Some(told) = at_hand(&store, &key, args, facts) {
            return Ok(told);
        }
        // What a report has proven serves to write it, where all of it is to be written.
        let mut as_reported = facts.clone();
        if args.apply.apply
            && let Some(told) = at_hand(&store, &of_report, args, &mut as_reported)
            && is_written(&told, &as_reported, args)
        {
            *facts = as_reported;
            return Ok(told);
        }
    }
    let mut progress = Progress::new(args.output.quiet);
    let mut workshop = Workshop::new(session, &args.cargo, own_executable()?, &mut progress)?;
    let told = made(session, args, facts, judge, &mut workshop);
    let closed = workshop.close();
    let told = told?;
    closed?;
    if let Err(error) = store.keep("proof", &key, &told) {
        out.note(format!("the proof could not be kept: {error:#}"))?;
    }
    Ok(told)
}

/// What was kept under `key`, laid among the facts.
fn at_hand(store: &Store, key: &str, args: &Args, facts: &mut Facts) -> Option<Told> {
    let full = args.grade() == ProofGrade::Full;
    let told = store.load::<Told>("proof", key)?;
    if told.proof.is_none() && full {
        return None;
    }
    facts.compiled.clone_from(&told.compiled);
    facts.features.clone_from(&told.features);
    facts.costs = Some(told.costs.clone());
    facts.duplicates.clone_from(&told.duplicates);
    Some(told)
}

/// Whether this call writes each change that holds: the proof is of all of them together, and says
/// nothing of some of them alone.
fn is_written(told: &Told, facts: &Facts, args: &Args) -> bool {
    told.proof.as_ref().is_some_and(|proof| {
        proof.held().iter().all(|action| {
            report::grade(facts, action, proof.of(action)).applicability >= args.least()
        })
    })
}

/// The whole of it, in a workshop that nothing was built in yet.
pub fn made(
    session: &Session,
    args: &Args,
    facts: &mut Facts,
    judge: &dyn Fn(&Facts) -> Vec<Proposal>,
    workshop: &mut Workshop<'_>,
) -> Result<Told> {
    let full = args.grade() == ProofGrade::Full;
    let ground = (full && slimming::is_wanted(args)).then(|| slimming::ground(session, args));
    let (built, reading) = first_build(ground.as_ref(), workshop)?;
    let before = ground.as_ref().and_then(|ground| {
        let graph = &ground.as_ref().ok()?.features.graph;
        Some(Before::of(workshop.programs(&built)?, graph))
    });
    let compiled = compile::compiled(facts, workshop.root(), &built.command, &built.calls);
    let nothing = compiled.units.is_empty() && built.failure.is_some();
    facts.compiled = (!nothing).then_some(compiled);
    let mut told = Told {
        compiled: facts.compiled.clone(),
        broken: built.failure.clone(),
        costs: Costs {
            harnesses: harness::costs(facts, workshop.root(), &built.log),
            ..costs(session, &built, workshop.root())
        },
        proof: None,
        features: None,
        duplicates: Vec::new(),
    };
    facts.costs = Some(told.costs.clone()).filter(|_| built.failure.is_none());
    if full && args.looks_for("duplicate-version") {
        workshop.stage("looking for what merges duplicates");
        merge::merge(facts, args, workshop)?;
    }
    told.duplicates.clone_from(&facts.duplicates);
    if full && !nothing {
        let proposals = judge(facts);
        let verify_with = args.proof.verify_with.as_deref();
        let written = args.apply.apply.then(|| args.least());
        let question = Question {
            facts,
            proposals: &proposals,
            verify_with,
            written,
        };
        let sifted = prove::sift(&question, workshop)?;
        facts.features = match (&ground, reading, before) {
            (Some(Ok(ground)), Some(reading), Some(before)) => {
                let start = Start {
                    ground,
                    reading,
                    before,
                };
                Some(slimming::slim(facts, args, start, &sifted, workshop)?)
            }
            (Some(Err(error)), ..) => Some(slimming::unseen(&format!("{error:#}"))),
            (Some(_), ..) => Some(slimming::unseen("the project does not build as it is")),
            (None, ..) => None,
        };
        told.features.clone_from(&facts.features);
        let question = Question {
            facts,
            proposals: &judge(facts),
            verify_with,
            written,
        };
        let proof = prove::prove(&question, sifted, workshop)?;
        told.proof = Some(proof);
    }
    Ok(told)
}

/// Builds the copy as it is. cargo waits for rustc most of the time: where features are asked for, the
/// sources are read meanwhile.
fn first_build<'g>(
    ground: Option<&'g Result<Ground<'_>>>,
    workshop: &mut Workshop<'_>,
) -> Result<(Built, Option<Reading<'g>>)> {
    let Some(Ok(ground)) = ground else {
        workshop.stage("compiling all targets");
        return Ok((workshop.first_build(false)?, None));
    };
    workshop.stage("building all programs as they are");
    let (built, reading) = thread::scope(|scope| {
        let reading = scope.spawn(|| ground.features.read());
        (workshop.first_build(true), reading.join())
    });
    match reading {
        Ok(reading) => Ok((built?, Some(reading))),
        Err(_) => bail!("reading the sources of the dependencies ended in a panic"),
    }
}

/// What each direct dependency costs in the build at hand.
fn costs(session: &Session, built: &Built, root: &Utf8Path) -> Costs {
    let units = assemble(&Observed {
        log: &built.log,
        events: &built.events,
        started_s: built.started_s,
        member_dirs: &session.member_dirs(root),
        links_dirs: &[],
    });
    let recording = Recording {
        schema: RECORDING_SCHEMA,
        created: 0,
        command: built.command.clone(),
        rustc: session.toolchain.rustc.clone(),
        profile: "dev".to_owned(),
        key: String::new(),
        cores: session.machine.cores,
        jobs: session.machine.cores,
        memory_bytes: session.machine.memory_bytes,
        wall_s: built.wall_s,
        target_bytes: None,
        cache: None,
        units,
    };
    // A graph that cannot be built costs the report some figures, not the report.
    let packages = session.workspace.graph().map(dominators::packages);
    let packages = packages.unwrap_or_else(|_| dominators::recorded_packages(&recording));
    let direct = dominators::direct_dependencies(&recording, &packages);
    let alone = direct.iter().flat_map(|direct| &direct.packages);
    let alone = alone.map(String::as_str).collect();
    Costs {
        command: built.command.clone(),
        quick_programs: built.links,
        harnesses: BTreeMap::new(),
        makeup: makeup::makeup(&session.workspace.metadata, &alone),
        direct,
        packages: by_package(&recording),
    }
}

fn by_package(recording: &Recording) -> Vec<(String, String, f64)> {
    let mut seconds: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    for unit in &recording.units {
        let package = (unit.package.as_str(), unit.version.as_str());
        *seconds.entry(package).or_default() += unit.cpu_s.unwrap_or(0.0);
    }
    let all = seconds.into_iter();
    all.map(|((name, version), seconds)| (name.to_owned(), version.to_owned(), seconds))
        .collect()
}

/// What must be equal for a proof to be used again: all that a recording's key holds, and the
/// sources. The second is that of a report with the same flags.
fn keys(session: &Session, args: &Args) -> (String, String) {
    let sources = stamp(session.root(), &session.workspace.target_dir);
    let verify = args.proof.verify_with.clone().unwrap_or_default();
    let profile = args.cargo.profile.clone().unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    let only = args.proof.only.join(",");
    let key = |accepted, is_apply: bool| {
        // What is to be written is proven without what is not.
        let least = format!("{accepted:?} {is_apply}");
        let parts = [version, &sources, &verify, &profile, &least, &only];
        session.key(&args.cargo, &parts)
    };
    (
        key(slimming::accepted(args), args.apply.apply),
        key(Applicability::MaybeIncorrect, false),
    )
}

/// The files of the workspace with their sizes and times. The target directory is told by its path:
/// before the first build of the project it is no more than the folder that this plugin keeps its
/// proofs in, without cargo's mark.
fn stamp(root: &Utf8Path, target_dir: &Utf8Path) -> String {
    let mut files = BTreeMap::new();
    visit(root, target_dir, &mut files);
    let all: Vec<Vec<u8>> = files
        .iter()
        .map(|(path, stamp)| format!("{path} {stamp:?}").into_bytes())
        .collect();
    recording::key(all.iter().map(Vec::as_slice))
}

fn visit(
    folder: &Utf8Path,
    target_dir: &Utf8Path,
    files: &mut BTreeMap<String, (u64, Option<u128>)>,
) {
    let Ok(entries) = folder.read_dir_utf8() else {
        return;
    };
    for entry in entries.flatten() {
        let Ok(meta) = entry.metadata() else { continue };
        if meta.is_dir() {
            let skipped =
                matches!(entry.file_name(), ".git" | "node_modules") || entry.path() == target_dir;
            if !skipped && !entry.path().join("CACHEDIR.TAG").exists() {
                visit(entry.path(), target_dir, files);
            }
        } else {
            let time = meta.modified().ok();
            let time = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            let stamp = (meta.len(), time.map(|time| time.as_nanos()));
            files.insert(entry.path().to_string(), stamp);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_below_the_target_directory_does_not_age_a_proof() {
        let kept = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(kept.path()).unwrap();
        let target = root.join("target");
        std::fs::write(root.join("lib.rs"), "").unwrap();
        let before = stamp(root, &target);
        std::fs::create_dir_all(target.join("pitcrew")).unwrap();
        std::fs::write(target.join("pitcrew/proof.json"), "{}").unwrap();
        assert_eq!(stamp(root, &target), before);
        std::fs::write(root.join("lib.rs"), "fn f() {}").unwrap();
        assert_ne!(stamp(root, &target), before);
    }
}
