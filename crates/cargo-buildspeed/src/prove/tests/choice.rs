//! What is applied of that which won.

use super::*;
use crate::prove::bench::Start;
use crate::prove::simulated::of_group;

#[test]
fn a_gain_that_costs_the_clean_build_is_rejected() {
    let mut machine = Machine::new(Goal::Edit).effect("dear", Effect::on_run(0.7).and_clean(1.15));
    let proof = prove(&mut machine, &[lever("dear")]);
    assert_eq!(
        refused(outcome(&proof, "dear")),
        "it makes the clean build slower, 20.0 s to 23.0 s (+15 %)"
    );
    assert!(proof.chosen.is_empty());
    assert_eq!(machine.clean_builds(), 4, "both were looked at twice");
}

#[test]
fn a_disturbed_clean_build_is_looked_at_again() {
    let mut machine = Machine::new(Goal::Edit).effect("good", Effect::on_run(0.7));
    machine.disturbed_builds.insert(1, 1.3);
    let proof = prove(&mut machine, &[lever("good")]);
    assert_eq!(proof.chosen, ["good"]);
    let guard = proof.verdict("good").unwrap().guard.as_ref().unwrap();
    assert_eq!((guard.baseline_s, guard.candidate_s), (20.0, 20.0));
}

#[test]
fn a_hopeless_clean_build_is_not_paid_for_again() {
    let mut machine = Machine::new(Goal::Edit).effect("dear", Effect::on_run(0.7).and_clean(2.4));
    let proof = prove(&mut machine, &[lever("dear")]);
    assert_eq!(
        refused(outcome(&proof, "dear")),
        "it makes the clean build slower, 20.0 s to more than 40.0 s"
    );
    assert_eq!(machine.clean_builds(), 2);
    assert!(machine.arms()[1].rounds.is_empty());
}

#[test]
fn a_lever_that_shares_the_baselines_artifacts_is_guarded_too() {
    let mut machine = Machine::new(Goal::Edit).effect("dear", Effect::on_run(0.7).and_clean(1.15));
    let proof = prove(&mut machine, &[sharing("dear")]);
    assert!(refused(outcome(&proof, "dear")).contains("clean build slower"));
    assert!(proof.chosen.is_empty());
}

#[test]
fn levers_of_a_group_exclude_each_other() {
    let mut machine = Machine::new(Goal::Edit)
        .effect("mold", Effect::on_run(0.9))
        .effect("wild", Effect::on_run(0.8))
        .effect("other", Effect::on_run(0.85));
    let levers = [
        of_group(sharing("mold"), "linker"),
        of_group(sharing("wild"), "linker"),
        lever("other"),
    ];
    let proof = prove(&mut machine, &levers);
    assert_eq!(proof.chosen, ["wild", "other"]);
    let by = vec!["wild".to_owned()];
    assert_eq!(*outcome(&proof, "mold"), Outcome::Outdone { by });
    let exclusive = |ids: &[String]| !ids.iter().all(|id| id == "mold" || id == "wild");
    let together = machine.arms().iter().filter(|arm| arm.lever_ids.len() > 1);
    assert!(together.map(|arm| &arm.lever_ids[..]).all(exclusive));
}

#[test]
fn the_second_of_a_group_follows_where_the_first_breaks_its_guard() {
    let mut machine = Machine::new(Goal::Edit)
        .effect("thin", Effect::on_run(0.9))
        .effect("none", Effect::on_run(0.8).and_clean(1.2));
    for levers in [
        [lever("thin"), lever("none")],
        [sharing("thin"), sharing("none")],
    ] {
        let levers = levers.map(|lever| of_group(lever, "debug"));
        let proof = prove(&mut machine, &levers);
        assert_eq!(proof.chosen, ["thin"]);
        assert!(refused(outcome(&proof, "none")).contains("clean build slower"));
    }
}

