//! What trials need of the world: arms that can be made, built, run and thrown away, and a clock.

use anyhow::Result;

use crate::lever::{Lever, Reuse};

/// Names an arm from its opening to its closing.
pub type ArmId = usize;

/// What an arm is.
#[derive(Debug, Clone)]
pub struct ArmPlan<'a> {
    /// None for the baseline.
    pub levers: Vec<&'a Lever>,
    pub start: Start,
}

/// Where an arm starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// From a copy of the sources with the levers' changes written in them, and no artifacts.
    Clean,
    /// From the baseline's sources and a copy of its artifacts; what the levers' [`Reuse`] says is
    /// added to each build.
    Baseline,
}

/// How a build or a run went.
#[derive(Debug, Clone, PartialEq)]
pub enum Run {
    /// Seconds, or bytes.
    Took(f64),
    /// It failed with this message.
    Failed(String),
    /// It was ended: the time was up, or the user has had enough.
    Stopped,
}

/// The world of the trials. An error ends them all.
pub trait Bench {
    fn open(&mut self, plan: &ArmPlan<'_>) -> Result<ArmId>;

    /// The arm's clean build, in seconds; whatever was built before is thrown away.
    fn build_clean(&mut self, arm: ArmId) -> Result<Run>;

    /// One run of the goal's scenario. `round` differs from that of every earlier run.
    fn run(&mut self, arm: ArmId, round: u32) -> Result<Run>;

    fn close(&mut self, arm: ArmId);

    /// Seconds since the trials began.
    fn elapsed_s(&self) -> f64;

    /// Runs end by themselves when this much has elapsed.
    fn set_deadline(&mut self, deadline_s: f64);

    fn is_interrupted(&self) -> bool;

    /// For how many more arms like the baseline there is room.
    fn room_for_arms(&self) -> usize;
}

impl ArmPlan<'_> {
    /// As a progress display names it.
    pub fn title(&self) -> String {
        match self.levers.as_slice() {
            [] => "baseline".to_owned(),
            [lever] => lever.title.clone(),
            levers => format!("{} changes together", levers.len()),
        }
    }

    /// Whether builds ask a compilation cache that the trial fills first.
    pub fn fills_cache(&self) -> bool {
        self.levers.iter().any(|lever| is_cache(lever))
    }
}

pub(super) fn is_cache(lever: &Lever) -> bool {
    lever.tool.as_deref() == Some("sccache")
}

/// Whether a rebuild after an edit can start from the baseline's artifacts.
pub(super) fn shares_artifacts(lever: &Lever) -> bool {
    lever.reuse != Reuse::Nothing && !is_cache(lever)
}
