//! Labelled cases. `fixtures/<rule>/<case>/` is a tiny project with a `case.toml`, which says what
//! the world around it is like and what must be found there:
//!
//! ```toml
//! why = "one sentence: what makes the rule speak here, or keep silent"
//! also = ["linker:mold"]   # what other rules must say, by label
//! [world]                  # what a plugin's facts need besides the project
//! [[finds]]                # what this folder's rule must say, in detail; none: it must keep silent
//! ```
//!
//! A folder `home` in a case is cargo's home; all else is the project.

use std::fs;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;

/// The file that makes a folder a case.
pub const CASE_FILE: &str = "case.toml";

/// One case: `World` is what a plugin's facts need besides the project, `Expected` how it states a
/// finding.
#[derive(Debug)]
pub struct Case<World, Expected> {
    /// The rule that the case is about.
    pub rule: String,
    /// `linker/mold-is-installed`.
    pub name: String,
    pub dir: Utf8PathBuf,
    pub labels: Labels<World, Expected>,
}

/// What `case.toml` says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels<World, Expected> {
    pub why: String,
    pub world: World,
    #[serde(default = "Vec::new")]
    pub finds: Vec<Expected>,
    #[serde(default)]
    pub also: Vec<String>,
}

/// All cases below `fixtures`, in the order of their names.
pub fn load<World: DeserializeOwned, Expected: DeserializeOwned>(
    fixtures: &Utf8Path,
) -> Result<Vec<Case<World, Expected>>> {
    let mut cases = Vec::new();
    for rule in folders(fixtures)? {
        for name in folders(&fixtures.join(&rule))? {
            let dir = fixtures.join(&rule).join(&name);
            let path = dir.join(CASE_FILE);
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
            let labels = toml_edit::de::from_str(&text).with_context(|| format!("in {path}"))?;
            cases.push(Case {
                name: format!("{rule}/{name}"),
                rule: rule.clone(),
                dir,
                labels,
            });
        }
    }
    Ok(cases)
}

/// The names of the folders in a folder, sorted.
pub fn folders(dir: &Utf8Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let entries = dir.read_dir_utf8();
    for entry in entries.with_context(|| format!("cannot read {dir}"))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// A case's project and cargo's home in a temporary folder, where no configuration lies above them.
pub struct Stage {
    pub root: Utf8PathBuf,
    pub cargo_home: Utf8PathBuf,
    /// Where a journal may keep its entries.
    pub state: Utf8PathBuf,
    _kept: TempDir,
}

impl<World, Expected> Case<World, Expected> {
    /// Whether this folder's rule must speak here.
    pub fn is_positive(&self) -> bool {
        !self.labels.finds.is_empty()
    }

    pub fn stage(&self) -> Result<Stage> {
        let kept = tempfile::Builder::new().prefix("pitcrew-case-").tempdir()?;
        let temporary = Utf8PathBuf::try_from(kept.path().canonicalize()?)?;
        let stage = Stage {
            root: temporary.join("project"),
            cargo_home: temporary.join("home"),
            state: temporary.join("state"),
            _kept: kept,
        };
        crate::copy(&self.dir, &stage.root);
        fs::remove_file(stage.root.join(CASE_FILE))?;
        let home = stage.root.join("home");
        if home.is_dir() {
            fs::rename(home, &stage.cargo_home)?;
        } else {
            fs::create_dir(&stage.cargo_home)?;
        }
        Ok(stage)
    }
}

impl Stage {
    /// A text that does not depend on where the temporary folder is.
    pub fn shown(&self, text: &str) -> String {
        text.replace(self.cargo_home.as_str(), "~/.cargo")
            .replace(self.root.as_str(), "/project")
    }
}
