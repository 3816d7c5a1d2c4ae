//! What is decided, on a simulated machine where the truth is known.

mod choice;
mod endings;
mod power;
mod properties;

use super::drive::drive;
use super::simulated::{Effect, Machine, lever, sharing};
use super::{LeverVerdict, Limits, Outcome, Proof, ProveEvent};
use crate::goal::Goal;
use crate::lever::Lever;

const NO_LIMITS: Limits = Limits {
    budget: None,
    clean_builds: None,
};

/// The proof of a machine on which nothing goes wrong.
fn prove(machine: &mut Machine, levers: &[Lever]) -> Proof {
    prove_within(machine, levers, NO_LIMITS)
}

fn prove_within(machine: &mut Machine, levers: &[Lever], limits: Limits) -> Proof {
    let goal = machine.goal;
    let mut settled: Vec<String> = Vec::new();
    let proof = drive(machine, goal, levers, limits, &mut |event| {
        if let ProveEvent::Settled(verdict) = event {
            settled.push(verdict.lever_id.clone());
        }
    });
    let count = settled.len();
    settled.sort();
    settled.dedup();
    assert_eq!(settled.len(), count, "a lever is reported twice");
    proof.unwrap()
}

fn outcome<'a>(proof: &'a Proof, lever_id: &str) -> &'a Outcome {
    &proof.verdict(lever_id).unwrap().outcome
}

fn refused(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Rejected { why } | Outcome::Unproven { why } | Outcome::LeftOut { why, .. } => why,
        other => panic!("{other:?}"),
    }
}

fn pairs(verdict: &LeverVerdict) -> u32 {
    use pitcrew_core::finding::Evidence;
    match &verdict.evidence {
        Some(Evidence::Measured { pairs, .. }) => *pairs,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_helps_is_chosen_and_the_rest_is_rejected() {
    let mut machine = Machine::new(Goal::Edit)
        .effect("good", Effect::on_run(0.8))
        .effect("bad", Effect::on_run(1.2));
    let levers = [lever("bad"), lever("idle"), lever("good")];
    let proof = prove(&mut machine, &levers);
    assert_eq!(proof.chosen, ["good"]);
    assert_eq!(*outcome(&proof, "good"), Outcome::Accepted);
    assert_eq!(refused(outcome(&proof, "bad")), "it was slower each time");
    assert_eq!(refused(outcome(&proof, "idle")), "it changes nothing");
    assert_eq!(
        pairs(proof.verdict("good").unwrap()),
        12,
        "it was run again"
    );
    let ids: Vec<&str> = proof.verdicts.iter().map(|v| v.lever_id.as_str()).collect();
    assert_eq!(ids, ["bad", "idle", "good"], "in the levers' order");
    assert!(!proof.out_of_time && !proof.interrupted);
    assert_eq!(proof.clean_build_s, Some(20.0));
    assert_eq!(proof.trial_clean_build_s(), Some(20.0));
}

#[test]
fn levers_of_other_goals_are_not_tried_and_without_levers_nothing_is_built() {
    let mut other = lever("other");
    other.goals = vec![Goal::Size];
    let mut machine = Machine::new(Goal::Edit);
    let proof = prove(&mut machine, &[other]);
    assert!(proof.verdicts.is_empty() && !proof.out_of_time);
    assert_eq!(machine.calls(), 0);
}

#[test]
fn each_goal_has_its_own_scenario() {
    for goal in [Goal::Clean, Goal::Ci, Goal::Runtime, Goal::Size] {
        let both = Effect::on_run(0.8).and_clean(0.8);
        let mut machine = Machine::new(goal)
            .effect("a", both.clone())
            .effect("b", both);
        let proof = prove(&mut machine, &[lever("a"), lever("b"), lever("c")]);
        assert_eq!(proof.chosen.len(), 2, "{goal:?}: {proof:?}");
        let together = proof.combination.unwrap();
        assert!((together.ratio_to_best.unwrap() - 0.8).abs() < 1e-9);
        assert_eq!(together.guard, None, "{goal:?}");
    }
}

#[test]
fn a_cache_tells_what_it_costs_to_fill_it() {
    let mut machine = Machine::new(Goal::Clean).effect("sccache", Effect::NOTHING.and_clean(0.3));
    let proof = prove(&mut machine, &[lever("sccache").tool("sccache")]);
    assert_eq!(proof.chosen, ["sccache"]);
    let guard = proof.verdict("sccache").unwrap().guard.as_ref().unwrap();
    assert_eq!(guard.scenario, "clean build that fills the cache");
}

#[test]
fn a_lever_that_does_not_build_or_run_is_the_only_one_to_suffer() {
    let breaks = |build, at| Effect {
        breaks_build: build,
        breaks_run_at: at,
        ..Effect::on_run(0.8)
    };
    let mut machine = Machine::new(Goal::Edit)
        .effect("unbuildable", breaks(true, None))
        .effect("crashing", breaks(false, Some(3)))
        .effect("good", Effect::on_run(0.9));
    let levers = [lever("unbuildable"), sharing("crashing"), lever("good")];
    let proof = prove(&mut machine, &levers);
    let failed = |error: &str| Outcome::Failed {
        error: error.to_owned(),
    };
    assert_eq!(
        *outcome(&proof, "unbuildable"),
        failed("error: unknown flag")
    );
    assert_eq!(*outcome(&proof, "crashing"), failed("error: it crashes"));
    assert_eq!(proof.chosen, ["good"]);
    assert!(machine.arms().iter().filter(|arm| !arm.closed).count() <= 2);
}
