//! Turns the world into [`Facts`]: manifests, configuration, sources, IDE settings. What cannot be
//! read becomes *unknown*, never an error: a build that works must not fail to be judged.
//!
//! What depends on the machine or needs a build is not observed here but handed in as a [`World`],
//! so that rules are tested on fixture workspaces with any platform and any recording.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use camino::Utf8Path;
use cargo_metadata::{Metadata, MetadataCommand};
use pitcrew_core::config::EffectiveConfig;
use pitcrew_core::machine::Machine;
use pitcrew_core::recording::Recording;
use pitcrew_core::toolchain::Toolchain;

use crate::facts::{Antivirus, Facts};
use crate::goal::Goal;

pub mod antivirus;
pub mod environment;
pub mod hot_file;
pub mod ide;
pub mod profiles;
pub mod sources;
pub mod workspace;

/// All that [`observe`] does not read from the workspace itself.
#[derive(Debug, Clone)]
pub struct World {
    pub goal: Goal,
    pub config: EffectiveConfig,
    pub toolchain: Toolchain,
    pub machine: Machine,
    /// The process's environment; only what bears on a build is kept.
    pub env: BTreeMap<String, String>,
    pub recording: Option<Recording>,
    pub rebuild: Option<Recording>,
    pub antivirus: Antivirus,
}

/// The facts about the workspace that `metadata` describes.
pub fn observe(metadata: &Metadata, world: World) -> Facts {
    let env = environment::relevant(&world.env);
    let mut workspace = workspace::facts(metadata, world.recording.as_ref());
    workspace.ide = ide::observe(&workspace.root, &world.env);
    let profiles = profiles::resolve(&workspace.root_manifest, &workspace.members, &world.config);
    Facts {
        goal: world.goal,
        workspace,
        config: world.config,
        profiles,
        toolchain: world.toolchain,
        machine: world.machine,
        env,
        recording: world.recording,
        rebuild: world.rebuild,
        antivirus: world.antivirus,
    }
}

/// The facts about the workspace at `root` in a given world, without building and without the
/// network.
pub fn without_build(root: &Utf8Path, world: World) -> Result<Facts> {
    let manifest = root.join("Cargo.toml");
    let mut command = MetadataCommand::new();
    command.manifest_path(&manifest);
    command.other_options(["--offline".to_owned()]);
    if !root.join("Cargo.lock").exists() {
        // Resolving would need the registry and would write a lockfile into the user's tree.
        command.no_deps();
    }
    let metadata = command
        .exec()
        .with_context(|| format!("cannot read the workspace of {manifest}"))?;
    Ok(observe(&metadata, world))
}

#[cfg(test)]
mod tests;
