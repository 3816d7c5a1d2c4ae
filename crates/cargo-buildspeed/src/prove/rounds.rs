//! Runs the arms of a batch in rounds, on the bench.

use anyhow::{Result, bail};
use pitcrew_core::measure::{ArmTrial, Runner, Sample, Standing, Turn};

use super::bench::{ArmId, Bench, Run};
use super::{LeverVerdict, ProveEvent};

pub(super) struct Rounds<'a, 'b> {
    pub bench: &'a mut dyn Bench,
    pub on_event: &'a mut dyn FnMut(ProveEvent<'_>),
    /// The baseline first.
    pub arms: Vec<ArmId>,
    /// Added to the rounds' numbers, as an arm may have been run before.
    pub first_round: u32,
    /// What a finished trial says of a candidate, by its place among the candidates.
    pub verdict: &'b dyn Fn(usize, &ArmTrial<String>) -> Option<LeverVerdict>,
    pub live: usize,
    /// The last round begun.
    pub round: Option<u32>,
}

impl Runner for Rounds<'_, '_> {
    type Failure = String;
    type Error = anyhow::Error;

    fn run(&mut self, turn: Turn) -> Result<Sample<String>> {
        if self.round != Some(turn.round) {
            self.round = Some(turn.round);
            (self.on_event)(ProveEvent::Round {
                number: turn.round,
                candidates: self.live,
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

    fn settled(&mut self, arm: usize, trial: &ArmTrial<String>) {
        self.live = self.live.saturating_sub(1);
        if !matches!(trial.standing, Standing::Won) {
            // Its artifacts may take a lot of room, and nobody asks for them again.
            self.bench.close(self.arms[arm]);
        }
        if let Some(verdict) = (self.verdict)(arm - 1, trial) {
            (self.on_event)(ProveEvent::Settled(&verdict));
        }
    }
}
