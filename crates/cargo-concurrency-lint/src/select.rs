//! Which of the findings are shown: of the selected packages, of tests where asked for, not allowed, not
//! in the baseline, in what has changed.

use anyhow::Result;
use pitcrew_core::finding::{Finding, Severity};
use pitcrew_core::session::Session;
use pitcrew_core::settings::{self, Settings};

use crate::allow;
use crate::args::SelectFlags;
use crate::baseline::Baseline;
use crate::facts::{CrateKind, Unread};
use crate::limits;
use crate::observe::changed::Changed;
use crate::program::Program;
use crate::rules::Found;

/// The findings to show, worst first within each file.
pub fn select(
    session: &Session,
    flags: &SelectFlags,
    program: &Program<'_>,
    settings: &Settings,
    found: Vec<Found>,
) -> Result<Vec<Finding>> {
    let found = of_packages(session, program, settings, found)?;
    let rules: Vec<&str> = crate::rule_infos().iter().map(|rule| rule.id).collect();
    let (found, mut said) = allow::silence(program, found, &rules);
    let found = match &flags.changed {
        Some(revision) => {
            let changed = Changed::since(session.root(), revision)?;
            said.retain(|finding| changed.touches_finding(finding));
            found
                .into_iter()
                .filter(|found| changed.touches(program, found))
                .collect()
        }
        None => found,
    };
    let mut findings: Vec<Finding> = found.into_iter().map(|found| found.finding).collect();
    findings.append(&mut said);
    let (mut kept, mut idle) = settings::silence(findings, settings, &|_| true);
    // With part of the findings left out, nothing is known of what an allow would silence.
    if flags.changed.is_none() && session.selected().len() == session.workspace.members().count() {
        kept.append(&mut idle);
    }
    if let Some(path) = &flags.baseline {
        let mut baseline = Baseline::read(path)?;
        kept.retain(|finding| baseline.is_new(finding));
    }
    Ok(kept)
}

/// The findings of the selected packages, those in tests with the weight that the project gives them.
fn of_packages(
    session: &Session,
    program: &Program<'_>,
    settings: &Settings,
    found: Vec<Found>,
) -> Result<Vec<Found>> {
    let selected = session.selected();
    let mut kept = Vec::new();
    for mut found in found {
        let function = program.function(found.function);
        let Some(krate) = program.krate(function) else {
            continue;
        };
        if !selected.contains(&krate.package) {
            continue;
        }
        let test = function.test || matches!(krate.kind, CrateKind::Test | CrateKind::Bench);
        if test {
            let Some(severity) = limits::tests(settings, &krate.package)? else {
                continue;
            };
            found.finding.severity = found.finding.severity.min(severity);
        }
        kept.push(found);
    }
    Ok(kept)
}

/// What is said of a file that could not be read.
pub fn describe_unread(unread: &Unread) -> String {
    match unread.at {
        Some(at) => format!(
            "{}:{}:{}: not read: {}",
            unread.path, at.line, at.column, unread.why
        ),
        None => format!("{}: not read: {}", unread.path, unread.why),
    }
}

/// Whether `--check` fails for it: something to do, that is not merely worth knowing.
pub fn counts(finding: &Finding) -> bool {
    finding.severity >= Severity::Warning
}
