//! Recordings and proofs under the names that this plugin keeps them by.

use anyhow::Result;
use pitcrew_core::recording::Recording;
use pitcrew_core::store::Store;

use crate::goal::Goal;
use crate::prove::Proof;

const REBUILD: &str = "recording-rebuild";

/// The recording of this world, if one is kept and readable.
pub fn recording(store: &Store, goal: Goal, key: &str) -> Option<Recording> {
    Recording::load(&store.path(&recording_name(goal))).filter(|recording| recording.key == key)
}

pub fn keep_recording(store: &Store, goal: Goal, recording: &Recording) -> Result<()> {
    recording.save(&store.path(&recording_name(goal)))
}

/// The recorded rebuild after an edit, if one is kept and readable.
pub fn rebuild(store: &Store, key: &str) -> Option<Recording> {
    Recording::load(&store.path(REBUILD)).filter(|recording| recording.key == key)
}

pub fn keep_rebuild(store: &Store, recording: &Recording) -> Result<()> {
    recording.save(&store.path(REBUILD))
}

/// The proof of this world, if one is kept and readable.
pub fn proof(store: &Store, goal: Goal, key: &str) -> Option<Proof> {
    store.load(&proof_name(goal), key)
}

pub fn keep_proof(store: &Store, goal: Goal, key: &str, proof: &Proof) -> Result<()> {
    store.keep(&proof_name(goal), key, proof)
}

/// Recordings differ by what is built, not by what is timed.
fn recording_name(goal: Goal) -> String {
    format!("recording-{}", goal.recorded_build())
}

fn proof_name(goal: Goal) -> String {
    format!("proof-{}", goal.name())
}
