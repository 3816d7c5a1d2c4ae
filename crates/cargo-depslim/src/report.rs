//! What is said: proposals become findings, findings become text.

use std::fs;

use anyhow::Result;
use camino::Utf8Path;
use pitcrew_core::apply;
use pitcrew_core::cli::Out;
use pitcrew_core::finding::{Evidence, Finding, Severity};
use pitcrew_core::fix::{Applicability, Fix};
use pitcrew_core::handover::{Call, Steps};
use pitcrew_core::plan::Plan;
use pitcrew_core::render::{self, Format, Report};
use serde_json::{Value, json};

use crate::args::{Args, ProofGrade};
use crate::compiled::Told;
use crate::facts::Facts;
use crate::ground::Ground;
use crate::ledger;
use crate::prove::{Proof, Proven};
use crate::remedy::{self, Action, ManifestChange, Proposal};
use crate::savings;

/// The findings of `proposals`, each with its own edits and with what building told of it. What does
/// not build without it is no finding.
pub fn findings(
    facts: &Facts,
    proposals: &[Proposal],
    told: Option<&Told>,
) -> Result<Vec<Finding>> {
    let mut out = Vec::new();
    for proposal in proposals {
        let proof = told.and_then(|told| told.proof.as_ref());
        let action = proposal.action.as_ref();
        let proven = action.and_then(|action| proof?.of(action));
        if let Some(Proven::Fails { .. }) = proven {
            continue;
        }
        let mut finding = proposal.finding.clone();
        let Some(action) = action else {
            out.push(finding);
            continue;
        };
        if let Some(told) = told {
            savings::add(&mut finding, facts, proposals, action, &told.costs);
        }
        let grade = grade(facts, action, proven);
        if let (Some(Proven::Holds { .. }), Some(proof)) = (proven, proof) {
            let commands = commands_for(facts, action, &proof.commands);
            if !commands.is_empty() {
                let command = commands.join(" && ");
                finding.evidence.push(Evidence::Verified { command });
            }
        }
        finding.help.extend(grade.why);
        let plan = plan(facts, std::slice::from_ref(action))?;
        finding.fix = Some(Fix {
            applicability: grade.applicability,
            edits: plan.edits(&facts.root),
        });
        out.push(finding);
    }
    Ok(out)
}

/// How safe a change is, and why it is not safer.
pub(crate) struct Grade {
    pub applicability: Applicability,
    why: Option<String>,
}

pub(crate) fn grade(facts: &Facts, action: &Action, proven: Option<&Proven>) -> Grade {
    let grade = |applicability, why| Grade { applicability, why };
    let maybe = |why: String| grade(Applicability::MaybeIncorrect, Some(why));
    if !action.bears_on_builds() {
        return grade(Applicability::MachineApplicable, None);
    }
    if let Action::Slim(index) = action {
        let slimmed = remedy::slimmed(facts, *index);
        let of_programs = slimmed.map_or(Applicability::Unspecified, |s| s.applicability);
        return match proven {
            Some(Proven::Holds { .. }) => grade(of_programs, None),
            _ => maybe("not proven".to_owned()),
        };
    }
    if let (Action::DropFeature(member, _), Some(Proven::Holds { .. })) = (action, proven)
        && facts
            .members
            .get(*member)
            .is_some_and(|member| member.published)
    {
        return maybe("whoever depends on the package may name it".to_owned());
    }
    let entry = action.entry().and_then(|id| remedy::entry(facts, id));
    let requirement = entry.and_then(|(_, dependency)| dependency.requirement.as_deref());
    match proven {
        Some(Proven::Holds { takes: Some(takes) }) => maybe(format!(
            "without it cargo no longer switches on {takes}: it may be there for that"
        )),
        Some(Proven::Holds { takes: None }) => match requirement {
            Some(text) if text.starts_with(['=', '~']) => maybe(format!(
                "its version is pinned (`{text}`): it may be there to hold a version back"
            )),
            _ => grade(Applicability::MachineApplicable, None),
        },
        Some(Proven::Unbuilt { why }) => maybe(format!("not proven: {why}")),
        Some(Proven::Fails { .. }) | None => grade(Applicability::MaybeIncorrect, None),
    }
}

