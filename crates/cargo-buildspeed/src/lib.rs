//! `cargo buildspeed`: why a build is slow, and what makes it faster on this machine.
//!
//! [`run`] is the whole pipeline: observe the project and one recorded build of it, let the rules
//! judge, prove what they propose by building, then apply or report.

pub mod apply;
pub mod args;
pub mod cache;
pub mod diagnosis;
pub mod facts;
pub mod flags;
pub mod goal;
pub mod html;
pub mod kept;
pub mod lever;
pub mod observe;
pub mod place;
pub mod places;
pub mod predicted;
pub mod profile_key;
pub mod prove;
pub mod record;
pub mod recorded;
pub mod report;
pub mod rules;
mod session;
mod trial;

use std::time::Instant;

use anyhow::{Result, bail};
use pitcrew_core::cargo;
use pitcrew_core::cli::Out;
use pitcrew_core::exit::Exit;
use pitcrew_core::finding::{Finding, RuleInfo};
use pitcrew_core::page;
use pitcrew_core::session::{check_unchanged, recover};
use pitcrew_core::settings::{self, Known, Settings, UNUSED_ALLOW};

use crate::args::{Args, Command};
use crate::facts::Facts;
use crate::goal::Goal;
use crate::lever::Proposal;
use crate::report::Told;
use crate::session::Session;

/// Runs `cargo buildspeed`.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the entry point hands its arguments over"
)]
pub fn run(args: Args, out: &mut Out<'_>) -> Result<Exit> {
    if let Some(Command::Explain(explain)) = &args.command {
        return explain.run(&rule_infos(), out);
    }
    if let Some(Command::Cache(cache)) = &args.command {
        return cache::run(&cache.command, out);
    }
    check_flags(&args)?;
    let deadline = args.proof.budget.map(|budget| Instant::now() + budget);
    cargo::install_interrupt_handler()?;
    for recovered in recover(&args.cargo)? {
        out.note(recovered)?;
    }
    let session = Session::open(&args)?;
    if args.apply.undo {
        return apply::undo(&session, out);
    }
    if args.apply.apply {
        apply::check_early(&session, &args)?;
    }

    let inputs = session.base.inputs();

    // Observe.
    let settings = session.base.settings(&Known {
        plugin: "buildspeed",
        keys: &[],
        rules: &rule_infos(),
    })?;
    let key = session.key(&args);
    let recordings = record::at_hand_or_made(&session, &args, &key, deadline, out)?;
    let facts = session.observe(&args, recordings);
    let recording = facts.recording.as_ref();
    let analyses = recording.map(|recording| report::analyse(&session, &args, recording));
    html::save(&args, recording.zip(analyses.as_ref()), out)?;
    // Judge.
    let (proposals, idle_allows) = judge(&facts, &settings);
    // Prove.
    let proof = trial::at_hand_or_made(&session, &args, &key, deadline, (&facts, &proposals), out)?;
    // Report or apply.
    let mut findings = report::findings(&proposals, (&facts, proof.as_ref()), &session.places)?;
    findings.extend(idle_allows);
    let told = Told {
        facts: &facts,
        analyses: analyses.as_ref(),
        proof: proof.as_ref(),
        findings: &findings,
    };
    report::print(&session, &args, &told, out)?;
    if proof.as_ref().is_some_and(|proof| proof.interrupted) {
        bail!(cargo::Interrupted);
    }
    if args.apply.apply {
        check_unchanged(&inputs)?;
        let changes = report::changes(
            &proposals,
            proof.as_ref(),
            &session.places,
            args.apply.allow_maybe_incorrect,
        );
        return apply::run(&session, &args, proof.as_ref(), &changes, out);
    }
    let fails = args.apply.check && findings.iter().any(report::counts);
    Ok(if fails { Exit::Findings } else { Exit::Clean })
}

/// All that the rules propose and the project does not allow; second, the allows that were idle.
fn judge(facts: &Facts, settings: &Settings) -> (Vec<Proposal>, Vec<Finding>) {
    let mut proposals = rules::judge(facts);
    let found = proposals
        .iter()
        .map(|proposal| proposal.finding.clone())
        .collect();
    let (kept, _) = settings::silence(found, settings, &|_| true);
    proposals.retain(|proposal| kept.contains(&proposal.finding));
    (proposals, idle_allows(facts, settings))
}

/// The allows that silence nothing, whatever the goal; without a recording too little is known to
/// call one idle.
fn idle_allows(facts: &Facts, settings: &Settings) -> Vec<Finding> {
    if facts.recording.is_none() || settings.allow.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for goal in Goal::ALL {
        let facts = Facts {
            goal,
            ..facts.clone()
        };
        found.extend(
            rules::judge(&facts)
                .into_iter()
                .map(|proposal| proposal.finding),
        );
    }
    settings::silence(found, settings, &|_| true).1
}

/// Every rule that a finding may name.
pub fn rule_infos() -> Vec<&'static RuleInfo> {
    rules::RULES
        .iter()
        .map(|rule| rule.info())
        .chain([&UNUSED_ALLOW])
        .chain(cache::rules::ALL.iter().copied())
        .collect()
}

/// What clap cannot check.
fn check_flags(args: &Args) -> Result<()> {
    if let Some(file) = &args.html {
        page::check(file)?;
    }
    if args.goal == Goal::Runtime && args.proof.bench.is_none() && !args.apply.undo {
        bail!(
            "`--goal runtime` needs the command whose run time counts: pass `--bench CMD`, as in \
             `--bench \"cargo run --release -- input.txt\"`"
        );
    }
    if args
        .proof
        .bench
        .as_ref()
        .is_some_and(|command| command.trim().is_empty())
    {
        bail!("`--bench` needs a command that is not empty");
    }
    Ok(())
}
