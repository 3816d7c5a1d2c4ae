//! What a change is worth before it is tried: the recorded graph is replayed with the units scaled
//! by what the change is known to do. A prediction only orders the trials; it never stands for one.

use std::collections::BTreeMap;

use crate::finding::Evidence;
use crate::recording::{Recording, Unit, UnitKind};

use super::whatif::{Model, Scale, Scenario};

/// A change with a known effect on the phases of the units that it concerns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effect {
    /// The links take no time at all: the most that any linker can be worth.
    FreeLinks,
    /// The phases take this much of their time, as the same change did elsewhere.
    Phases {
        on: Concerned,
        codegen: f64,
        /// Of every unit that links, for a link reads what all units wrote.
        link: f64,
    },
}

/// Whose code generation a change bears on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concerned {
    Everyone,
    /// All that is not the workspace's own, compiled for the target.
    Dependencies,
}

impl Effect {
    fn scale(self, unit: &Unit) -> Option<Scale> {
        match self {
            Self::FreeLinks => unit.link_s.map(|_| Scale {
                link: 0.0,
                ..Scale::NONE
            }),
            Self::Phases { on, codegen, link } => {
                let compiled = unit.kind != UnitKind::RunBuildScript;
                let concerned = match on {
                    Concerned::Everyone => compiled,
                    Concerned::Dependencies => compiled && !unit.member && !unit.for_host,
                };
                let scale = Scale {
                    codegen: if concerned { codegen } else { 1.0 },
                    link: if unit.link_s.is_some() { link } else { 1.0 },
                    ..Scale::NONE
                };
                (scale != Scale::NONE).then_some(scale)
            }
        }
    }

    fn model(self) -> &'static str {
        match self {
            Self::FreeLinks => "replay with links that take no time, the most a linker can gain",
            Self::Phases { .. } => "replay with phases scaled as the change did elsewhere",
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
        model: effect.model().to_owned(),
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

    #[test]
    fn only_the_concerned_get_cheaper_but_every_link_does() {
        let mut recording = synthetic::chain(&[2.0, 2.0]);
        recording.units[1].member = true;
        recording.units[1].link_s = Some(1.0);
        let effect = |on| Effect::Phases {
            on,
            codegen: 0.5,
            link: 0.5,
        };
        let ratio = |on| match predict(&recording, effect(on)) {
            Some(Evidence::Predicted { ratio, .. }) => ratio,
            other => panic!("{other:?}"),
        };
        assert!((ratio(Concerned::Everyone) - 0.5).abs() < 1e-6);
        assert!((ratio(Concerned::Dependencies) - 2.5 / 4.0).abs() < 1e-6);
    }
}
