//! What is said: proposals and their proofs become findings, findings become text. The human report
//! is the build's diagnosis first, then what to do about it.

use anyhow::Result;
use camino::Utf8Path;
use pitcrew_core::cli::Out;
use pitcrew_core::finding::{Evidence, Finding, Saves, Severity};
use pitcrew_core::fix::{Applicability, Fix};
use pitcrew_core::model::{self, Analyses, dominators};
use pitcrew_core::recording::Recording;
use pitcrew_core::regular_file;
use pitcrew_core::render::{self, Format, Report};
use serde_json::{Value, json};

use crate::args::Args;
use crate::diagnosis;
use crate::facts::Facts;
use crate::goal::Goal;
use crate::lever::{Lever, Proposal, Remedy, Scope, SettingChange};
use crate::places::Places;
use crate::predicted;
use crate::prove::{Combination, LeverVerdict, Outcome, Proof};
use crate::session::Session;

/// The findings of `proposals`, each with what its trial showed.
pub fn findings(
    proposals: &[Proposal],
    (facts, proof): (&Facts, Option<&Proof>),
    places: &Places,
) -> Result<Vec<Finding>> {
    let levers: Vec<&Lever> = proposals.iter().filter_map(lever_of).collect();
    proposals
        .iter()
        .map(|proposal| finding(proposal, &levers, (facts, proof), places))
        .collect()
}

fn lever_of(proposal: &Proposal) -> Option<&Lever> {
    match &proposal.remedy {
        Remedy::Trial(lever) => Some(lever),
        Remedy::Advice | Remedy::Settled(_) | Remedy::Offered(_) => None,
    }
}

/// Levers as a sentence names them.
fn named(ids: &[String], levers: &[&Lever]) -> String {
    let names = ids.iter().map(|id| {
        let lever = levers.iter().find(|lever| lever.id == *id);
        lever.map_or_else(|| id.clone(), |lever| lever.named())
    });
    names.collect::<Vec<_>>().join(", ")
}

fn finding(
    proposal: &Proposal,
    levers: &[&Lever],
    (facts, proof): (&Facts, Option<&Proof>),
    places: &Places,
) -> Result<Finding> {
    let mut finding = proposal.finding.clone();
    match &proposal.remedy {
        Remedy::Advice => {}
        Remedy::Settled(changes) => {
            let changes = scoped(changes, places.scope.unwrap_or(Scope::Project));
            finding.fix = fix(places, &changes, Applicability::MachineApplicable)?;
        }
        Remedy::Offered(changes) => {
            let changes = scoped(changes, places.scope.unwrap_or(Scope::Project));
            finding.fix = fix(places, &changes, Applicability::MaybeIncorrect)?;
        }
        Remedy::Trial(lever) => {
            let verdict = proof.and_then(|proof| proof.verdict(&lever.id));
            let chosen = proof.is_some_and(|proof| proof.chosen.contains(&lever.id));
            judge(&mut finding, lever, levers, verdict);
            let measured = verdict.and_then(|verdict| verdict.evidence.as_ref());
            if let Some(predicted) = predicted::evidence(lever, facts, measured) {
                finding
                    .evidence
                    .insert(usize::from(measured.is_some()), predicted);
            }
            if chosen || verdict.is_none() {
                let changes = scoped(&lever.changes, places.scope_of(lever));
                // An untried tuning is a proposal, not a fix that anything may write.
                let grade = if chosen {
                    lever.applicability
                } else {
                    Applicability::Unspecified
                };
                finding.fix = fix(places, &changes, grade)?;
            }
            if chosen && lever.tool.is_some() && places.scope.is_none() {
                finding = finding.help(
                    "goes to your own cargo configuration: teammates may lack the tool (--scope \
                     project to share it)",
                );
            }
        }
    }
    Ok(finding)
}

