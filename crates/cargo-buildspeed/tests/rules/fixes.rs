//! What a fix does to the files: its diff, and whether it holds what fixes promise.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use cargo_buildspeed::lever::{Proposal, Remedy, Scope, SettingChange};
use cargo_buildspeed::{observe, report, rules};
use pitcrew_core::fix;
use pitcrew_core::journal::Journal;
use pitcrew_core::plan::Plan;
use toml_edit::DocumentMut;

use crate::Judged;
use crate::expected::label;

/// The changes of a proposal's remedy, each with the scope that it is written in.
fn changes(judged: &Judged<'_>, proposal: &Proposal) -> Vec<(SettingChange, Scope)> {
    let (changes, scope) = match &proposal.remedy {
        Remedy::Advice => return Vec::new(),
        Remedy::Settled(changes) | Remedy::Offered(changes) => (changes, Scope::Project),
        Remedy::Trial(lever) => (&lever.changes, judged.places().scope_of(lever)),
    };
    changes
        .iter()
        .map(|change| (change.clone(), scope))
        .collect()
}

/// The diff of a proposal's fix; none where it has none.
pub fn diff(judged: &Judged<'_>, proposal: &Proposal) -> Option<String> {
    let plan = judged.places().plan(&changes(judged, proposal)).unwrap();
    let mut out = Vec::new();
    plan.diff(&judged.stage.root, false, &mut out).unwrap();
    let text = judged.stage.shown(&String::from_utf8(out).unwrap());
    (!text.is_empty()).then_some(text)
}

/// How many fixes the case's own rule makes, and what is wrong with them. Those of other rules are
/// checked in their own cases.
pub fn check(judged: &Judged<'_>) -> (usize, Vec<String>) {
    let fixes: Vec<(&Proposal, Vec<(SettingChange, Scope)>)> = judged
        .proposals
        .iter()
        .filter(|proposal| proposal.finding.rule == judged.case.rule)
        .map(|proposal| (proposal, changes(judged, proposal)))
        .filter(|(_, changes)| !changes.is_empty())
        .collect();
    let wrong = fixes.iter().filter_map(|(proposal, changes)| {
        let error = check_one(judged, proposal, changes).err()?;
        Some(format!(
            "{}: {}: {error}",
            judged.case.name,
            label(proposal)
        ))
    });
    (fixes.len(), wrong.collect())
}

fn check_one(
    judged: &Judged<'_>,
    proposal: &Proposal,
    changes: &[(SettingChange, Scope)],
) -> Result<(), String> {
    let root = &judged.stage.root;
    let before = files(judged);
    let plan = judged
        .places()
        .plan(changes)
        .map_err(|error| format!("{error:#}"))?;
    if plan.is_empty() {
        return Err("its fix changes nothing".to_owned());
    }
    edits_make_the_plan(judged, proposal, &plan)?;

    let journal = Journal::open(&judged.stage.state, root).unwrap();
    journal.apply("cargo-buildspeed", &plan).unwrap();
    for path in plan.paths() {
        let text = fs::read_to_string(path).unwrap();
        text.parse::<DocumentMut>()
            .map_err(|error| format!("{path} is broken: {error}\n{text}"))?;
    }
    let after = judged
        .places()
        .plan(changes)
        .map_err(|error| format!("{error:#}"))?;
    if !after.is_empty() {
        return Err("applied twice it changes something again".to_owned());
    }
    does_not_come_again(judged, proposal)?;
    journal.undo("cargo-buildspeed").unwrap();
    if files(judged) != before {
        return Err("its undo does not restore every byte".to_owned());
    }
    Ok(())
}

/// What a report shows as edits is what the plan writes.
fn edits_make_the_plan(
    judged: &Judged<'_>,
    proposal: &Proposal,
    plan: &Plan,
) -> Result<(), String> {
    let proposals = std::slice::from_ref(proposal);
    let findings = report::findings(proposals, (&judged.facts, None), &judged.places()).unwrap();
    let shown = findings[0].fix.as_ref().ok_or("its report has no fix")?;
    for change in plan.changes() {
        let path = change
            .path
            .strip_prefix(&judged.stage.root)
            .unwrap_or(&change.path);
        let edits: Vec<_> = shown
            .edits
            .iter()
            .filter(|edit| edit.path == path)
            .cloned()
            .collect();
        let old = String::from_utf8(change.old.clone().unwrap_or_default()).unwrap();
        let new = fix::apply(&old, &edits).map_err(|error| error.to_string())?;
        if new.as_bytes() != change.new {
            return Err(format!(
                "its edits of {path} make something else than its plan"
            ));
        }
    }
    Ok(())
}

/// On the changed files cargo loads the workspace and its configuration, and the rules do not
/// propose the same again.
fn does_not_come_again(judged: &Judged<'_>, proposal: &Proposal) -> Result<(), String> {
    let metadata = metadata(&judged.stage.root, &judged.stage.cargo_home)?;
    let world = judged.case.labels.world.world(&judged.stage);
    let facts = observe::observe(&metadata, world.map_err(|error| format!("{error:#}"))?);
    let same = |later: &Proposal| {
        let place = |p: &Proposal| p.finding.location.as_ref().map(|l| l.path.clone());
        label(later) == label(proposal) && place(later) == place(proposal)
    };
    if rules::judge(&facts).iter().any(same) {
        return Err("once applied, the same is proposed again".to_owned());
    }
    Ok(())
}

fn metadata(root: &Utf8Path, cargo_home: &Utf8Path) -> Result<cargo_metadata::Metadata, String> {
    let mut command = Command::new(env!("CARGO"));
    command
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(root)
        .env("CARGO_HOME", cargo_home);
    for (name, _) in std::env::vars() {
        if name.starts_with("CARGO_") && name != "CARGO_HOME" {
            command.env_remove(name);
        }
    }
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("cargo refuses the result: {stderr}"));
    }
    let text = String::from_utf8(output.stdout).unwrap();
    cargo_metadata::MetadataCommand::parse(text).map_err(|error| error.to_string())
}

/// Every file of the project and of cargo's home, with its bytes.
fn files(judged: &Judged<'_>) -> BTreeMap<Utf8PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![judged.stage.root.clone(), judged.stage.cargo_home.clone()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().unwrap() {
            let path = entry.unwrap().into_path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).unwrap();
                files.insert(path, bytes);
            }
        }
    }
    files
}
