//! What the model says a lever is worth, and how far off it was where a trial has measured it.

use pitcrew_core::finding::Evidence;
use pitcrew_core::model::effects;

use crate::facts::Facts;
use crate::goal::Goal;
use crate::lever::Lever;

/// The prediction for a lever whose effect is known; its error is the model's own on the recorded
/// build, and once there is a measurement, the distance to that.
pub fn evidence(lever: &Lever, facts: &Facts, measured: Option<&Evidence>) -> Option<Evidence> {
    let effect = lever.effect?;
    if facts.goal == Goal::Edit && facts.rebuild.is_none() {
        return None;
    }
    let predicted = effects::predict(facts.scenario_recording()?, effect)?;
    match (predicted, measured) {
        (
            Evidence::Predicted { model, ratio, .. },
            Some(Evidence::Measured {
                ratio: measured, ..
            }),
        ) => Some(Evidence::Predicted {
            model,
            ratio,
            error: Some((ratio - measured).abs()),
        }),
        (predicted, _) => Some(predicted),
    }
}
