//! The whole way: read, predict, build, compare, repair, grade.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::Metadata;
use pitcrew_core::manifest;

use super::before::Before;
use super::ground::Ground;
use super::outcome::Outcome;
use super::programs::Trial;
use super::request::Request;
use super::study::Study;
use super::work::Work;

/// What `rustc` says of the platform it builds for by default, or of `target`.
pub fn printed_cfg(rustc: &str, target: Option<&str>) -> Result<String> {
    let mut command = Command::new(rustc);
    command.args(["--print", "cfg"]);
    if let Some(target) = target {
        command.args(["--target", target]);
    }
    let output = command
        .output()
        .with_context(|| format!("cannot run `{rustc} --print cfg`"))?;
    if !output.status.success() {
        bail!(
            "`{rustc} --print cfg` failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether the workspace uses cargo's first resolver.
pub fn uses_first_resolver(metadata: &Metadata) -> bool {
    let path = metadata.workspace_root.join("Cargo.toml");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let said = ["workspace", "package"].iter().find_map(|table| {
        let value = manifest::lookup(&text, &[table, "resolver"])?;
        Some(value.as_str()?.to_owned())
    });
    match said {
        Some(resolver) => resolver == "1",
        None => {
            let root = metadata.packages.iter().find(|p| p.manifest_path == path);
            root.is_none_or(|root| root.edition < cargo_metadata::Edition::E2021)
        }
    }
}

/// How it is known what a change does.
pub enum Way<'a> {
    /// By reading alone.
    Reading,
    /// By what the project's programs were, and what they are with fewer features.
    Building(&'a Before, &'a mut dyn Trial),
}

/// The minimal features of all dependencies of a workspace.
pub fn minimal(
    ground: &Ground<'_>,
    study: Study<'_>,
    request: &Request,
    way: Way<'_>,
) -> Result<Outcome> {
    let mut texts = ground.texts.clone();
    texts.extend(request.base.clone());
    let mut work = Work {
        root: &ground.metadata.workspace_root,
        request,
        study,
        texts: &texts,
        outcome: Outcome::default(),
    };
    work.study.leave(&request.left);
    match way {
        Way::Building(before, trial) => work.proven(before, trial)?,
        Way::Reading => {
            work.study.claim_all();
            let altered = work.study.settle(None, request.accept);
            work.study.drop_idle();
            work.report(&altered, None, None)?;
        }
    }
    Ok(work.outcome)
}