/// The commands that bear on an action: those of all packages, and those of its own.
fn commands_for(facts: &Facts, action: &Action, commands: &[String]) -> Vec<String> {
    let members = action.members(facts).into_iter();
    let own: Vec<String> = members
        .filter_map(|index| Some(format!("--package={} ", facts.members.get(index)?.name)))
        .collect();
    let bears = |command: &&String| {
        !command.contains("--package=") || own.iter().any(|own| command.contains(own))
    };
    if own.is_empty() {
        return Vec::new();
    }
    commands.iter().filter(bears).cloned().collect()
}

/// The actions that `--apply` carries out.
pub fn applicable(
    facts: &Facts,
    proposals: &[Proposal],
    proof: Option<&Proof>,
    least: Applicability,
) -> Vec<Action> {
    proposals
        .iter()
        .filter_map(|proposal| {
            let action = proposal.action.as_ref()?;
            let proven = proof.and_then(|proof| proof.of(action));
            let fails = matches!(proven, Some(Proven::Fails { .. }));
            let grade = grade(facts, action, proven).applicability;
            (!fails && grade >= least).then(|| action.clone())
        })
        .collect()
}

/// The file changes that carry out all of `actions`.
pub fn plan(facts: &Facts, actions: &[Action]) -> Result<Plan> {
    let changes = remedy::changes(facts, actions);
    let absolute = changes
        .into_iter()
        .map(|(path, change)| (facts.root.join(path), change));
    plan_of(absolute)
}

/// The file changes that make these changes of manifests, which are absolute.
pub fn plan_of(changes: impl IntoIterator<Item = ManifestChange>) -> Result<Plan> {
    Plan::of_toml(changes, &|path| apply::read(path))
}

/// All that one call has to tell.
pub struct Found<'a> {
    pub facts: &'a Facts,
    pub findings: &'a [Finding],
    pub told: Option<&'a Told>,
}

/// Prints the report in the format asked for.
pub fn print(ground: &Ground, args: &Args, found: &Found<'_>, out: &mut Out<'_>) -> Result<()> {
    let root = &ground.workspace().root;
    let texts = |path: &Utf8Path| fs::read_to_string(root.join(path)).ok();
    let call = out.call.clone();
    let report = Report {
        tool: "cargo-depslim",
        version: env!("CARGO_PKG_VERSION"),
        findings: found.findings,
        summary: summary(args, found),
        rules: &crate::rule_infos(),
        source: &texts,
        snippets: args.output.verbose > 0,
        steps: &|finding| steps(args, &call, finding),
    };
    let palette = out.stdout_palette();
    render::render(args.output.format, &report, palette, out.width, out.stdout)?;
    if args.output.quiet {
        return Ok(());
    }
    if args.output.format == Format::Human && args.proof.only.is_empty() {
        write!(out.stdout, "{}", ledger::table(found.facts))?;
    }
    for note in notes(args, found) {
        out.note(note)?;
    }
    closing(args, found, out)
}

/// What is gone from the sources must be gone by the grade that found it, and the project's own tests pass.
fn steps(args: &Args, call: &Call, finding: &Finding) -> Steps {
    let grade = match args.grade() {
        _ if call.has("--proof") => None,
        ProofGrade::Scan => None,
        ProofGrade::Compile => Some("--proof=compile"),
        ProofGrade::Full => Some("--proof=full"),
    };
    let check: Vec<&str> = ["--check"].into_iter().chain(grade).collect();
    // What rests on less is proven before it is written, and no more than that is.
    let next = match &finding.fix {
        Some(_) if args.grade() != ProofGrade::Full => {
            let apply = call.without("--proof").with(&["--apply"]);
            std::iter::once(apply)
                .chain(finding.next.iter().cloned())
                .collect()
        }
        _ => call.next(finding),
    };
    Steps {
        next,
        verify: vec![call.with(&check), "cargo test --workspace".to_owned()],
    }
}

