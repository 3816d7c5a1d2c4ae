//! What holds in every world, however odd.

use std::time::Duration;

use pitcrew_core::finding::Evidence;
use pitcrew_core::measure::noise::Noise;
use proptest::prelude::*;

use super::*;
use crate::prove::bench::{Bench, Start};
use crate::prove::simulated::of_group;
use crate::prove::{GUARD_LIMIT, Guard};

#[derive(Debug, Clone)]
struct World {
    goal: Goal,
    levers: Vec<Lever>,
    effects: Vec<Effect>,
    noise: Noise,
    seed: u64,
    clean_s: f64,
    room: usize,
    interrupt_at: Option<u32>,
    limits: Limits,
}

impl World {
    fn machine(&self) -> Machine {
        let mut machine = Machine::new(self.goal).noisy(self.noise, self.seed);
        for (lever, effect) in self.levers.iter().zip(&self.effects) {
            machine = machine.effect(&lever.id, effect.clone());
        }
        machine.clean_s = self.clean_s;
        machine.room = self.room;
        machine.interrupt_at = self.interrupt_at;
        machine
    }
}

fn effects() -> impl Strategy<Value = Effect> {
    let factor = || prop_oneof![Just(1.0), 0.6..0.95_f64, 0.95..1.3_f64];
    let breaks = (
        prop::bool::weighted(0.1),
        prop::option::weighted(0.1, 0..20_u32),
    );
    (
        factor(),
        factor(),
        prop::option::weighted(0.2, factor()),
        breaks,
    )
        .prop_map(
            |(run, clean, as_written, (breaks_build, breaks_run_at))| Effect {
                as_written,
                breaks_build,
                breaks_run_at,
                ..Effect::on_run(run).and_clean(clean)
            },
        )
}

fn levers() -> impl Strategy<Value = Vec<Lever>> {
    let kind = (any::<bool>(), 0..5_u8, prop::bool::weighted(0.1));
    prop::collection::vec(kind, 0..9).prop_map(|all| {
        let made = |(n, (shares, group, is_cache)): (usize, (bool, u8, bool))| {
            let id = format!("lever-{n}");
            let made = if shares { sharing(&id) } else { lever(&id) };
            let made = of_group(made, &format!("group-{group}"));
            if is_cache { made.tool("sccache") } else { made }
        };
        all.into_iter().enumerate().map(made).collect()
    })
}

fn worlds() -> impl Strategy<Value = World> {
    let goal = prop::sample::select(vec![
        Goal::Edit,
        Goal::Edit,
        Goal::Clean,
        Goal::Runtime,
        Goal::Size,
    ]);
    let noise = prop::sample::select(vec![Noise::NONE, Noise::REALISTIC]);
    let budget = prop::option::of((1..600_u64).prop_map(Duration::from_secs));
    let limits = (budget, prop::option::of(1.0..20.0_f64));
    let user = (prop::option::weighted(0.3, 0..200_u32), 0..12_usize);
    (
        goal,
        levers(),
        prop::collection::vec(effects(), 9),
        noise,
        any::<u64>(),
        0.1..60.0_f64,
        user,
        limits,
    )
        .prop_map(
            |(goal, levers, effects, noise, seed, clean_s, (interrupt_at, room), limits)| World {
                goal,
                levers,
                effects,
                noise,
                seed,
                clean_s,
                room,
                interrupt_at,
                limits: Limits {
                    budget: limits.0,
                    clean_builds: limits.1,
                },
            },
        )
}

fn is_faster(evidence: Option<&Evidence>) -> bool {
    matches!(evidence, Some(Evidence::Measured { interval, .. }) if interval[1] < 1.0)
}

fn holds(guard: Option<&Guard>) -> bool {
    guard.is_some_and(|guard| guard.ratio() <= GUARD_LIMIT)
}

/// What is chosen was shown to help, as it would be written, with a clean build that holds.
fn check_choice(world: &World, machine: &Machine, proof: &Proof) -> Result<(), TestCaseError> {
    let chosen: Vec<&Lever> = world
        .levers
        .iter()
        .filter(|l| proof.chosen.contains(&l.id))
        .collect();
    let mut groups: Vec<&str> = chosen.iter().map(|l| l.group.as_str()).collect();
    groups.sort_unstable();
    groups.dedup();
    prop_assert_eq!(
        groups.len(),
        proof.chosen.len(),
        "two of a group: {:?}",
        proof.chosen
    );
    let guard = match &proof.chosen[..] {
        [] => return Ok(()),
        [only] => {
            let verdict = proof.verdict(only).unwrap();
            prop_assert!(is_faster(verdict.evidence.as_ref()), "{:?}", verdict);
            verdict.guard.as_ref()
        }
        several => {
            let together = proof.combination.as_ref().unwrap();
            prop_assert_eq!(&together.lever_ids, several);
            prop_assert!(is_faster(together.evidence.as_ref()), "{:?}", together);
            prop_assert!(
                together.interval_to_best.unwrap()[1] < 1.0,
                "{:?}",
                together
            );
            together.guard.as_ref()
        }
    };
    prop_assert!(world.goal != Goal::Edit || holds(guard), "{:?}", guard);
    let least = if world.goal == Goal::Size { 1 } else { 6 };
    let mut as_written = machine.arms().iter().filter(|arm| {
        arm.start == Start::Clean && arm.lever_ids == proof.chosen && arm.rounds.len() >= least
    });
    prop_assert!(
        as_written.next().is_some(),
        "never run as it is written: {:?}",
        proof.chosen
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_promises_hold_in_every_world(world in worlds()) {
        let mut machine = world.machine();
        let proof = prove_within(&mut machine, &world.levers, world.limits);
        let verdicts: Vec<&str> = proof.verdicts.iter().map(|v| v.lever_id.as_str()).collect();
        let levers: Vec<&str> = world.levers.iter().map(|l| l.id.as_str()).collect();
        prop_assert_eq!(verdicts, levers, "one verdict for each lever, in their order");
        for verdict in &proof.verdicts {
            let accepted = verdict.outcome == Outcome::Accepted;
            let chosen = proof.chosen.contains(&verdict.lever_id);
            prop_assert_eq!(accepted, chosen, "{:?} of {:?}", verdict, proof.chosen);
        }
        check_choice(&world, &machine, &proof)?;
        if let Some(budget) = world.limits.budget {
            let spent_s = machine.elapsed_s();
            let copies_s = machine.copy_s * machine.arms().len() as f64;
            prop_assert!(spent_s <= budget.as_secs_f64() + copies_s, "{spent_s} s");
        }
        prop_assert_eq!(proof.interrupted, machine.is_interrupted());
    }

    #[test]
    fn a_proof_is_the_same_for_the_same_world(world in worlds()) {
        let prove = || prove_within(&mut world.machine(), &world.levers, world.limits);
        let (one, two) = (format!("{:?}", prove()), format!("{:?}", prove()));
        prop_assert_eq!(one, two);
    }
}