/// Writes the outcome of a lever's trial into its finding. The figures stand in the evidence, and only
/// there.
fn judge(finding: &mut Finding, lever: &Lever, levers: &[&Lever], verdict: Option<&LeverVerdict>) {
    let name = lever.named();
    let Some(verdict) = verdict else {
        finding.severity = Severity::Note;
        finding.message = format!("{name} was not tried");
        finding.help.push(finding_reason(lever));
        return;
    };
    if let Some(evidence) = &verdict.evidence {
        finding.saves = saves(evidence);
        finding.evidence.insert(0, evidence.clone());
    }
    if verdict.outcome != Outcome::Accepted {
        finding.severity = Severity::Note;
    } else if let Some(cost) = &lever.cost {
        finding.help.push(format!("it costs: {cost}"));
    }
    finding.message = match &verdict.outcome {
        Outcome::Accepted => format!("{name} helps here"),
        Outcome::Outdone { by } => {
            format!("{name} helps, but {} helps more", named(by, levers))
        }
        Outcome::Needless { beside } => {
            let beside = named(beside, levers);
            format!("{name} helps by itself, but is not shown to add anything to {beside}")
        }
        Outcome::LeftOut { beside, why } => {
            let beside = named(beside, levers);
            format!("{name} helps by itself, but was left out beside {beside}: {why}")
        }
        Outcome::Rejected { why } => format!("{name} was tried and rejected: {why}"),
        Outcome::Unproven { why } => format!("{name} is not proven: {why}"),
        Outcome::Failed { error } => format!("{name} does not build here: {error}"),
    };
}

fn finding_reason(lever: &Lever) -> String {
    match lever.applicability {
        Applicability::MachineApplicable => {
            "a trial decides: run without --no-build and --no-measure".to_owned()
        }
        _ => "tried only with --allow-maybe-incorrect".to_owned(),
    }
}

/// What a measurement says is won.
fn saves(evidence: &Evidence) -> Saves {
    let mut saves = Saves::default();
    if let Evidence::Measured {
        baseline,
        candidate,
        unit,
        ..
    } = evidence
    {
        let won = (baseline - candidate).max(0.0);
        match unit.as_str() {
            "s" => saves.wall_s = Some(won),
            "bytes" => saves.bytes = Some(won as u64),
            _ => {}
        }
    }
    saves
}

fn scoped(changes: &[SettingChange], scope: Scope) -> Vec<(SettingChange, Scope)> {
    changes
        .iter()
        .map(|change| (change.clone(), scope))
        .collect()
}

fn fix(
    places: &Places,
    changes: &[(SettingChange, Scope)],
    applicability: Applicability,
) -> Result<Option<Fix>> {
    let edits = places.edits(changes)?;
    Ok((!edits.is_empty()).then_some(Fix {
        applicability,
        edits,
    }))
}

/// All that one call has to tell.
pub struct Told<'a> {
    pub facts: &'a Facts,
    /// Of the recording, if there is one.
    pub analyses: Option<&'a Analyses>,
    pub proof: Option<&'a Proof>,
    pub findings: &'a [Finding],
}

/// What the recording tells, for the report and for the page.
pub fn analyse(session: &Session, args: &Args, recording: &Recording) -> Analyses {
    let cores: Vec<u32> = args.cores.into_iter().collect();
    // A graph that cannot be built costs the report one table, not the report.
    let packages = session.base.workspace.graph().map(dominators::packages);
    let packages = packages.unwrap_or_else(|_| dominators::recorded_packages(recording));
    model::analyse(recording, &packages, &cores)
}

/// Prints the report in the format asked for.
pub fn print(session: &Session, args: &Args, told: &Told<'_>, out: &mut Out<'_>) -> Result<()> {
    let recording = told.facts.recording.as_ref();
    if is_for_people(args.output.format)
        && let (Some(recording), Some(analyses)) = (recording, told.analyses)
    {
        let palette = out.stdout_palette();
        diagnosis::write(out.stdout, recording, analyses, palette)?;
        writeln!(out.stdout)?;
    }
    let root = &session.places.root;
    let texts = |path: &Utf8Path| regular_file::read_to_string(root.join(path)).ok();
    let call = out.call.clone();
    let report = Report {
        tool: "cargo-buildspeed",
        version: env!("CARGO_PKG_VERSION"),
        findings: told.findings,
        summary: summary(args.goal, recording, told.analyses, told.proof),
        rules: &crate::rule_infos(),
        source: &texts,
        snippets: args.output.verbose > 0,
        steps: &|finding| call.checked(finding),
    };
    let palette = out.stdout_palette();
    render::render(args.output.format, &report, palette, out.width, out.stdout)?;
    if is_for_people(args.output.format) {
        closing(args, told, out)?;
    }
    Ok(())
}

