//! The whole way: read, predict, build, compare, repair, grade.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::Metadata;
use pitcrew_core::cargo::BuildEvent;
use pitcrew_core::manifest;

use super::condition::Setting;
use super::entries::{self, Texts};
use super::graph::{Graph, Host};
use super::outcome::Outcome;
use super::request::Request;
use super::study::Study;
use super::work::Work;
use crate::gates::Library;
use crate::gates::cfg::Platform;

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

/// The minimal features of all dependencies of a workspace.
pub fn minimal(request: &Request<'_>, progress: &mut dyn FnMut(&BuildEvent)) -> Result<Outcome> {
    let host = Host::parse(&request.triple, &request.printed_cfg);
    let graph = Graph::new(
        request.metadata,
        &host,
        uses_first_resolver(request.metadata),
    );
    let library = Library::new(graph.sources());
    let texts = manifests(&graph, &request.metadata.workspace_root)?;
    let root = request.metadata.workspace_root.join("Cargo.toml");
    let entries = entries::read(&graph, &root, &texts);
    let setting = Setting {
        platform: Platform::parse(&request.printed_cfg),
        flags: None,
    };
    let roots = request.roots.resolve(&graph);
    let mut study = Study::new(&graph, &library, &entries, setting, &roots);
    study.leave(&request.left);
    let mut texts = texts;
    texts.extend(request.base.clone());
    let mut work = Work {
        request,
        study,
        texts: &texts,
        outcome: Outcome::default(),
    };
    if request.build {
        work.proven(progress)?;
    } else {
        work.study.gather(request.uses);
        work.study.claim_all();
        let altered = work.study.settle(None, request.accept);
        work.study.drop_idle();
        work.report(&altered, None, None)?;
    }
    Ok(work.outcome)
}

fn manifests(graph: &Graph, root: &Utf8Path) -> Result<Texts> {
    let members = graph.members.iter();
    let mut paths: BTreeSet<Utf8PathBuf> = members
        .map(|member| graph.packages[*member].folder.join("Cargo.toml"))
        .collect();
    paths.insert(root.join("Cargo.toml"));
    let read = |path: Utf8PathBuf| {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        Ok((path, text))
    };
    paths.into_iter().map(read).collect()
}
