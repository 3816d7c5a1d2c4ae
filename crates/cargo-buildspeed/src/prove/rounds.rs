//! Runs the arms of a batch in rounds, on the bench.

use anyhow::{Result, bail};
use pitcrew_core::measure::{ArmTrial, Contest, Runner, Sample, Standing, Turn};

use super::bench::{ArmId, Bench, Run};
use super::{LeverVerdict, ProveEvent};

pub(super) struct Rounds<'a, 'b> {
    pub bench: &'a mut dyn Bench,
    pub on_event: &'a mut dyn FnMut(ProveEvent<'_>),
    /// The baseline first.
    pub arms: Vec<ArmId>,
    /// For the display.
    pub what: &'b str,
    pub contests: &'b [Contest],
    /// Added to the rounds' numbers, as an arm may have been run before.
    pub first_round: u32,
    /// What a settled contest says of a lever, by its place among the contests.
    pub verdict: &'b dyn Fn(usize, &ArmTrial<String>) -> Option<LeverVerdict>,
    /// Whether to end before the next round, for what has to follow: by the seconds elapsed, the arms
    /// still in, and the contests that were won, by their places.
    pub ends: &'b dyn Fn(f64, usize, &[usize]) -> bool,
    pub so_far: SoFar,
}

/// How far the rounds have come.
#[derive(Debug, Default)]
pub(super) struct SoFar {
    /// The last round begun.
    pub round: Option<u32>,
    /// Candidates that are still run.
    pub live: usize,
    /// Contests, by their places.
    won: Vec<usize>,
    /// Arms, by their places.
    lost: Vec<usize>,
    /// Arms that nobody asks for again, and that were closed.
    pub closed: Vec<ArmId>,
    /// They ended for what has to follow.
    pub cut_short: bool,
}

impl SoFar {
    pub(super) fn with(live: usize) -> Self {
        Self {
            live,
            ..Self::default()
        }
    }
}

impl Runner for Rounds<'_, '_> {
    type Failure = String;
    type Error = anyhow::Error;

    fn run(&mut self, turn: Turn) -> Result<Sample<String>> {
        if self.so_far.round != Some(turn.round) {
            let elapsed_s = self.bench.elapsed_s();
            if (self.ends)(elapsed_s, self.so_far.live + 1, &self.so_far.won) {
                self.so_far.cut_short = true;
                return Ok(Sample::Stop);
            }
            self.so_far.round = Some(turn.round);
            (self.on_event)(ProveEvent::Round {
                what: self.what,
                number: turn.round,
                candidates: self.so_far.live,
            });
        }
        let round = self.first_round + turn.round;
        match self.bench.run(self.arms[turn.arm], round)? {
            Run::Took(value) => Ok(Sample::Value(value)),
            Run::Stopped => Ok(Sample::Stop),
            Run::Failed(error) if turn.arm == 0 => {
                bail!("the unchanged project failed in the middle of the trials:\n{error}")
            }
            Run::Failed(error) => Ok(Sample::Failed(error)),
        }
    }

    fn settled(&mut self, contest: usize, trial: &ArmTrial<String>) {
        if matches!(trial.standing, Standing::Won) {
            self.so_far.won.push(contest);
        } else {
            self.so_far.lost.push(self.contests[contest].arm);
        }
        if let Some(verdict) = (self.verdict)(contest, trial) {
            (self.on_event)(ProveEvent::Settled(&verdict));
        }
    }

    fn left(&mut self, arm: usize) {
        self.so_far.live = self.so_far.live.saturating_sub(1);
        if self.so_far.lost.contains(&arm) {
            // Its artifacts may take a lot of room.
            self.bench.close(self.arms[arm]);
            self.so_far.closed.push(self.arms[arm]);
        }
    }
}
