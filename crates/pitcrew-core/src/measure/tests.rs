//! The course of trials, with scripted runs.

use super::*;

/// Gives each arm's runs by rule, and keeps the turns that were taken.
struct Script<'a> {
    run: &'a dyn Fn(Turn) -> Sample<&'static str>,
    turns: Vec<Turn>,
    settled: Vec<usize>,
    left: Vec<usize>,
}

impl Runner for Script<'_> {
    type Failure = &'static str;
    type Error = String;

    fn run(&mut self, turn: Turn) -> Result<Sample<&'static str>, String> {
        self.turns.push(turn);
        Ok((self.run)(turn))
    }

    fn settled(&mut self, contest: usize, _trial: &ArmTrial<&'static str>) {
        self.settled.push(contest);
    }

    fn left(&mut self, arm: usize) {
        self.left.push(arm);
    }
}

impl<'a> Script<'a> {
    fn new(run: &'a dyn Fn(Turn) -> Sample<&'static str>) -> Self {
        Self {
            run,
            turns: Vec::new(),
            settled: Vec::new(),
            left: Vec::new(),
        }
    }
}

fn play<'a>(
    candidates: usize,
    run: &'a dyn Fn(Turn) -> Sample<&'static str>,
) -> (Trials<&'static str>, Script<'a>) {
    let mut script = Script::new(run);
    let trials = interleave(candidates, &RoundPolicy::default(), &mut script).unwrap();
    (trials, script)
}

#[test]
fn a_clear_winner_takes_six_pairs_and_a_clear_loser_two() {
    let (trials, script) = play(2, &|turn| {
        Sample::Value([10.0, 8.0, 11.0][turn.arm] + f64::from(turn.round) * 0.01)
    });
    assert_eq!(trials.contests[0].standing, Standing::Won);
    assert_eq!(trials.contests[0].pairs.len(), 6);
    assert_eq!(trials.contests[1].standing, Standing::Lost);
    assert_eq!(trials.contests[1].pairs.len(), 2);
    assert_eq!(script.settled, [1, 0]);
    assert_eq!(script.left, [2, 0, 1]);
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
    assert_eq!(trials.contests[0].pairs.len(), 6);
    let first: Vec<usize> = script.turns.chunks(2).map(|turns| turns[0].arm).collect();
    assert_eq!(first, [1, 1, 0, 0, 1, 1, 0]);
}

#[test]
fn three_lost_pairs_can_still_win_late() {
    let (trials, _) = play(1, &|turn| {
        let lost = matches!(turn.round, 2 | 7 | 9);
        Sample::Value(if turn.arm == 1 && !lost { 9.0 } else { 10.0 })
    });
    assert_eq!(trials.contests[0].standing, Standing::Won);
    assert_eq!(trials.contests[0].pairs.len(), 16);
}

#[test]
fn equal_runs_are_no_gain() {
    let (trials, _) = play(1, &|_| Sample::Value(0.0));
    assert_eq!(trials.contests[0].standing, Standing::Lost);
    let verdict = RoundPolicy::default().judge(&trials.contests[0].pairs);
    assert_eq!((verdict.ratio, verdict.interval), (1.0, [1.0, 1.0]));
}

#[test]
fn a_failure_ends_its_arm_only_and_a_stop_ends_all_with_what_is_known() {
    let (trials, script) = play(2, &|turn| match turn {
        Turn { arm: 1, .. } => Sample::Failed("does not build"),
        Turn { round: 4, .. } => Sample::Stop,
        _ => Sample::Value(10.0 - turn.arm as f64),
    });
    assert_eq!(
        trials.contests[0].standing,
        Standing::Failed("does not build")
    );
    assert_eq!(trials.contests[1].standing, Standing::Open);
    assert_eq!(trials.contests[1].pairs.len(), 3);
    assert!(trials.stopped);
    assert_eq!(script.settled, [0]);
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

#[test]
fn whoever_is_only_compared_with_stays_as_long_as_it_is_needed() {
    // The second arm beats the baseline at once, and the first one only late.
    let mut script = Script::new(&|turn| {
        Sample::Value(match (turn.arm, turn.round) {
            (0, _) => 10.0,
            (1, _) | (2, 3) => 8.0,
            _ => 7.0,
        })
    });
    let contest = |arm, against| Contest { arm, against };
    let contests = [contest(1, 0), contest(2, 0), contest(2, 1)];
    let trials = contend(&contests, &RoundPolicy::default(), &mut script).unwrap();
    let pairs: Vec<usize> = trials.contests.iter().map(|t| t.pairs.len()).collect();
    assert_eq!(pairs, [6, 6, 12]);
    assert!(trials.contests.iter().all(|t| t.standing == Standing::Won));
    assert_eq!(script.settled, [0, 1, 2]);
    assert_eq!(script.turns.len(), 3 * 13);
    let pair = trials.contests[2].pairs[0];
    assert_eq!((pair.baseline, pair.candidate), (8.0, 7.0));
}

#[test]
fn a_failure_of_the_one_compared_with_leaves_the_contest_open() {
    let mut script = Script::new(&|turn| match turn {
        Turn {
            arm: 1, round: 2, ..
        } => Sample::Failed("crashed"),
        _ => Sample::Value(10.0 - turn.arm as f64),
    });
    let contest = |arm, against| Contest { arm, against };
    let contests = [contest(1, 0), contest(2, 0), contest(2, 1)];
    let trials = contend(&contests, &RoundPolicy::default(), &mut script).unwrap();
    let standings: Vec<_> = trials.contests.iter().map(|t| &t.standing).collect();
    assert_eq!(
        standings,
        [
            &Standing::Failed("crashed"),
            &Standing::Won,
            &Standing::Open
        ]
    );
    assert_eq!(script.left, [1, 0, 2]);
}

#[test]
fn of_two_arms_each_runs_first_as_often_as_the_other() {
    let (_, script) = play(5, &|turn| {
        Sample::Value(10.0 - f64::from(u8::from(turn.arm > 0)))
    });
    let counted: Vec<_> = script.turns.iter().filter(|turn| !turn.warm_up).collect();
    for (a, b) in (0..6).flat_map(|a| (0..a).map(move |b| (a, b))) {
        let first = |round: u32| {
            let mut turns = counted.iter().filter(|turn| turn.round == round);
            turns
                .find(|turn| turn.arm == a || turn.arm == b)
                .map(|turn| turn.arm)
        };
        let firsts = (1..=6).filter(|&round| first(round) == Some(a)).count();
        assert_eq!(firsts, 3, "{a} before {b}");
    }
}
