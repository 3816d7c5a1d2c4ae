//! What a case expects, and how a proposal differs from it.

use std::fs;

use cargo_buildspeed::lever::{Lever, Proposal, Remedy};
use pitcrew_core::finding::Severity;
use pitcrew_core::fix::Applicability;
use pitcrew_tests::corpus::CASE_FILE;
use serde::Deserialize;
use toml_edit::DocumentMut;

use crate::fixes;
use crate::{BuildCase, Judged};

/// `[[finds]]` of a `case.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expected {
    /// The lever's id where the remedy is a trial.
    lever: Option<String>,
    subject: String,
    severity: Severity,
    remedy: RemedyKind,
    /// A lever that is tried only when asked for.
    #[serde(default)]
    maybe_incorrect: bool,
    /// `Cargo.toml:3:1`
    at: Option<String>,
    /// Parts of its message, evidence or help.
    #[serde(default)]
    says: Vec<String>,
    /// What its fix changes.
    diff: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RemedyKind {
    Advice,
    Settled,
    Offered,
    Trial,
}

/// A proposal's name among all that is said of a case: a lever's id, or the rule with the subject.
pub fn label(proposal: &Proposal) -> String {
    match &proposal.remedy {
        Remedy::Trial(lever) => lever.id.clone(),
        _ => format!("{}:{}", proposal.finding.rule, proposal.finding.subject),
    }
}

/// Every label that a case expects.
pub fn labels(case: &BuildCase) -> Vec<String> {
    let own = case
        .labels
        .finds
        .iter()
        .map(|expected| expected.label(case));
    own.chain(case.labels.also.iter().cloned()).collect()
}

/// How the proposals of the case's own rule differ from what it expects.
pub fn differences(judged: &Judged<'_>) -> Vec<String> {
    let case = judged.case;
    let mut out = Vec::new();
    if let Some(label) = case
        .labels
        .also
        .iter()
        .find(|label| is_of(label, &case.rule))
    {
        out.push(format!("{}: `{label}` belongs in [[finds]]", case.name));
    }
    let mut own: Vec<&Proposal> = judged
        .proposals
        .iter()
        .filter(|proposal| proposal.finding.rule == case.rule)
        .collect();
    for (number, expected) in case.labels.finds.iter().enumerate() {
        let wanted = expected.label(case);
        // Where several have the same label they come in the order of the rule.
        let Some(at) = own.iter().position(|proposal| label(proposal) == wanted) else {
            continue;
        };
        let proposal = own.remove(at);
        let diff = fixes::diff(judged, proposal);
        if std::env::var_os("PITCREW_BLESS").is_some() {
            bless(case, number, diff.as_deref());
            continue;
        }
        let differing = expected.differences(judged, proposal, diff.as_deref());
        let named = |text: String| format!("{}: {wanted}: {text}", case.name);
        out.extend(differing.into_iter().map(named));
    }
    out
}

fn is_of(label: &str, rule: &str) -> bool {
    label.split(':').next() == Some(rule)
}

impl Expected {
    fn label(&self, case: &BuildCase) -> String {
        let subject = || format!("{}:{}", case.rule, self.subject);
        self.lever.clone().unwrap_or_else(subject)
    }

    fn differences(
        &self,
        judged: &Judged<'_>,
        proposal: &Proposal,
        diff: Option<&str>,
    ) -> Vec<String> {
        let finding = &proposal.finding;
        let at = finding.location.as_ref().map(|place| {
            let path = judged.stage.shown(place.path.as_str());
            format!("{path}:{}:{}", place.line, place.column)
        });
        let (remedy, lever) = kind(&proposal.remedy);
        let maybe = lever.is_some_and(|lever| lever.applicability == Applicability::MaybeIncorrect);
        let mut out = Vec::new();
        let mut compare = |what: &str, expected: String, found: String| {
            if expected != found {
                out.push(format!("{what} is\n{found}\nand should be\n{expected}"));
            }
        };
        compare("the subject", self.subject.clone(), finding.subject.clone());
        compare(
            "the severity",
            self.severity.name().into(),
            finding.severity.name().into(),
        );
        compare(
            "the remedy",
            format!("{:?}", self.remedy),
            format!("{remedy:?}"),
        );
        compare(
            "maybe-incorrect",
            self.maybe_incorrect.to_string(),
            maybe.to_string(),
        );
        compare("the place", shown(self.at.as_deref()), shown(at.as_deref()));
        compare("the diff", shown(self.diff.as_deref()), shown(diff));
        let text = serde_json::to_string(finding).unwrap();
        let text = judged.stage.shown(&text).replace("\\\"", "\"");
        for part in self.says.iter().filter(|part| !text.contains(*part)) {
            out.push(format!("{text} does not say `{part}`"));
        }
        out
    }
}

fn kind(remedy: &Remedy) -> (RemedyKind, Option<&Lever>) {
    match remedy {
        Remedy::Advice => (RemedyKind::Advice, None),
        Remedy::Settled(_) => (RemedyKind::Settled, None),
        Remedy::Offered(_) => (RemedyKind::Offered, None),
        Remedy::Trial(lever) => (RemedyKind::Trial, Some(lever)),
    }
}

/// Without what editors take away or add at line ends.
fn shown(text: Option<&str>) -> String {
    let lines = text.unwrap_or("none").trim_end().lines();
    lines.map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Writes a fix's diff into its case.
fn bless(case: &BuildCase, number: usize, diff: Option<&str>) {
    let path = case.dir.join(CASE_FILE);
    let mut labels: DocumentMut = fs::read_to_string(&path).unwrap().parse().unwrap();
    let finds = labels["finds"].as_array_of_tables_mut().unwrap();
    let entry = finds.get_mut(number).unwrap();
    match diff {
        Some(diff) => {
            let text = format!("'''\n{}'''", shown(Some(diff)));
            entry["diff"] = toml_edit::value(text.parse::<toml_edit::Value>().unwrap());
        }
        None => {
            entry.remove("diff");
        }
    }
    fs::write(path, labels.to_string()).unwrap();
}
