//! A few of the deaths that `cargo xtask campaign kill` makes each command that writes die.

#![cfg(unix)]

use pitcrew_tests::kills::{PLAYS, Stage};

const STRIKES: usize = 6;
const SEED: u64 = 20_261_130;

fn survives(name: &str) {
    let stage = PLAYS.iter().find(|play| play.name == name).map(Stage::set);
    let Some(stage) = stage else {
        panic!("there is no {name}");
    };
    let toll = stage.strike(STRIKES, SEED);
    assert_eq!(toll.faults, [""; 0], "seed {SEED}");
    assert!(toll.kills > 0, "it always ended before: {toll:?}");
    assert_eq!(stage.two_at_once(), [""; 0]);
}

#[test]
fn buildspeed() {
    survives("buildspeed");
}

#[test]
fn buildspeed_cache_setup() {
    survives("buildspeed cache setup");
}

#[test]
fn depslim() {
    survives("depslim");
}

#[test]
fn concurrency_lint() {
    survives("concurrency-lint");
}
