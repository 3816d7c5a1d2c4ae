//! Profiles under the names that they are kept by, below the target directory; outside a workspace in
//! cargo's home.

use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::nearest::suggestion;
use pitcrew_core::store::Store;
use pitcrew_core::workspace::{self, LoadOptions};

use crate::names::origin::Places;
use crate::profile::Profile;

/// Raised when a kept profile would be read wrongly.
const FORMAT: &str = "1";
const LAST: &str = "last";

/// Where one workspace's profiles and symbols are kept, and where its sources lie.
#[derive(Debug, Clone)]
pub struct Kept {
    pub root: Utf8PathBuf,
    pub places: Places,
    folder: Utf8PathBuf,
}

impl Kept {
    pub fn new(root: &Utf8Path, target_dir: &Utf8Path, places: Places) -> Self {
        Self {
            root: root.to_owned(),
            folder: target_dir.to_owned(),
            places,
        }
    }

    /// That of the workspace around the current folder. A process or a file can be looked at outside
    /// any workspace too.
    pub fn here(manifest_path: Option<&Utf8Path>) -> Result<Self> {
        let cwd = workspace::current_dir()?;
        let options = LoadOptions {
            cwd: cwd.clone(),
            manifest_path: manifest_path.map(Utf8Path::to_owned),
            no_deps: true,
            ..LoadOptions::default()
        };
        match workspace::load(&options) {
            Ok(workspace) => {
                let places = crate::observe::places::of(&workspace);
                Ok(Self::new(&workspace.root, &workspace.target_dir, places))
            }
            Err(error) if manifest_path.is_some() => Err(error),
            Err(_) => {
                let home = std::env::var("CARGO_HOME").ok().or_else(|| {
                    let home = std::env::var("HOME").ok()?;
                    Some(format!("{home}/.cargo"))
                });
                let home = home.context("neither CARGO_HOME nor HOME is set: set CARGO_HOME")?;
                Ok(Self::new(&cwd, Utf8Path::new(&home), Places::default()))
            }
        }
    }

    pub fn symbols(&self) -> Store {
        Store::new(&self.folder, "hotpath/symbols")
    }

    /// The folder of the compiled recorder of allocations.
    pub fn heap_recorder(&self) -> Utf8PathBuf {
        self.folder.join("pitcrew/hotpath/heap-recorder")
    }

    fn profiles(&self) -> Store {
        Store::new(&self.folder, "hotpath/profiles")
    }

    pub fn keep_last(&self, profile: &Profile) -> Result<()> {
        self.profiles().keep(LAST, FORMAT, profile)
    }

    pub fn save(&self, name: &str) -> Result<()> {
        check_name(name)?;
        let last = self.load(None)?;
        self.profiles().keep(&file_name(name), FORMAT, &last)
    }

    /// The profile saved under `name`, or the last.
    pub fn load(&self, name: Option<&str>) -> Result<Profile> {
        let file = match name {
            Some(name) => {
                check_name(name)?;
                file_name(name)
            }
            None => LAST.to_owned(),
        };
        let loaded: Option<Profile> = self.profiles().load(&file, FORMAT);
        if let Some(profile) = loaded.filter(Profile::is_sound) {
            return Ok(profile);
        }
        match name {
            Some(name) => {
                let saved = self.saved();
                let hint = suggestion(name, saved.iter().map(String::as_str));
                bail!(
                    "no profile is saved under `{name}`{hint}\nkeep the last one with `cargo hotpath \
                     save {name}`"
                )
            }
            None => bail!("there is no profile yet: record one with `cargo hotpath -- ARGS`"),
        }
    }

    fn saved(&self) -> Vec<String> {
        let path = self.profiles().path(LAST);
        let entries = path.parent().and_then(|folder| folder.read_dir_utf8().ok());
        let names = entries.into_iter().flatten().filter_map(|entry| {
            let name = entry.ok()?.file_name().to_owned();
            Some(
                name.strip_prefix("saved-")?
                    .strip_suffix(".json")?
                    .to_owned(),
            )
        });
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}

fn file_name(name: &str) -> String {
    format!("saved-{name}")
}

/// A name becomes a file's.
fn check_name(name: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    ensure!(
        !name.is_empty() && name.len() <= 100 && name.chars().all(plain),
        "`{name}` cannot be a profile's name: use letters, digits, `-`, `_` and `.`"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_comes_back_and_what_is_not_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let kept = Kept::new(folder, folder, Places::default());
        let missing = kept.load(None).unwrap_err().to_string();
        assert!(missing.contains("no profile yet"), "{missing}");
        let profile = Profile::default();
        kept.keep_last(&profile).unwrap();
        kept.save("before").unwrap();
        assert_eq!(kept.load(Some("before")).unwrap(), profile);
        let missing = kept.load(Some("befor")).unwrap_err().to_string();
        assert!(missing.contains("before"), "{missing}");
        assert!(kept.save("../x").is_err());
    }
}
