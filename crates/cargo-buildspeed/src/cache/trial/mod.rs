//! `cache trial`: what a cache would give here, measured. In each round, one after the other: a clean
//! build without it, one that fills it, one from it, one from it at another path, and the rebuild after a
//! switch of branches and back, with and without. All in scratch directories, with a server, a port and
//! a store of the trial's own: the user's cache is neither asked nor filled.

mod lab;
pub mod log;
pub mod measured;
pub mod uncached;

use anyhow::{Context, Result, bail};
use camino::Utf8Path;
use pitcrew_core::cargo::{DeadlinePassed, Interrupted};
use pitcrew_core::cli::Out;
use pitcrew_core::exit::Exit;
use pitcrew_core::finding::{Evidence, Finding};
use pitcrew_core::progress::Progress;
use pitcrew_core::recording::Unit;
use serde_json::json;

use super::args::TrialArgs;
use super::doctor::alone::listed;
use super::report::{self, Told};
use super::rules;
use super::sccache::INSTALL;
use super::stats::Stats;
use lab::{Fresh, Lab};
use log::{Answer, Call};
use measured::{Figures, Round};

/// All that a trial found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trial {
    pub rounds: Vec<Round>,
    /// The calls of the last round's build from the warm cache.
    pub warm: Vec<Call>,
    /// And of the one at another path.
    pub elsewhere: Vec<Call>,
    /// The units of that build, with their times.
    pub units: Vec<Unit>,
    /// What the server counted after the cache was filled.
    pub filled: Option<Stats>,
    pub target_bytes: u64,
    pub edited: Option<String>,
    /// The budget ended it before the last round.
    pub out_of_time: bool,
}

pub fn run(args: &TrialArgs, out: &mut Out<'_>) -> Result<Exit> {
    if args.no_build {
        bail!(
            "a trial is builds, so there is nothing to try with `--no-build`: leave it out, or see \
             what is set up with `cargo buildspeed cache status`"
        );
    }
    let session = super::open(&args.cargo, out)?;
    let Some(sccache) = session.toolchain.tool("sccache") else {
        bail!("sccache is not on PATH, and nothing is installed here: get it by `{INSTALL}`");
    };
    let mut progress = Progress::new(args.output.quiet);
    let lab = Lab::open(&session, args, &sccache.path)?;
    let trial = measure(&lab, args, &sccache.path, &mut progress)?;
    progress.finish();
    lab.close()?;

    let version = sccache.version();
    let version = version.as_deref().unwrap_or("unknown");
    let figures = Figures::of(&trial.rounds);
    let mut findings = figures.findings();
    findings.extend(uncached::judge(&trial.warm, &trial.units));
    findings.extend(elsewhere(&trial));
    let mut lines = vec![format!(
        "sccache {version}, local disk; {}; rounds: {}, interleaved",
        incremental(args, &trial),
        trial.rounds.len()
    )];
    lines.extend(figures.lines());
    lines.extend(stored(&trial));
    lines.extend(answers(&trial));
    if trial.out_of_time {
        lines.push("The time was up before the last round: --budget gives more.".to_owned());
    }
    let told = Told {
        lines,
        summary: json!({ "trial": summary(args, &trial, version) }),
        findings: &findings,
    };
    report::print(&session, &args.output, &told, out)?;
    Ok(Exit::Clean)
}

fn measure(
    lab: &Lab<'_>,
    args: &TrialArgs,
    sccache: &Utf8Path,
    progress: &mut Progress,
) -> Result<Trial> {
    let mut trial = Trial {
        edited: lab.edited().map(camino::Utf8PathBuf::into_string),
        ..Trial::default()
    };
    for number in 1..=args.rounds {
        let fresh = lab.fresh(number)?;
        let ended = round(lab, number, sccache, &fresh, &mut trial, progress);
        lab.clear(fresh, number);
        match ended {
            Ok(round) => trial.rounds.push(round),
            Err(error) if error.is::<DeadlinePassed>() && !trial.rounds.is_empty() => {
                trial.out_of_time = true;
                break;
            }
            Err(error) if error.is::<DeadlinePassed>() => {
                return Err(error.context(
                    "not one round was done within --budget: it takes four clean builds and more",
                ));
            }
            Err(error) if error.is::<Interrupted>() => return Err(error),
            Err(error) => return Err(error.context("a build of the trial failed")),
        }
    }
    Ok(trial)
}

