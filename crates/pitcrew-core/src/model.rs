//! What a recorded build tells: pure functions from a recording to figures. None of them looks at
//! the world, and none can fail: a recording with nonsense in it gives poor figures, not an error.

pub mod critical_path;
pub mod dominators;
pub mod effects;
pub mod memory;
pub mod parallelism;
pub mod steps;
pub mod summary;
pub mod whatif;

pub mod graph;
#[cfg(any(test, feature = "synthetic"))]
pub mod synthetic;
mod work;

use crate::recording::Recording;
use serde::Serialize;

use critical_path::CriticalPath;
use dominators::{DirectDependency, PackageNode};
use memory::Memory;
use parallelism::Parallelism;
use summary::Summary;
use whatif::{Model, Prediction, ReplayCheck, Scenario};

/// Every analysis of one recording: what the report and the page are made from.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Analyses {
    pub summary: Summary,
    pub critical_path: CriticalPath,
    pub parallelism: Parallelism,
    pub memory: Memory,
    pub direct_dependencies: Vec<DirectDependency>,
    pub replay_check: ReplayCheck,
    /// The build on other numbers of cores, as asked for.
    pub what_if: Vec<Prediction>,
}

/// Analyses `recording`. `packages` is the workspace's graph ([`dominators::packages`], or
/// [`dominators::recorded_packages`] where only the recording is at hand); `cores` are the numbers
/// of cores to predict for.
pub fn analyse(recording: &Recording, packages: &[PackageNode], cores: &[u32]) -> Analyses {
    let model = Model::new(recording);
    let on_cores = |&cores: &u32| model.replay(&Scenario::on_cores(cores));
    Analyses {
        summary: summary::summary(recording),
        critical_path: critical_path::critical_path(recording),
        parallelism: parallelism::parallelism(recording),
        memory: memory::memory(recording),
        direct_dependencies: dominators::direct_dependencies(recording, packages),
        replay_check: model.check(),
        what_if: cores.iter().map(on_cores).collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_recording_is_analysed(recording in synthetic::arbitrary(), cores in any::<u32>()) {
            let packages = dominators::recorded_packages(&recording);
            let analyses = analyse(&recording, &packages, &[cores, 0]);
            // JSON has no word for infinity: serde_json would write null.
            let json = serde_json::to_string(&analyses).unwrap();
            prop_assert!(analyses.summary.wall_s.is_finite());
            prop_assert!(!json.contains("\"wall_s\":null"), "{}", json);
        }
    }

    #[test]
    fn the_replay_of_realistic_builds_is_near_what_was_recorded() {
        for seed in 0..20 {
            let recording = synthetic::generate(seed, 80, 4);
            let check = whatif::check(&recording);
            assert!(check.error.abs() < 0.25, "seed {seed}: {check:?}");
        }
    }
}
