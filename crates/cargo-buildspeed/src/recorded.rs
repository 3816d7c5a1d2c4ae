//! What a recorded build says of a scenario: the work in its units, and how much of that a rule's
//! subject makes up. A lever on less than [`WORTH_A_TRIAL`] of the work cannot show in a timing.

use pitcrew_core::finding::Evidence;
use pitcrew_core::recording::{Recording, Unit, UnitKind};

use crate::facts::Facts;
use crate::goal::Goal;

/// The share of a scenario's work below which a change is lost in a timing's noise.
pub const WORTH_A_TRIAL: f64 = 0.02;

/// Whether a unit is built again in the scenario of `goal`.
pub fn in_scenario(unit: &Unit, goal: Goal) -> bool {
    match goal {
        Goal::Edit => unit.member && !unit.for_host && unit.kind != UnitKind::RunBuildScript,
        _ => true,
    }
}

/// Seconds of work in the units of the scenario that `wanted` names.
pub fn work_s(recording: &Recording, goal: Goal, wanted: impl Fn(&Unit) -> bool) -> f64 {
    recording
        .units
        .iter()
        .filter(|unit| in_scenario(unit, goal) && wanted(unit))
        .map(Unit::duration_s)
        .filter(|seconds| seconds.is_finite() && *seconds > 0.0)
        .sum()
}

/// A part of a scenario's work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    pub seconds: f64,
    pub of_seconds: f64,
    /// Of a recorded rebuild, not of a clean build.
    pub of_rebuild: bool,
}

impl Part {
    pub fn of(recording: &Recording, goal: Goal, wanted: impl Fn(&Unit) -> bool) -> Self {
        Self {
            seconds: work_s(recording, goal, wanted),
            of_seconds: work_s(recording, goal, |_| true),
            of_rebuild: false,
        }
    }

    pub fn share(self) -> f64 {
        if self.of_seconds > 0.0 {
            self.seconds / self.of_seconds
        } else {
            0.0
        }
    }

    pub fn is_worth_a_trial(self) -> bool {
        self.share() >= WORTH_A_TRIAL
    }

    /// `linking took 4.2 s of the 21.6 s of work in the recorded build`.
    pub fn evidence(self, what: &str, goal: Goal) -> Evidence {
        let of = match goal {
            _ if self.of_rebuild => "in the rebuild after an edit",
            Goal::Edit => "in the workspace's own units",
            _ => "in all units",
        };
        let fact = format!(
            "{what} took {:.1} s of the {:.1} s of work {of}",
            self.seconds, self.of_seconds
        );
        Evidence::Recorded { fact }
    }
}

/// The linker's part of the goal's scenario; none where no link was observed.
pub fn linking(facts: &Facts) -> Option<Part> {
    let recording = facts.scenario_recording()?;
    let links = recording.units.iter().filter_map(|unit| {
        let in_scenario = in_scenario(unit, facts.goal);
        unit.link_s.filter(|_| in_scenario)
    });
    let links: Vec<f64> = links.collect();
    (!links.is_empty()).then(|| Part {
        seconds: links.iter().sum(),
        of_seconds: work_s(recording, facts.goal, |_| true),
        of_rebuild: facts.goal == Goal::Edit && facts.rebuild.is_some(),
    })
}

/// Whether a unit compiles code of a dependency for the target.
pub fn is_dependency(unit: &Unit) -> bool {
    !unit.member && unit.kind != UnitKind::RunBuildScript
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_nothing_is_worth_nothing() {
        let part = Part {
            seconds: 0.0,
            of_seconds: 0.0,
            of_rebuild: false,
        };
        assert!(!part.is_worth_a_trial());
    }

    #[test]
    fn the_evidence_names_both_figures() {
        let part = Part {
            seconds: 4.2,
            of_seconds: 21.6,
            of_rebuild: false,
        };
        let Evidence::Recorded { fact } = part.evidence("linking", Goal::Clean) else {
            unreachable!("a part is recorded");
        };
        assert_eq!(
            fact,
            "linking took 4.2 s of the 21.6 s of work in all units"
        );
    }
}
