//! Where settings are written: the manifests, and the project's or the user's cargo configuration.

use anyhow::Result;
use camino::Utf8PathBuf;
use pitcrew_core::apply;
use pitcrew_core::fix::Edit;
use pitcrew_core::plan::Plan;

use crate::lever::{Lever, Scope, SettingChange, SettingFile};

/// Where settings are written.
#[derive(Debug, Clone)]
pub struct Places {
    pub root: Utf8PathBuf,
    /// cargo's home, which holds the user's own configuration.
    pub cargo_home: Utf8PathBuf,
    /// What the user said; none leaves it to each lever.
    pub scope: Option<Scope>,
}

impl Places {
    /// A setting that needs a tool which teammates may lack must not break their builds: it goes
    /// to the user's configuration unless the user said otherwise.
    pub fn scope_of(&self, lever: &Lever) -> Scope {
        let usual = if lever.tool.is_some() {
            Scope::User
        } else {
            Scope::Project
        };
        self.scope.unwrap_or(usual)
    }

    /// The file that a setting is written in.
    pub fn path(&self, file: &SettingFile, scope: Scope) -> Utf8PathBuf {
        match file {
            SettingFile::RootManifest => self.root.join("Cargo.toml"),
            SettingFile::MemberManifest(path) => self.root.join(path),
            SettingFile::CargoConfig => {
                let folder = match scope {
                    Scope::Project => self.root.join(".cargo"),
                    Scope::User => self.cargo_home.clone(),
                };
                // cargo still reads the name without an ending, and prefers it where both exist.
                let legacy = folder.join("config");
                if legacy.is_file() {
                    legacy
                } else {
                    folder.join("config.toml")
                }
            }
        }
    }

    /// The plan that makes all `changes`, each with the scope it was given.
    pub fn plan(&self, changes: &[(SettingChange, Scope)]) -> Result<Plan> {
        let placed = changes
            .iter()
            .map(|(change, scope)| (self.path(&change.file, *scope), change.change.clone()));
        Plan::of_toml(placed, &apply::read)
    }

    /// The same as edits, for a finding's fix.
    pub fn edits(&self, changes: &[(SettingChange, Scope)]) -> Result<Vec<Edit>> {
        Ok(self.plan(changes)?.edits(&self.root))
    }
}