/// The figures of the JSON report.
fn summary(
    goal: Goal,
    recording: Option<&Recording>,
    analyses: Option<&Analyses>,
    proof: Option<&Proof>,
) -> Value {
    let recorded = recording.map(|recording| {
        json!({
            "created": recording.created,
            "command": recording.command,
            "profile": recording.profile,
            "wall_s": recording.wall_s,
            "units": recording.units.len(),
            "target_bytes": recording.target_bytes,
        })
    });
    json!({
        "goal": goal.name(),
        "recording": recorded,
        "build": analyses.map(diagnosis::summary_json),
        "proof": proof,
    })
}

/// What was tried in all, and the next command.
fn closing(args: &Args, told: &Told<'_>, out: &mut Out<'_>) -> Result<()> {
    let applicable = told.findings.iter().filter(|finding| {
        let fix = finding.fix.as_ref();
        fix.is_some_and(|fix| fix.applicability == Applicability::MachineApplicable)
    });
    let count = applicable.count();
    if let Some(proof) = told.proof {
        if let Some(together) = &proof.combination {
            writeln!(out.stdout)?;
            let told = in_words(together);
            render::paragraph(&told, out.width, out.stdout)?;
        }
        writeln!(
            out.stderr,
            "The trials cost the time of {:.1} clean builds.",
            proof.clean_builds_spent
        )?;
        for (lacks, remedy) in [
            (
                proof.out_of_time,
                "The time was up before all was proven: --budget 30m gives more.",
            ),
            (
                proof.out_of_room,
                "The disk had no room to try all: set PITCREW_SCRATCH_DIR to a larger one.",
            ),
        ] {
            if lacks {
                writeln!(out.stderr, "{remedy}")?;
            }
        }
    }
    if count > 0 && !args.apply.apply {
        let s = if count == 1 { "" } else { "s" };
        writeln!(
            out.stderr,
            "{count} change{s} can be applied: cargo buildspeed --apply (undo: --undo)"
        )?;
    }
    Ok(())
}

/// What became of the winners' trial together.
fn in_words(together: &Combination) -> String {
    let count = together.lever_ids.len();
    match (&together.rejected, &together.evidence) {
        (None, Some(evidence)) => {
            let measured = render::describe_evidence(evidence);
            format!("The {count} changes together: {measured}")
        }
        (None, None) => format!("The {count} changes were chosen together."),
        (Some(why), _) => format!("{count} changes help by themselves; {why}."),
    }
}

/// Whether `--check` fails for it: something to do, that is not merely worth knowing.
pub fn counts(finding: &Finding) -> bool {
    finding.severity >= Severity::Warning
}

/// Formats that are for machines print no diagnosis.
pub fn is_for_people(format: Format) -> bool {
    format == Format::Human
}

/// The chosen levers and all settled changes, as `--apply` writes them; with those that are only
/// offered where the user asked for `maybe_incorrect` ones.
pub fn changes(
    proposals: &[Proposal],
    proof: Option<&Proof>,
    places: &Places,
    maybe_incorrect: bool,
) -> Vec<(SettingChange, Scope)> {
    let mut out = Vec::new();
    for proposal in proposals {
        match &proposal.remedy {
            Remedy::Advice => {}
            Remedy::Offered(_) if !maybe_incorrect => {}
            Remedy::Settled(changes) | Remedy::Offered(changes) => {
                out.extend(scoped(changes, places.scope.unwrap_or(Scope::Project)));
            }
            Remedy::Trial(lever) => {
                if proof.is_some_and(|proof| proof.chosen.contains(&lever.id)) {
                    out.extend(scoped(&lever.changes, places.scope_of(lever)));
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