fn round(
    lab: &Lab<'_>,
    number: u32,
    sccache: &Utf8Path,
    fresh: &Fresh,
    trial: &mut Trial,
    progress: &mut Progress,
) -> Result<Round> {
    let here = lab.here().to_owned();
    let mut build = |root: &Utf8Path, target: &str, clean, cache, what: &str| {
        progress.stage(&format!("round {number}: {what}"));
        lab.build(root, target, clean, cache, progress)
    };
    let mut none_s = None;
    // Whichever comes first finds the machine as others left it.
    let none_first = number % 2 == 1;
    if none_first {
        none_s = Some(
            build(&here, "t-none", true, None, "no cache")?
                .recording
                .wall_s,
        );
    }
    fresh.calls();
    let cold = build(&here, "t-cache", true, Some(fresh), "filling the cache")?;
    if !none_first {
        none_s = Some(
            build(&here, "t-none", true, None, "no cache")?
                .recording
                .wall_s,
        );
    }
    trial.filled = fresh.stats(sccache);
    fresh.calls();
    let warm = build(&here, "t-cache", true, Some(fresh), "from the cache")?;
    trial.warm = fresh.calls();
    trial.units.clone_from(&warm.recording.units);
    let there = fresh.elsewhere.clone();
    let target = format!("elsewhere-{number}/t");
    let elsewhere = build(&there, &target, true, Some(fresh), "from another path")?;
    trial.elsewhere = fresh.calls();
    trial.target_bytes = lab.bytes_of("t-cache");

    let (mut switch, mut back) = (None, None);
    if lab.has_edit() {
        lab.switch(number)?;
        let none = build(&here, "t-none", false, None, "a switched branch")?;
        let cached = build(&here, "t-cache", false, Some(fresh), "a switched branch")?;
        switch = Some((none.recording.wall_s, cached.recording.wall_s));
        lab.switch_back()?;
        let none = build(&here, "t-none", false, None, "switched back")?;
        let cached = build(&here, "t-cache", false, Some(fresh), "switched back")?;
        back = Some((none.recording.wall_s, cached.recording.wall_s));
    }
    Ok(Round {
        none_s: none_s.context("a round has a build without the cache")?,
        cold_s: cold.recording.wall_s,
        warm_s: warm.recording.wall_s,
        elsewhere_s: elsewhere.recording.wall_s,
        switch,
        back,
    })
}

fn incremental(args: &TrialArgs, trial: &Trial) -> &'static str {
    let any = trial.units.iter().any(|unit| unit.profile.incremental);
    match (args.no_incremental, any) {
        (true, _) => "incremental compilation off where the cache is used",
        (false, true) => "members compile incrementally, and are not cached",
        (false, false) => "nothing compiles incrementally",
    }
}

fn stored(trial: &Trial) -> Option<String> {
    let stats = trial.filled.as_ref()?;
    let bytes = stats.bytes?;
    Some(format!(
        "stored: {} entries, {}; the target directory holds {}",
        stats.writes,
        report::megabytes(bytes),
        report::megabytes(trial.target_bytes)
    ))
}

fn count(calls: &[Call], wanted: &Answer) -> usize {
    calls.iter().filter(|call| call.answer == *wanted).count()
}

/// Of those that could be asked for.
fn rate(calls: &[Call]) -> (usize, usize) {
    let hits = count(calls, &Answer::Hit);
    (hits, hits + count(calls, &Answer::Miss))
}

fn answers(trial: &Trial) -> Vec<String> {
    let (warm, of) = rate(&trial.warm);
    let (elsewhere, of_elsewhere) = rate(&trial.elsewhere);
    let without = trial
        .warm
        .iter()
        .filter(|call| matches!(call.answer, Answer::Uncacheable(_)))
        .count();
    vec![format!(
        "answered: {warm} of {of} crates at the same path, {elsewhere} of {of_elsewhere} at another; \
         {without} are not cacheable"
    )]
}

/// What was found at the same path and not at another, though the bases of both were told to sccache.
fn elsewhere(trial: &Trial) -> Vec<Finding> {
    let missed: Vec<&str> = trial
        .elsewhere
        .iter()
        .filter(|call| call.answer == Answer::Miss)
        .map(|call| call.krate.as_str())
        .collect();
    if missed.is_empty() {
        return Vec::new();
    }
    let count = missed.len();
    let (s, are) = if count == 1 { ("", "is") } else { ("s", "are") };
    let message = format!(
        "{count} crate{s} {are} not found from another checkout's path, with SCCACHE_BASEDIRS set to \
         both"
    );
    let finding = listed(&rules::PATH_BOUND, "SCCACHE_BASEDIRS", message, &missed)
        .help("check out at the same path wherever entries are to be shared")
        .next("cargo buildspeed cache doctor");
    vec![finding]
}

fn summary(args: &TrialArgs, trial: &Trial, version: &str) -> serde_json::Value {
    let (warm, of) = rate(&trial.warm);
    let (elsewhere, of_elsewhere) = rate(&trial.elsewhere);
    let rows = uncached::rows(&trial.warm, &trial.units);
    json!({
        "sccache": version,
        "no_incremental": args.no_incremental,
        "rounds": trial.rounds,
        "warm": { "answered": warm, "asked": of },
        "elsewhere": { "answered": elsewhere, "asked": of_elsewhere },
        "edited": trial.edited,
        "stored_bytes": trial.filled.as_ref().and_then(|stats| stats.bytes),
        "stored_entries": trial.filled.as_ref().map(|stats| stats.writes),
        "target_bytes": trial.target_bytes,
        "uncacheable": rows.iter().map(|row| json!({
            "crate": row.krate,
            "why": row.why,
            "seconds": row.seconds,
        })).collect::<Vec<_>>(),
        "out_of_time": trial.out_of_time,
    })
}

/// The measured evidence of two ways to build.
fn evidence(scenario: &str, verdict: &measured::Compared) -> Evidence {
    Evidence::Measured {
        scenario: scenario.to_owned(),
        baseline: verdict.baseline,
        candidate: verdict.candidate,
        unit: "s".to_owned(),
        ratio: verdict.ratio,
        interval: verdict.interval,
        pairs: verdict.pairs,
    }
}
