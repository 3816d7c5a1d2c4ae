//! The course of trials: whose turn it is, and when whom need not be run again.

use super::{Pair, RoundPolicy, median};

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// 0 is the baseline.
    pub arm: usize,
    /// From 0, warm-up rounds included.
    pub round: u32,
    pub warm_up: bool,
}

/// What a run gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Sample<F> {
    /// Seconds, bytes: less is better.
    Value(f64),
    /// The candidate cannot be run; it leaves the trials. For the baseline, return an error instead.
    Failed(F),
    /// No time is left, or the user has had enough: the trials end with what they have.
    Stop,
}

/// Runs the arms of a trial.
pub trait Runner {
    /// Why a candidate could not be run.
    type Failure: Clone;
    /// Why the trials cannot go on at all.
    type Error;

    fn run(&mut self, turn: Turn) -> Result<Sample<Self::Failure>, Self::Error>;

    /// A contest, by its place among all of them, is decided.
    fn settled(&mut self, _contest: usize, _trial: &ArmTrial<Self::Failure>) {}

    /// The arm will not be run again.
    fn left(&mut self, _arm: usize) {}
}

/// Who has to be faster than whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contest {
    pub arm: usize,
    pub against: usize,
}

/// How a contest ended for its candidate.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing<F> {
    /// The trials ended before it was settled.
    Open,
    /// Faster, at one of the looks.
    Won,
    /// Not shown to be faster.
    Lost,
    Failed(F),
}

/// What the runs of one contest gave.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmTrial<F> {
    pub pairs: Vec<Pair>,
    pub standing: Standing<F>,
}

impl<F> ArmTrial<F> {
    fn new() -> Self {
        Self {
            pairs: Vec::new(),
            standing: Standing::Open,
        }
    }

    pub fn baseline_median(&self) -> f64 {
        median(&self.pairs.iter().map(|p| p.baseline).collect::<Vec<_>>())
    }

    pub fn candidate_median(&self) -> f64 {
        median(&self.pairs.iter().map(|p| p.candidate).collect::<Vec<_>>())
    }
}

/// What all contests gave, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Trials<F> {
    pub contests: Vec<ArmTrial<F>>,
    /// A run asked to stop.
    pub stopped: bool,
}

/// Lets each of so many candidates, arm 1 and up, contend with the baseline.
pub fn interleave<R: Runner>(
    candidates: usize,
    policy: &RoundPolicy,
    runner: &mut R,
) -> Result<Trials<R::Failure>, R::Error> {
    let against_baseline = |arm| Contest { arm, against: 0 };
    let contests: Vec<Contest> = (1..=candidates).map(against_baseline).collect();
    contend(&contests, policy, runner)
}

/// Runs once a round the baseline and every arm that an open contest needs, until all are settled.
pub fn contend<R: Runner>(
    contests: &[Contest],
    policy: &RoundPolicy,
    runner: &mut R,
) -> Result<Trials<R::Failure>, R::Error> {
    let mut course = Course {
        contests,
        policy,
        trials: Trials {
            contests: contests.iter().map(|_| ArmTrial::new()).collect(),
            stopped: false,
        },
        failed: Vec::new(),
        running: Vec::new(),
    };
    course.running = course.needed();
    for round in 0..policy.warm_up + policy.most_pairs() {
        if course.running.len() < 2 {
            break;
        }
        course.play(round, runner)?;
        if course.trials.stopped {
            break;
        }
        course.let_go(runner);
    }
    Ok(course.trials)
}

struct Course<'a, F> {
    contests: &'a [Contest],
    policy: &'a RoundPolicy,
    trials: Trials<F>,
    /// Arms that cannot be run.
    failed: Vec<usize>,
    /// The baseline, and the arms that are run in the next round.
    running: Vec<usize>,
}

impl<F: Clone> Course<'_, F> {
    fn is_open(&self, at: usize) -> bool {
        let Contest { arm, against } = self.contests[at];
        matches!(self.trials.contests[at].standing, Standing::Open)
            && !self.failed.contains(&arm)
            && !self.failed.contains(&against)
    }

    fn needed(&self) -> Vec<usize> {
        let open = (0..self.contests.len()).filter(|&at| self.is_open(at));
        let arms = open.flat_map(|at| [self.contests[at].arm, self.contests[at].against]);
        let mut arms: Vec<usize> = arms.collect();
        if !arms.is_empty() {
            arms.push(0);
        }
        arms.sort_unstable();
        arms.dedup();
        arms
    }

    fn play<R: Runner<Failure = F>>(&mut self, round: u32, runner: &mut R) -> Result<(), R::Error> {
        let warm_up = round < self.policy.warm_up;
        let mut values: Vec<(usize, f64)> = Vec::new();
        // Counted rounds begin with an even one, so that each is followed by its mirror.
        for arm in order(&self.running, round + self.policy.warm_up) {
            let turn = Turn {
                arm,
                round,
                warm_up,
            };
            match runner.run(turn)? {
                Sample::Value(value) => values.push((arm, value)),
                Sample::Failed(failure) if arm > 0 => self.fail(arm, &failure, runner),
                // Without a baseline there is nothing to compare with.
                Sample::Failed(_) | Sample::Stop => {
                    self.trials.stopped = true;
                    break;
                }
            }
        }
        if !warm_up {
            self.count(&values, runner);
        }
        Ok(())
    }

    fn fail<R: Runner<Failure = F>>(&mut self, arm: usize, failure: &F, runner: &mut R) {
        for at in 0..self.contests.len() {
            if self.contests[at].arm == arm && self.is_open(at) {
                self.trials.contests[at].standing = Standing::Failed(failure.clone());
                runner.settled(at, &self.trials.contests[at]);
            }
        }
        self.failed.push(arm);
    }

    /// Pairs the values of a round.
    fn count<R: Runner<Failure = F>>(&mut self, values: &[(usize, f64)], runner: &mut R) {
        let value = |wanted: usize| {
            let found = values.iter().find(|(arm, _)| *arm == wanted);
            found.map(|(_, value)| *value)
        };
        for at in 0..self.contests.len() {
            let Contest { arm, against } = self.contests[at];
            let (true, Some(candidate), Some(baseline)) =
                (self.is_open(at), value(arm), value(against))
            else {
                continue;
            };
            let trial = &mut self.trials.contests[at];
            trial.pairs.push(Pair {
                baseline,
                candidate,
            });
            if let Some(standing) = self.policy.settle(&trial.pairs) {
                trial.standing = standing;
                runner.settled(at, trial);
            }
        }
    }

    fn let_go<R: Runner<Failure = F>>(&mut self, runner: &mut R) {
        let needed = self.needed();
        for &arm in self.running.iter().filter(|arm| !needed.contains(arm)) {
            runner.left(arm);
        }
        self.running = needed;
    }
}

/// The order of a round. It turns, so that none always runs after the same neighbour; and every
/// second round mirrors the one before, so that of two arms each runs first as often as the other: a
/// machine that gets faster or slower by and by favours neither.
fn order(arms: &[usize], round: u32) -> Vec<usize> {
    let mut order = arms.to_vec();
    if !order.is_empty() {
        let turns = (round / 2) as usize % order.len();
        order.rotate_left(turns);
    }
    if round % 2 == 1 {
        order.reverse();
    }
    order
}