#[test]
fn winners_are_tried_together_beside_the_baseline_and_the_best_one() {
    let mut machine = Machine::new(Goal::Edit)
        .effect("a", Effect::on_run(0.9))
        .effect("b", Effect::on_run(0.8))
        .effect("c", Effect::on_run(0.95));
    let proof = prove(&mut machine, &[lever("a"), sharing("b"), lever("c")]);
    assert_eq!(proof.chosen, ["b", "a", "c"], "best first");
    let together = proof.combination.as_ref().unwrap();
    assert_eq!(together.lever_ids, proof.chosen);
    assert_eq!(together.rejected, None);
    assert!((together.ratio_to_best.unwrap() - 0.9 * 0.95).abs() < 1e-9);
    assert_eq!(proof.trial_clean_build_s(), Some(20.0));
    let arms = machine.arms();
    let combined = arms.iter().find(|arm| arm.lever_ids.len() == 3).unwrap();
    let best = arms.iter().find(|arm| arm.lever_ids == ["b"]).unwrap();
    assert_eq!(combined.start, Start::Clean);
    assert!(combined.rounds.is_subset(&arms[0].rounds));
    assert!(combined.rounds.is_subset(&best.rounds));
}

#[test]
fn a_winner_that_adds_nothing_is_not_written() {
    let mut machine = Machine::new(Goal::Edit)
        .effect("line-tables", Effect::on_run(0.8))
        .effect("unpacked", Effect::on_run(0.85));
    machine.together = Some(Box::new(|_| 0.8));
    let proof = prove(&mut machine, &[lever("unpacked"), lever("line-tables")]);
    assert_eq!(proof.chosen, ["line-tables"]);
    let beside = vec!["line-tables".to_owned()];
    assert_eq!(*outcome(&proof, "unpacked"), Outcome::Needless { beside });
    let together = proof.combination.unwrap();
    assert!(together.adds_nothing);
    assert_eq!(
        together.rejected.unwrap(),
        "together they are not shown to be faster than the line-tables alone"
    );
}

#[test]
fn winners_that_harm_or_break_each_other_are_not_written_together() {
    let mut machine = Machine::new(Goal::Edit)
        .effect("a", Effect::on_run(0.8))
        .effect("b", Effect::on_run(0.85));
    machine.together = Some(Box::new(|_| 1.3));
    let proof = prove(&mut machine, &[lever("a"), lever("b")]);
    assert_eq!(proof.chosen, ["a"]);

    let dear = |run| Effect::on_run(run).and_clean(1.04);
    let mut machine = Machine::new(Goal::Edit)
        .effect("a", dear(0.8))
        .effect("b", dear(0.85));
    let proof = prove(&mut machine, &[lever("a"), lever("b")]);
    assert_eq!(proof.chosen, ["a"]);
    assert_eq!(
        refused(outcome(&proof, "b")),
        "together: it makes the clean build slower, 20.0 s to 21.6 s (+8.2 %)"
    );
}

#[test]
fn what_only_the_wrappers_arguments_gained_is_rejected_as_it_is_written() {
    let misled = Effect {
        as_written: Some(1.0),
        ..Effect::on_run(0.8)
    };
    let mut machine = Machine::new(Goal::Edit).effect("flag", misled);
    let proof = prove(&mut machine, &[sharing("flag")]);
    assert!(proof.chosen.is_empty());
    assert_eq!(refused(outcome(&proof, "flag")), "it changes nothing");
}

#[test]
fn a_winner_that_does_not_hold_when_run_again_makes_room_for_the_next() {
    // Lucky in its own trial: slower in the rounds from the combination on.
    let lucky = Effect {
        later: Some((8, 1.3)),
        ..Effect::on_run(0.8)
    };
    let mut machine = Machine::new(Goal::Edit)
        .effect("a", lucky)
        .effect("b", Effect::on_run(0.9));
    machine.together = Some(Box::new(|_| 1.3));
    let proof = prove(&mut machine, &[lever("a"), lever("b")]);
    assert_eq!(proof.chosen, ["b"]);
    assert_eq!(
        refused(outcome(&proof, "a")),
        "no gain shown when it was run again"
    );
}
