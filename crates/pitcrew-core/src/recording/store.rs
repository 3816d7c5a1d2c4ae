//! Recordings on disk, and the key that tells whether one is still true.

use anyhow::{Context as _, Result};
use camino::Utf8Path;
use sha2::{Digest as _, Sha256};

use super::{RECORDING_SCHEMA, Recording};
use crate::whole_file;

impl Recording {
    /// Writes it as JSON, wholly or not at all.
    pub fn save(&self, path: &Utf8Path) -> Result<()> {
        let write = || -> Result<()> {
            let dir = path.parent().context("it has no directory")?;
            std::fs::create_dir_all(dir)?;
            let bytes = serde_json::to_vec(self)?;
            whole_file::write(path, |out| out.write_all(&bytes))?;
            Ok(())
        };
        write().with_context(|| format!("cannot keep the recording in {path}"))
    }

    /// Reads it; none where there is none that this version can read.
    pub fn load(path: &Utf8Path) -> Option<Self> {
        let recording: Self = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
        let whole = recording
            .units
            .iter()
            .flat_map(|unit| &unit.deps)
            .all(|dep| dep.unit < recording.units.len());
        (recording.schema == RECORDING_SCHEMA && whole).then_some(recording)
    }
}

/// A key over all parts, each with its length, so that no two lists of parts look alike.
pub fn key<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording() -> Recording {
        Recording {
            schema: RECORDING_SCHEMA,
            created: 1,
            command: "cargo build".to_owned(),
            rustc: "rustc 1.95.0".to_owned(),
            profile: "dev".to_owned(),
            key: key([&b"a"[..]]),
            cores: 2,
            jobs: 2,
            memory_bytes: 0,
            wall_s: 1.5,
            target_bytes: None,
            cache: None,
            units: Vec::new(),
        }
    }

    #[test]
    fn what_was_saved_is_loaded() {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(dir.path()).unwrap().join("new/r.json");
        recording().save(&path).unwrap();
        assert_eq!(Recording::load(&path), Some(recording()));
        assert_eq!(
            std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1
        );
    }

    #[test]
    fn what_cannot_be_read_is_absent() {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(dir.path()).unwrap().join("r.json");
        assert_eq!(Recording::load(&path), None);
        std::fs::write(&path, "{\"schema\":").unwrap();
        assert_eq!(Recording::load(&path), None);
        let other = Recording {
            schema: RECORDING_SCHEMA + 1,
            ..recording()
        };
        other.save(&path).unwrap();
        assert_eq!(Recording::load(&path), None);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = Utf8Path::from_path(dir.path()).unwrap().join("file");
        std::fs::write(&file, "").unwrap();
        let error = recording().save(&file.join("r.json")).unwrap_err();
        assert!(error.to_string().contains("file/r.json"), "{error}");
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_eq!(key([&b"ab"[..], b"c"]), key([&b"ab"[..], b"c"]));
        assert_ne!(key([&b"ab"[..], b"c"]), key([&b"a"[..], b"bc"]));
        assert_eq!(key([]).len(), 64);
    }
}
