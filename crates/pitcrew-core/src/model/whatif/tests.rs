//! What `whatif` promises, tested.

use proptest::prelude::*;

use super::*;
use crate::model::synthetic;

#[test]
fn a_chain_does_not_gain_from_cores() {
    let recording = synthetic::chain(&[1.0, 2.0, 3.0]);
    for cores in [1, 2, 64] {
        assert!((replay(&recording, &Scenario::on_cores(cores)).wall_s - 6.0).abs() < 1e-6);
    }
}

#[test]
fn independent_units_share_the_cores() {
    let mut recording = synthetic::chain(&[1.0; 8]);
    for unit in &mut recording.units {
        unit.deps.clear();
    }
    let wall = |cores| replay(&recording, &Scenario::on_cores(cores)).wall_s;
    assert!((wall(1) - 8.0).abs() < 1e-6);
    assert!((wall(4) - 2.0).abs() < 1e-6);
    let crowded = Scenario {
        cores: 2,
        jobs: Some(8),
        ..Scenario::default()
    };
    assert!(
        (replay(&recording, &crowded).wall_s - 4.0).abs() < 1e-6,
        "8 jobs share 2 cores"
    );
}

#[test]
fn pipelining_lets_a_dependent_start_at_the_metadata() {
    let mut recording = synthetic::chain(&[4.0, 3.0]);
    recording.units[0].metadata_s = Some(1.0);
    recording.units[1].deps = vec![synthetic::metadata(0)];
    (recording.units[1].start_s, recording.units[1].end_s) = (1.0, 4.0);
    recording.wall_s = 4.0;
    assert!((replay(&recording, &Scenario::on_cores(2)).wall_s - 4.0).abs() < 1e-6);
    recording.units[1].deps = vec![synthetic::end(0)];
    assert!((replay(&recording, &Scenario::on_cores(2)).wall_s - 7.0).abs() < 1e-6);
}

#[test]
fn cheaper_links_and_missing_packages_shorten_the_build() {
    let mut recording = synthetic::chain(&[2.0, 1.0, 4.0]);
    recording.units[2].link_s = Some(2.0);
    let mut scenario = Scenario::as_recorded(&recording);
    scenario.scale.insert(
        2,
        Scale {
            link: 0.5,
            ..Scale::NONE
        },
    );
    assert!((replay(&recording, &scenario).wall_s - 6.0).abs() < 1e-6);
    let without = BTreeSet::from([("p1", "1.0.0")]);
    let scenario = Scenario::as_recorded(&recording).without(&recording, &without);
    let prediction = replay(&recording, &scenario);
    assert!(
        (prediction.wall_s - 4.0).abs() < 1e-6,
        "p2 no longer waits: {prediction:?}"
    );
}

#[test]
fn the_check_compares_with_the_recorded_wall() {
    let check = check(&synthetic::chain(&[1.0, 1.0]));
    assert!(check.error.abs() < 1e-9);
    assert_eq!(check.measured_s, 2.0);
}

proptest! {
    #[test]
    fn no_replay_beats_the_longest_chain(recording in synthetic::realistic(), cores in 1_u32..40) {
        let prediction = replay(&recording, &Scenario::on_cores(cores));
        prop_assert!(prediction.wall_s >= prediction.bound_s - 1e-6);
        let unlimited = replay(&recording, &Scenario::on_cores(100_000));
        prop_assert!((unlimited.wall_s - unlimited.bound_s).abs() < 1e-6);
    }

    // Only without edges: with them, list scheduling has anomalies.
    #[test]
    fn more_cores_never_slow_independent_units(recording in synthetic::realistic()) {
        let mut recording = recording;
        for unit in &mut recording.units {
            unit.deps.clear();
        }
        let wall = |cores| replay(&recording, &Scenario::on_cores(cores)).wall_s;
        // The order stays, so doubling keeps every unit at least as early.
        prop_assert!(wall(2) <= wall(1) + 1e-6);
        prop_assert!(wall(100_000) <= wall(2) + 1e-6);
    }

    #[test]
    fn any_recording_is_replayed_in_finite_time(
        recording in synthetic::arbitrary(),
        cores in any::<u32>(),
    ) {
        let prediction = replay(&recording, &Scenario::on_cores(cores));
        prop_assert!(prediction.wall_s.is_finite());
        prop_assert!(check(&recording).error.is_finite());
    }
}