/// The figures of the JSON report.
fn summary(args: &Args, found: &Found<'_>) -> Value {
    let facts = found.facts;
    let selected = facts.members.iter().filter(|member| member.selected);
    let dependencies: usize = selected
        .clone()
        .map(|member| member.dependencies.len())
        .sum();
    let proof = found.told.and_then(|told| told.proof.as_ref());
    json!({
        "proof": args.grade().name(),
        "members": selected.count(),
        "dependencies": dependencies,
        "compiled": found.told.and_then(|told| told.compiled.as_ref()).map(|c| &c.command),
        "verified": proof.map(|proof| &proof.commands),
        "costs": ledger::rows(facts),
    })
}

/// What the user should know of how this was found.
fn notes(args: &Args, found: &Found<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let members = &found.facts.members;
    let selected = members.iter().filter(|member| member.selected).count();
    if selected < members.len() {
        notes.push(format!(
            "looked at {selected} of {} members; --workspace looks at all",
            members.len()
        ));
    }
    for path in members.iter().flat_map(|member| &member.sources.unreadable) {
        notes.push(format!(
            "{path} could not be read as Rust; what its bytes name counts as used"
        ));
    }
    notes.extend(other_duplicates(args, found.facts));
    let Some(told) = found.told else {
        return notes;
    };
    if let Some(said) = &told.broken {
        let reach = if told.compiled.is_none() {
            "the project does not build, so that the text of its sources is all that counts"
        } else {
            "not all of the project builds; what does not rests on its text alone"
        };
        let said = first_error(said);
        notes.push(format!("{reach}: {said}"));
    }
    if let Some(proof) = told.proof.as_ref().filter(|_| !args.output.quiet) {
        notes.extend(proof.notes.iter().cloned());
    }
    notes
}

/// The duplicates that are none here, which a reader of the lockfile would miss.
fn other_duplicates(args: &Args, facts: &Facts) -> Option<String> {
    let duplicates = facts.duplicates.iter();
    let others = duplicates.filter(|found| found.here(facts.costs.as_ref()).count() < 2);
    let names: Vec<&str> = others.map(|found| found.name.as_str()).collect();
    (!names.is_empty() && args.looks_for("duplicate-version")).then(|| {
        format!(
            "Cargo.lock holds several versions of {} too, which only other platforms or features \
             build",
            names.join(", ")
        )
    })
}

/// The first line that says what is wrong.
pub fn first_error(said: &str) -> &str {
    let mut lines = said.lines().map(str::trim);
    let error = lines.clone().find(|line| line.starts_with("error"));
    error.or_else(|| lines.next()).unwrap_or_default()
}

/// How many changes wait, and the command that makes them.
fn closing(args: &Args, found: &Found<'_>, out: &mut Out<'_>) -> Result<()> {
    let waits = |grade: Applicability| {
        let fixes = found
            .findings
            .iter()
            .filter_map(|finding| finding.fix.as_ref());
        fixes.filter(|fix| fix.applicability == grade).count()
    };
    if args.apply.apply || args.output.format != Format::Human {
        return Ok(());
    }
    let (sure, unsure) = (
        waits(Applicability::MachineApplicable),
        waits(Applicability::MaybeIncorrect),
    );
    let s = |count| if count == 1 { "" } else { "s" };
    if sure > 0 {
        writeln!(
            out.stderr,
            "{sure} change{} can be applied: cargo depslim --apply (undo: --undo)",
            s(sure)
        )?;
    }
    if unsure > 0 && args.grade() == ProofGrade::Full {
        let more = if sure > 0 { " more" } else { "" };
        writeln!(
            out.stderr,
            "{unsure}{more} change{} what is linked or was not proven, as said above:\n  \
             cargo depslim --apply --allow-maybe-incorrect",
            if unsure == 1 { " alters" } else { "s alter" }
        )?;
    } else if sure == 0 && unsure > 0 {
        writeln!(
            out.stderr,
            "{unsure} change{} to prove: cargo depslim; to prove and apply: cargo depslim --apply",
            s(unsure)
        )?;
    }
    Ok(())
}

/// Whether `--check` fails for it: something to do, that is not merely worth knowing.
pub fn counts(finding: &Finding) -> bool {
    finding.severity >= Severity::Warning
}
