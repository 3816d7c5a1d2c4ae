//! Time, room and patience come to an end: what is known is kept, what is not proven is not chosen.

use std::time::Duration;

use super::*;
use crate::prove::simulated::Breaks;

fn budget(seconds: u64) -> Limits {
    Limits::of_user(Duration::from_secs(seconds))
}

fn four_good() -> (Machine, [Lever; 4]) {
    let machine = Machine::new(Goal::Edit)
        .effect("a", Effect::on_run(0.9))
        .effect("b", Effect::on_run(0.85))
        .effect("c", Effect::on_run(0.8))
        .effect("d", Effect::on_run(0.95));
    let levers = [lever("a"), sharing("b"), lever("c"), sharing("d")];
    (machine, levers)
}

#[test]
fn a_project_that_does_not_build_is_an_error_in_cargos_words() {
    let (mut machine, levers) = four_good();
    machine.baseline_breaks = Some(Breaks::Build);
    let error = drive(&mut machine, Goal::Edit, &levers, NO_LIMITS, &mut |_| {}).unwrap_err();
    let error = error.to_string();
    assert!(error.contains("does not build as it is"), "{error}");
    assert!(error.ends_with("error: cargo's own words"), "{error}");
}

#[test]
fn a_baseline_that_cannot_be_run_is_an_error_at_any_time() {
    for from_round in [0, 1, 5, 9] {
        let (mut machine, levers) = four_good();
        machine.baseline_breaks = Some(Breaks::Run { from_round });
        let error = drive(&mut machine, Goal::Edit, &levers, NO_LIMITS, &mut |_| {});
        let error = error.unwrap_err().to_string();
        assert!(error.ends_with("error: cargo's own words"), "{error}");
    }
    let mut machine = Machine::new(Goal::Runtime);
    machine.baseline_breaks = Some(Breaks::Run { from_round: 0 });
    let levers = [lever("a")];
    let error = drive(&mut machine, Goal::Runtime, &levers, NO_LIMITS, &mut |_| {});
    let error = error.unwrap_err().to_string();
    assert!(error.contains("--bench"), "{error}");
}

/// In every moment: each budget from nothing to plenty.
#[test]
fn the_budget_is_kept_and_what_it_allows_is_proven() {
    let mut chosen = Vec::new();
    for seconds in 1..250 {
        let (mut machine, levers) = four_good();
        let copies_s = machine.copy_s * 8.0;
        let proof = prove_within(&mut machine, &levers, budget(seconds));
        let spent_s = proof.clean_builds_spent * 20.0;
        assert!(
            spent_s <= seconds as f64 + copies_s,
            "{spent_s} of {seconds}"
        );
        let all_known = proof.chosen.len() == 4;
        assert_eq!(proof.out_of_time, !all_known, "{seconds}: {proof:?}");
        chosen.push(proof.chosen.len());
    }
    // Shared artifacts first: something is proven long before everything is.
    let first = chosen.iter().position(|&count| count > 0).unwrap();
    let all = chosen.iter().position(|&count| count == 4).unwrap();
    println!("one change is chosen with {first} s, all with {all} s of budget");
    assert!(first < 85, "{first}");
    assert!(all < 155, "{all}");
    assert!(chosen[all..].iter().all(|&count| count == 4));
    assert!(chosen[first..].iter().all(|&count| count > 0));
}

#[test]
fn time_that_is_needed_to_choose_is_not_spent_on_more_rounds() {
    // One wins at once; the other is undecided for as long as it may be.
    let mut machine = Machine::new(Goal::Edit)
        .effect("good", Effect::on_run(0.8))
        .effect("idle", Effect::NOTHING)
        .noisy(pitcrew_core::measure::noise::Noise::REALISTIC, 5);
    let levers = [sharing("good"), sharing("idle")];
    let proof = prove_within(&mut machine, &levers, budget(78));
    assert_eq!(proof.chosen, ["good"], "{proof:?}");
}

#[test]
fn with_no_time_for_the_combination_the_best_single_one_is_chosen() {
    let (mut machine, levers) = four_good();
    let proof = prove_within(&mut machine, &levers[..1], budget(60));
    assert_eq!(proof.chosen, ["a"]);
    let mut machine = Machine::new(Goal::Clean)
        .effect("a", Effect::NOTHING.and_clean(0.9))
        .effect("b", Effect::NOTHING.and_clean(0.8));
    let proof = prove_within(&mut machine, &[lever("a"), lever("b")], budget(560));
    assert_eq!(proof.chosen, ["b"]);
    let Outcome::LeftOut { beside, why } = outcome(&proof, "a") else {
        panic!("{proof:?}");
    };
    assert_eq!(beside, &["b"]);
    assert_eq!(
        why,
        "they were not tried together to the end (the time was up)"
    );
    assert!(proof.out_of_time);
}

#[test]
fn an_interrupt_at_any_call_keeps_what_is_known() {
    let (mut machine, levers) = four_good();
    prove(&mut machine, &levers);
    let calls = machine.calls();
    let mut known = 0;
    for at in 0..calls {
        let (mut machine, levers) = four_good();
        machine.interrupt_at = Some(at);
        let proof = prove(&mut machine, &levers);
        assert!(proof.interrupted && !proof.out_of_time, "{at}");
        assert_eq!(proof.verdicts.len(), 4);
        let settled = |v: &&LeverVerdict| !matches!(v.outcome, Outcome::Unproven { .. });
        let now = proof.verdicts.iter().filter(settled).count();
        if let [chosen] = &proof.chosen[..] {
            // Only one that was built with its change written is proven by itself.
            assert!(["a", "c"].contains(&chosen.as_str()), "{at}: {proof:?}");
        }
        for verdict in &proof.verdicts {
            if let Outcome::Unproven { why } = &verdict.outcome {
                assert!(why.ends_with("(interrupted)"), "{at}: {why}");
            }
        }
        known = known.max(now);
    }
    assert_eq!(known, 4);
}

#[test]
fn a_small_disk_is_enough_for_one_lever_at_a_time() {
    for room in 0..5 {
        let (mut machine, levers) = four_good();
        machine.room = room;
        let proof = prove(&mut machine, &levers);
        match room {
            0 => {
                assert!(proof.chosen.is_empty());
                assert!(
                    refused(outcome(&proof, "a")).contains("no room"),
                    "{proof:?}"
                );
            }
            1 => assert_eq!(proof.chosen.len(), 1, "{proof:?}"),
            _ => assert_eq!(proof.chosen.len(), 4, "{room}: {proof:?}"),
        }
        assert_eq!((proof.out_of_time, proof.out_of_room), (false, room < 2));
    }
}
