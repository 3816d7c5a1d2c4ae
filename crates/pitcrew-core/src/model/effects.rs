//! What a change is worth before it is tried: the recorded graph is replayed with the units scaled
//! by what the change is known to do. A prediction only orders the trials; it never stands for one.

use std::collections::BTreeMap;

use crate::finding::Evidence;
use crate::recording::{Recording, Unit};

use super::whatif::{Model, Scale, Scenario};

/// A change with a known effect on the phases of the units that it concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// The links take no time at all: the most that any linker can be worth.
    FreeLinks,
}

impl Effect {
    fn scale(self, unit: &Unit) -> Option<Scale> {
        match self {
            Self::FreeLinks => unit.link_s.map(|_| Scale {
                link: 0.0,
                ..Scale::NONE
            }),
        }
    }
}

/// The predicted ratio of the wall time with the effect to that without; none where no unit of the
/// recording is concerned.
pub fn predict(recording: &Recording, effect: Effect) -> Option<Evidence> {
    let units = recording.units.iter().enumerate();
    let scale: BTreeMap<usize, Scale> = units
        .filter_map(|(index, unit)| Some((index, effect.scale(unit)?)))
        .collect();
    if scale.is_empty() {
        return None;
    }
    let model = Model::new(recording);
    let as_recorded = Scenario::as_recorded(recording);
    // Against the replay, not the recorded wall: what the model gets wrong in both cancels out.
    let before_s = model.replay(&as_recorded).wall_s;
    let after_s = model
        .replay(&Scenario {
            scale,
            ..as_recorded
        })
        .wall_s;
    (before_s > 0.0).then(|| Evidence::Predicted {
        model: "replay of the recorded build".to_owned(),
        ratio: after_s / before_s,
        error: Some(model.check().error.abs()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::synthetic;

    #[test]
    fn links_on_the_critical_path_count() {
        let mut recording = synthetic::chain(&[2.0, 2.0]);
        assert_eq!(predict(&recording, Effect::FreeLinks), None);
        recording.units[1].link_s = Some(1.0);
        let Some(Evidence::Predicted { ratio, error, .. }) = predict(&recording, Effect::FreeLinks)
        else {
            panic!("a prediction");
        };
        assert!((ratio - 0.75).abs() < 1e-6);
        assert!(error.unwrap() < 1e-6);
    }
}
