//! Keeps recordings and proofs between calls, below cargo's target directory: they are as old as the
//! artifacts beside them, and `cargo clean` takes them along.

use std::fs;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::recording::{RECORDING_SCHEMA, Recording};
use serde::{Deserialize, Serialize};

use crate::goal::Goal;
use crate::prove::Proof;

/// What is kept for one workspace.
#[derive(Debug, Clone)]
pub struct Store {
    folder: Utf8PathBuf,
}

/// A proof with the key of the world that it was made in.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptProof {
    key: String,
    proof: Proof,
}

impl Store {
    pub fn new(target_dir: &Utf8Path) -> Self {
        Self {
            folder: target_dir.join("pitcrew").join("buildspeed"),
        }
    }

    /// The recording of this world, if one is kept and readable.
    pub fn recording(&self, goal: Goal, key: &str) -> Option<Recording> {
        let text = fs::read_to_string(self.recording_path(goal)).ok()?;
        let recording: Recording = serde_json::from_str(&text).ok()?;
        (recording.schema == RECORDING_SCHEMA && recording.key == key).then_some(recording)
    }

    pub fn keep_recording(&self, goal: Goal, recording: &Recording) -> Result<()> {
        self.write(&self.recording_path(goal), &serde_json::to_vec(recording)?)
    }

    /// The proof of this world, if one is kept and readable.
    pub fn proof(&self, goal: Goal, key: &str) -> Option<Proof> {
        let text = fs::read_to_string(self.proof_path(goal)).ok()?;
        let kept: KeptProof = serde_json::from_str(&text).ok()?;
        (kept.key == key).then_some(kept.proof)
    }

    pub fn keep_proof(&self, goal: Goal, key: &str, proof: &Proof) -> Result<()> {
        let kept = KeptProof {
            key: key.to_owned(),
            proof: proof.clone(),
        };
        self.write(&self.proof_path(goal), &serde_json::to_vec(&kept)?)
    }

    /// Recordings differ by what is built, not by what is timed.
    fn recording_path(&self, goal: Goal) -> Utf8PathBuf {
        self.folder
            .join(format!("recording-{}.json", goal.recorded_build()))
    }

    fn proof_path(&self, goal: Goal) -> Utf8PathBuf {
        self.folder.join(format!("proof-{}.json", goal.name()))
    }

    /// Whole or not at all: another call may be reading.
    fn write(&self, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot create {}", self.folder))?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)
            .with_context(|| format!("cannot write into {}", self.folder))?;
        std::io::Write::write_all(&mut file, bytes)
            .with_context(|| format!("cannot write {path}"))?;
        file.persist(path)
            .with_context(|| format!("cannot write {path}"))?;
        Ok(())
    }
}
