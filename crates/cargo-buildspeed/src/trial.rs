//! Between the judgement and the trials: which levers are tried, whether a kept proof still serves,
//! and what is shown meanwhile.

use std::time::Instant;

use anyhow::Result;
use pitcrew_core::cargo;
use pitcrew_core::cli::Out;
use pitcrew_core::fix::Applicability;
use pitcrew_core::progress::Progress;

use crate::args::Args;
use crate::facts::Facts;
use crate::goal::Goal;
use crate::kept;
use crate::lever::{Lever, Proposal, Remedy};
use crate::observe::hot_file;
use crate::prove::{self, HotEdit, Limits, Proof, ProveEvent};
use crate::session::Session;

/// The proof of what `proposals` propose: the kept one where it knows of every lever, else a new one
/// unless the user wants none. The user's deadline bounds the trials.
pub fn at_hand_or_made(
    session: &Session,
    args: &Args,
    key: &str,
    deadline: Option<Instant>,
    (facts, proposals): (&Facts, &[Proposal]),
    out: &mut Out<'_>,
) -> Result<Option<Proof>> {
    let levers = to_try(proposals, args);
    let kept = kept::proof(&session.store, args.goal, key).filter(|_| !args.proof.fresh);
    let knows = |proof: &Proof| {
        levers
            .iter()
            .all(|lever| proof.verdict(&lever.id).is_some())
    };
    let limits = deadline.map_or(Limits::DEFAULT, |deadline| {
        Limits::of_user(deadline.saturating_duration_since(Instant::now()))
    });
    let builds = !(args.proof.no_build || args.proof.no_measure || args.apply.check);
    if let Some(proof) = kept.filter(knows)
        && !(builds && would_know_more(&proof, args.goal, &limits))
    {
        return Ok(Some(proof));
    }
    if levers.is_empty() || !builds {
        return Ok(None);
    }
    let mut progress = Progress::new(args.output.quiet);
    let mut on_event = |event: ProveEvent<'_>| show(&mut progress, &event);
    let hot = hot_file::pick(&facts.workspace, &session.base.selected());
    let edit = |text: &str, round: u32| hot_file::edit(text, round);
    let hot = hot.map(|hot| HotEdit {
        path: hot.path,
        edit: &edit,
    });
    let setup = session.setup(args, hot)?;
    let proof = prove::prove(setup, args.goal, &levers, limits, &mut on_event)?;
    progress.finish();
    if !proof.interrupted
        && let Err(error) = kept::keep_proof(&session.store, args.goal, key, &proof)
    {
        out.note(format!("the proof could not be kept: {error:#}"))?;
    }
    Ok(Some(proof))
}

/// Whether trials would come further now than those of a kept proof, which lacked something.
fn would_know_more(proof: &Proof, goal: Goal, limits: &Limits) -> bool {
    let clean_build_s = proof.clean_build_s.unwrap_or(f64::INFINITY);
    let now_s = limits.allowed_s(goal, clean_build_s);
    // A second or two went into getting here.
    let more_time = proof.allowed_s.is_some_and(|then_s| now_s > then_s + 2.0);
    proof.out_of_room || (proof.out_of_time && more_time)
}

/// The levers that serve the goal and that the user lets us try.
fn to_try(proposals: &[Proposal], args: &Args) -> Vec<Lever> {
    let levers = proposals
        .iter()
        .filter_map(|proposal| match &proposal.remedy {
            Remedy::Trial(lever) => Some(&**lever),
            Remedy::Advice | Remedy::Settled(_) | Remedy::Offered(_) => None,
        });
    let allowed = |lever: &&Lever| match lever.applicability {
        Applicability::MachineApplicable => true,
        Applicability::MaybeIncorrect => args.apply.allow_maybe_incorrect,
        Applicability::HasPlaceholders | Applicability::Unspecified => false,
    };
    levers
        .filter(allowed)
        .filter(|lever| lever.goals.contains(&args.goal))
        .cloned()
        .collect()
}

fn show(progress: &mut Progress, event: &ProveEvent<'_>) {
    if cargo::interrupted() {
        return;
    }
    match event {
        ProveEvent::Building { title } => progress.stage(&format!("clean build: {title}")),
        ProveEvent::Round {
            what, number: 0, ..
        } => progress.stage(what),
        ProveEvent::Round {
            number, candidates, ..
        } => progress.detail(&format!("round {number}, {candidates} left")),
        ProveEvent::Settled(_) => {}
        ProveEvent::Combining { levers } => {
            let named: Vec<String> = levers.iter().map(|lever| lever.named()).collect();
            progress.stage(&format!("trying together: {}", named.join(", ")));
        }
    }
}
