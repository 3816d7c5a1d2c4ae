//! The course of trials, with scripted runs.

use super::*;

/// Gives each arm's runs by rule, and keeps the turns that were taken.
struct Script<'a> {
    run: &'a dyn Fn(Turn) -> Sample<&'static str>,
    turns: Vec<Turn>,
    settled: Vec<usize>,
}

impl Runner for Script<'_> {
    type Failure = &'static str;
    type Error = String;

    fn run(&mut self, turn: Turn) -> Result<Sample<&'static str>, String> {
        self.turns.push(turn);
        Ok((self.run)(turn))
    }

    fn settled(&mut self, arm: usize, _trial: &ArmTrial<&'static str>) {
        self.settled.push(arm);
    }
}

fn play<'a>(
    candidates: usize,
    run: &'a dyn Fn(Turn) -> Sample<&'static str>,
) -> (Trials<&'static str>, Script<'a>) {
    let mut script = Script {
        run,
        turns: Vec::new(),
        settled: Vec::new(),
    };
    let trials = interleave(candidates, &RoundPolicy::default(), &mut script).unwrap();
    (trials, script)
}

#[test]
fn a_clear_winner_takes_six_pairs_and_a_clear_loser_three() {
    let (trials, script) = play(2, &|turn| {
        Sample::Value([10.0, 8.0, 11.0][turn.arm] + f64::from(turn.round) * 0.01)
    });
    assert_eq!(trials.arms[0].standing, Standing::Won);
    assert_eq!(trials.arms[0].pairs.len(), 6);
    assert_eq!(trials.arms[1].standing, Standing::Lost);
    assert_eq!(trials.arms[1].pairs.len(), 3);
    assert_eq!(script.settled, [2, 1]);
    assert_eq!(script.turns.iter().filter(|t| t.arm == 0).count(), 7);
}

#[test]
fn the_warm_up_counts_for_nothing_and_the_order_turns() {
    let (trials, script) = play(1, &|turn| {
        Sample::Value(if turn.warm_up && turn.arm == 1 {
            99.0
        } else {
            10.0 - turn.arm as f64
        })
    });
    assert_eq!(trials.arms[0].pairs.len(), 6);
    let first: Vec<usize> = script.turns.chunks(2).map(|turns| turns[0].arm).collect();
    assert_eq!(first, [0, 1, 0, 1, 0, 1, 0]);
}

#[test]
fn two_lost_pairs_can_still_win_late() {
    let (trials, _) = play(1, &|turn| {
        let lost = matches!(turn.round, 2 | 9);
        Sample::Value(if turn.arm == 1 && !lost { 9.0 } else { 10.0 })
    });
    assert_eq!(trials.arms[0].standing, Standing::Won);
    assert_eq!(trials.arms[0].pairs.len(), 15);
}

#[test]
fn equal_runs_are_no_gain() {
    let (trials, _) = play(1, &|_| Sample::Value(0.0));
    assert_eq!(trials.arms[0].standing, Standing::Lost);
    let verdict = RoundPolicy::default().judge(&trials.arms[0].pairs);
    assert_eq!((verdict.ratio, verdict.interval), (1.0, [1.0, 1.0]));
}

#[test]
fn a_failure_ends_its_arm_only_and_a_stop_ends_all_with_what_is_known() {
    let (trials, script) = play(2, &|turn| match turn {
        Turn { arm: 1, .. } => Sample::Failed("does not build"),
        Turn { round: 4, .. } => Sample::Stop,
        _ => Sample::Value(10.0 - turn.arm as f64),
    });
    assert_eq!(trials.arms[0].standing, Standing::Failed("does not build"));
    assert_eq!(trials.arms[1].standing, Standing::Open);
    assert_eq!(trials.arms[1].pairs.len(), 3);
    assert!(trials.stopped);
    assert_eq!(script.settled, [1]);
}

#[test]
fn an_error_ends_everything() {
    struct Broken;
    impl Runner for Broken {
        type Failure = ();
        type Error = &'static str;
        fn run(&mut self, _turn: Turn) -> Result<Sample<()>, &'static str> {
            Err("the disk is full")
        }
    }
    let result = interleave(1, &RoundPolicy::default(), &mut Broken);
    assert_eq!(result, Err("the disk is full"));
}
