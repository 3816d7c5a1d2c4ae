//! Keeps what was learned between calls, below cargo's target directory: it is as old as the
//! artifacts beside it, and `cargo clean` takes it along.

use std::fs;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::whole_file;

/// What one plugin keeps for one workspace.
#[derive(Debug, Clone)]
pub struct Store {
    folder: Utf8PathBuf,
}

/// A value with the key of the world that it was made in.
#[derive(Debug, Serialize, Deserialize)]
struct Kept<T> {
    key: String,
    value: T,
}

impl Store {
    pub fn new(target_dir: &Utf8Path, plugin: &str) -> Self {
        Self {
            folder: target_dir.join("pitcrew").join(plugin),
        }
    }

    /// What was kept under `name` in this world, if it is there and readable.
    pub fn load<T: DeserializeOwned>(&self, name: &str, key: &str) -> Option<T> {
        let text = fs::read_to_string(self.path(name)).ok()?;
        let kept: Kept<T> = serde_json::from_str(&text).ok()?;
        (kept.key == key).then_some(kept.value)
    }

    /// Whole or not at all: another call may be reading.
    pub fn keep<T: Serialize>(&self, name: &str, key: &str, value: &T) -> Result<()> {
        let path = self.path(name);
        let kept = Kept {
            key: key.to_owned(),
            value,
        };
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot create {}", self.folder))?;
        // Straight into the file: the text of a long profile is as large as all that it was made of.
        whole_file::write(&path, |out| Ok(serde_json::to_writer(out, &kept)?))
            .with_context(|| format!("cannot write {path}"))
    }

    /// Where a file of this name is kept.
    pub fn path(&self, name: &str) -> Utf8PathBuf {
        self.folder.join(format!("{name}.json"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_world_gets_it_back() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(Utf8Path::from_path(folder.path()).unwrap(), "t");
        assert_eq!(store.load::<u32>("a", "k"), None);
        store.keep("a", "k", &7_u32).unwrap();
        assert_eq!(store.load("a", "k"), Some(7_u32));
        assert_eq!(store.load::<u32>("a", "other"), None);
        fs::write(store.path("a"), "{").unwrap();
        assert_eq!(store.load::<u32>("a", "k"), None, "a broken file is none");
    }
}
