//! One arm on disk: a copy of the sources, the levers' changes written in it, and a target directory.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::manifest::{self, TomlChange};
use pitcrew_core::scratch;
use pitcrew_core::wrapper::Injection;

use super::bench::ArmPlan;
use super::cache::PrivateCache;
use crate::lever::{Lever, Reuse, SettingFile};

#[derive(Debug)]
pub(super) struct Arm {
    /// Everything that is this arm's alone.
    pub dir: Utf8PathBuf,
    /// The workspace root, shared with the baseline where the arm started from its artifacts.
    pub root: Utf8PathBuf,
    pub target: Utf8PathBuf,
    pub inject: Injection,
    pub env: Vec<(String, String)>,
    /// A compilation cache of its own, where a lever asks for one.
    pub cache: Option<PrivateCache>,
}

impl Arm {
    /// Copies `sources`, a whole scratch copy in which the workspace lies at `root`, to `dir`, and
    /// writes the plan's changes.
    pub(super) fn clean(
        dir: &Utf8Path,
        sources: &Utf8Path,
        root: &Utf8Path,
        plan: &ArmPlan<'_>,
    ) -> Result<Self> {
        let copy = dir.join("w");
        fs::create_dir_all(&copy).with_context(|| format!("cannot make {copy}"))?;
        scratch::copy_target(sources, &copy)?;
        let root = copy.join(root);
        for (file, changes) in by_file(&root, &plan.levers) {
            write_changes(&file, &changes)?;
        }
        let cache = plan
            .fills_cache()
            .then(|| PrivateCache::new(dir))
            .transpose()?;
        Ok(Self {
            target: dir.join("t"),
            dir: dir.to_owned(),
            root,
            inject: Injection::default(),
            env: Vec::new(),
            cache,
        })
    }

    /// Copies the artifacts of `baseline` to `dir`; the sources stay shared.
    pub(super) fn sharing(dir: &Utf8Path, baseline: &Self, plan: &ArmPlan<'_>) -> Result<Self> {
        let target = dir.join("t");
        fs::create_dir_all(&target).with_context(|| format!("cannot make {target}"))?;
        scratch::copy_target(&baseline.target, &target)?;
        let mut inject = Injection::default();
        let mut env = Vec::new();
        for lever in &plan.levers {
            match &lever.reuse {
                Reuse::Nothing => {}
                Reuse::RustcArgs(args) => inject.rustc_args.extend_from_slice(args),
                Reuse::LinkArgs(args) => inject.link_args.extend_from_slice(args),
                Reuse::Env(variables) => env.extend_from_slice(variables),
            }
        }
        Ok(Self {
            target,
            dir: dir.to_owned(),
            root: baseline.root.clone(),
            inject,
            env,
            cache: None,
        })
    }

    /// Makes the next build a clean one.
    pub(super) fn empty_target(&self) -> Result<()> {
        match fs::remove_dir_all(&self.target) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(e).with_context(|| format!("cannot empty {}", self.target))
            }
            _ => Ok(()),
        }
    }
}

fn by_file(root: &Utf8Path, levers: &[&Lever]) -> BTreeMap<Utf8PathBuf, Vec<TomlChange>> {
    let mut files: BTreeMap<Utf8PathBuf, Vec<TomlChange>> = BTreeMap::new();
    for setting in levers.iter().flat_map(|lever| &lever.changes) {
        let file = match &setting.file {
            SettingFile::RootManifest => root.join("Cargo.toml"),
            SettingFile::MemberManifest(path) => root.join(path),
            SettingFile::CargoConfig => config_file(root),
        };
        files.entry(file).or_default().push(setting.change.clone());
    }
    files
}

/// Cargo reads only the older name where both are there.
fn config_file(root: &Utf8Path) -> Utf8PathBuf {
    let dir = root.join(".cargo");
    let older = dir.join("config");
    if older.is_file() {
        older
    } else {
        dir.join("config.toml")
    }
}

fn write_changes(file: &Utf8Path, changes: &[TomlChange]) -> Result<()> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(e).with_context(|| format!("cannot read {file}")),
    };
    let changed = manifest::change(&text, changes)
        .with_context(|| format!("cannot change the scratch copy {file}"))?;
    scratch::write(file, &changed)
}
