//! `cargo depslim`: which dependencies, features and duplicates can go, and what they cost.
//!
//! [`run`] is the whole pipeline: observe the manifests and the sources, and what the compiler says of
//! them; let the rules judge; prove by building without what they found; then apply or report.

pub mod apply;
pub mod args;
pub mod compiled;
pub mod costs;
pub mod duplicates;
pub mod evidence;
pub mod facts;
pub mod features;
pub mod gates;
pub mod ground;
pub mod ledger;
pub mod observe;
pub mod prove;
pub mod remedy;
pub mod report;
pub mod rules;
pub mod savings;
pub mod slimming;
pub mod superseded;

use anyhow::Result;
use pitcrew_core::cargo;
use pitcrew_core::cli::Out;
use pitcrew_core::exit::Exit;
use pitcrew_core::finding::{Finding, RuleInfo};
use pitcrew_core::session::{Session, check_unchanged, recover};
use pitcrew_core::settings::{self, Known, Settings, UNUSED_ALLOW};

use crate::args::{Args, Command};
use crate::facts::Facts;
use crate::ground::Ground;
use crate::remedy::Proposal;
use crate::report::Found;

/// Runs `cargo depslim`.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the entry point hands its arguments over"
)]
pub fn run(args: Args, out: &mut Out<'_>) -> Result<Exit> {
    if let Some(Command::Explain(explain)) = &args.command {
        return explain.run(&rule_infos(), out);
    }
    cargo::install_interrupt_handler()?;
    for recovered in recover(&args.cargo)? {
        out.note(recovered)?;
    }
    let ground = Ground::open(&args)?;
    if let Some(session) = ground.session() {
        if args.apply.undo {
            apply::undo(session, out)?;
            return Ok(Exit::Clean);
        }
        if args.apply.apply {
            apply::check_early(session, &args)?;
        }
    }

    let inputs = ground.session().map(Session::inputs).unwrap_or_default();

    // Observe.
    let settings = ground.settings(&Known {
        plugin: "depslim",
        keys: &[],
        rules: &rule_infos(),
    })?;
    let mut facts = observe::observe(&ground.world(&args.cargo.target))?;
    // Judge and prove: what the compiler says is a fact too.
    let judge = |facts: &Facts| judge(facts, &args, &settings).0;
    let told = match ground.session() {
        Some(session) => Some(compiled::at_hand_or_made(
            session, &args, &mut facts, &judge, out,
        )?),
        None => None,
    };
    let (proposals, idle_allows) = self::judge(&facts, &args, &settings);
    // Report or apply.
    let mut findings = report::findings(&facts, &proposals, told.as_ref())?;
    findings.extend(idle_allows);
    let found = Found {
        facts: &facts,
        findings: &findings,
        told: told.as_ref(),
    };
    report::print(&ground, &args, &found, out)?;
    if let Some(session) = ground.session().filter(|_| args.apply.apply) {
        check_unchanged(&inputs)?;
        let proof = told.as_ref().and_then(|told| told.proof.as_ref());
        let actions = report::applicable(&facts, &proposals, proof, args.least());
        return apply::run(session, &args, &facts, &actions, out);
    }
    let fails = args.apply.check && findings.iter().any(report::counts);
    Ok(if fails { Exit::Findings } else { Exit::Clean })
}

/// All that the rules propose and the project does not allow; second, the allows that were idle.
fn judge(facts: &Facts, args: &Args, settings: &Settings) -> (Vec<Proposal>, Vec<Finding>) {
    let mut proposals = rules::judge(facts);
    proposals.retain(|proposal| args.looks_for(&proposal.finding.rule));
    let found = proposals
        .iter()
        .map(|proposal| proposal.finding.clone())
        .collect();
    // What was not looked for says nothing of whether its allow is idle.
    let ran = |rule: &str| {
        let knows = facts.features.is_some() || !rules::OF_FEATURES.contains(&rule);
        args.looks_for(rule) && knows
    };
    let (kept, idle) = settings::silence(found, settings, &ran);
    proposals.retain(|proposal| kept.contains(&proposal.finding));
    (proposals, idle)
}

/// Every rule that a finding may name.
pub fn rule_infos() -> Vec<&'static RuleInfo> {
    let rules = rules::RULES.iter().map(|rule| rule.info());
    rules.chain([&UNUSED_ALLOW]).collect()
}
