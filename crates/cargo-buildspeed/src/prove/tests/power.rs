//! How often the driver is right, on a machine with the noise of a real one. The figures are printed;
//! what is asserted is that they stay where they are.

use std::time::Duration;

use pitcrew_core::measure::noise::Noise;

use super::*;

const SEEDS: u64 = 1_000;

fn share(of: u64, holds: impl Fn(u64) -> bool) -> f64 {
    (0..of).filter(|&seed| holds(seed)).count() as f64 / of as f64
}

/// Whether a lever alone in its world is chosen.
fn is_chosen(effect: &Effect, lever: &Lever, noise: Noise, seed: u64) -> bool {
    let mut machine = Machine::new(Goal::Edit)
        .effect(&lever.id, effect.clone())
        .noisy(noise, seed);
    !prove(&mut machine, std::slice::from_ref(lever))
        .chosen
        .is_empty()
}

const LOUD: Noise = Noise {
    scatter: 0.06,
    drift: 0.10,
    outliers: 0.05,
};

#[test]
fn what_helps_is_found_and_what_does_not_is_not() {
    for (name, noise) in [("realistic", Noise::REALISTIC), ("loud", LOUD)] {
        for lever in [lever("x"), sharing("x")] {
            let how = if lever.reuse == crate::lever::Reuse::Nothing {
                "clean"
            } else {
                "shared"
            };
            let rate = |run: f64| {
                let effect = Effect::on_run(run);
                share(SEEDS, |seed| is_chosen(&effect, &lever, noise, seed))
            };
            let rates = [0.80, 0.92, 0.95, 1.0, 1.03].map(rate);
            let [big, eight, five, none, harm] = rates.map(|rate| rate * 100.0);
            println!(
                "{name} noise, {how} start: accepted {big:.1} % of gains of 20 %, {eight:.1} % of 8 %, \
                 {five:.1} % of 5 %; {none:.1} % of no effect, {harm:.1} % of harm of 3 %"
            );
            assert!(none <= 2.5, "{none}");
            assert!(harm <= 0.3, "{harm}");
            if name == "realistic" {
                assert!(eight > 90.0, "{eight}");
                assert!(big > 95.0, "{big}");
            }
        }
    }
}

/// With eight levers there are eight chances to be wrong.
#[test]
fn of_eight_levers_that_do_nothing_seldom_one_is_written() {
    let levers: Vec<Lever> = (0..8)
        .map(|n| {
            if n < 3 {
                sharing(&n.to_string())
            } else {
                lever(&n.to_string())
            }
        })
        .collect();
    let seeds = 300;
    let wrong = share(seeds, |seed| {
        let mut machine = Machine::new(Goal::Edit).noisy(Noise::REALISTIC, seed);
        !prove(&mut machine, &levers).chosen.is_empty()
    });
    println!(
        "eight levers without effect: {:.1} % of reports choose one",
        wrong * 100.0
    );
    assert!(wrong < 0.08, "{wrong}");
}

#[test]
fn what_adds_nothing_is_seldom_written_beside_what_helps() {
    let rate = |second: f64, together: f64| {
        let (mut written, seeds) = (0, 400);
        for seed in 0..seeds {
            let mut machine = Machine::new(Goal::Edit)
                .effect("a", Effect::on_run(0.8))
                .effect("b", Effect::on_run(second))
                .noisy(Noise::REALISTIC, seed);
            machine.together = Some(Box::new(move |_| together));
            let proof = prove(&mut machine, &[lever("a"), lever("b")]);
            written += usize::from(proof.chosen.len() == 2);
        }
        written as f64 / seeds as f64
    };
    let (needless, adds) = (rate(0.85, 0.8), rate(0.9, 0.8 * 0.9));
    println!(
        "of two that help, both are written in {:.1} % where the second adds nothing, in {:.1} % \
         where it adds 10 %",
        needless * 100.0,
        adds * 100.0
    );
    assert!(needless < 0.04, "{needless}");
    assert!(adds > 0.9, "{adds}");
}

/// A clean build of 20 s, a rebuild of 1 s: the figures of a small server on two cores.
#[test]
fn eight_levers_cost_at_most_ten_clean_builds() {
    let levers: Vec<Lever> = [
        "mold", "wild", "units", "lines", "none", "deps", "split", "over",
    ]
    .into_iter()
    .enumerate()
    .map(|(n, id)| if n < 3 { sharing(id) } else { lever(id) })
    .collect();
    let seeds = 200;
    let (mut worst, mut sum, mut cut_short, mut unproven) = (0.0_f64, 0.0, 0, 0);
    for seed in 0..seeds {
        let mut machine = Machine::new(Goal::Edit)
            .effect("mold", Effect::on_run(1.2))
            .effect("wild", Effect::on_run(0.97))
            .effect("lines", Effect::on_run(0.92).and_clean(0.8))
            .effect("none", Effect::on_run(0.85).and_clean(0.8))
            .effect("deps", Effect::on_run(0.9).and_clean(0.85))
            .effect("split", Effect::on_run(0.85).and_clean(0.95))
            .effect("over", Effect::on_run(1.0).and_clean(2.4))
            .noisy(Noise::REALISTIC, seed);
        let proof = prove_within(&mut machine, &levers, Limits::DEFAULT);
        worst = worst.max(proof.clean_builds_spent);
        sum += proof.clean_builds_spent;
        let left = |v: &&LeverVerdict| matches!(v.outcome, Outcome::Unproven { .. });
        unproven += proof.verdicts.iter().filter(left).count();
        assert!(!proof.chosen.is_empty(), "{proof:?}");
        let together = proof.combination.as_ref().and_then(|c| c.rejected.as_ref());
        cut_short += usize::from(together.is_some_and(|why| why.contains("(the time was up)")));
    }
    println!(
        "eight levers cost {:.1} clean builds, {worst:.1} at most; {:.1} % of combinations are cut \
         short, {:.2} levers are left unproven",
        sum / seeds as f64,
        cut_short as f64 / seeds as f64 * 100.0,
        unproven as f64 / seeds as f64
    );
    // The last run is ended at the limit, and copies are made in between.
    assert!(worst <= 10.2, "{worst}");
}

#[test]
fn a_small_project_is_given_a_minute() {
    let mut machine = Machine::new(Goal::Edit)
        .effect("a", Effect::on_run(0.8))
        .effect("b", Effect::on_run(0.8));
    (machine.clean_s, machine.run_s) = (1.0, 0.5);
    let proof = prove_within(&mut machine, &[lever("a"), lever("b")], Limits::DEFAULT);
    assert_eq!(proof.chosen.len(), 2);
    assert!(proof.clean_builds_spent > 10.0);
    let budget = Limits {
        budget: Some(Duration::from_secs(10)),
        ..Limits::DEFAULT
    };
    let proof = prove_within(&mut Machine::new(Goal::Edit), &[lever("a")], budget);
    assert!(proof.out_of_time && proof.clean_builds_spent == 0.0);
}
