//! The structs of the JSON contract and how they are filled. They are apart from the internal types,
//! so that a change of those cannot change the contract unseen.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::finding::{self, Finding, Severity};
use crate::fix::{self, Applicability};
use crate::handover::Steps;
use crate::render::describe_evidence;

/// What a Pitcrew plugin prints with `--format json`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "Pitcrew report")]
pub(super) struct JsonReport<'a> {
    /// The version of this contract.
    pub(super) schema: u32,
    /// The plugin: `cargo-buildspeed`.
    pub(super) tool: &'a str,
    pub(super) version: &'a str,
    pub(super) findings: Vec<JsonFinding<'a>>,
    /// The plugin's own figures.
    pub(super) summary: &'a Value,
}

/// One thing that the plugin has to say.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
pub(super) struct JsonFinding<'a> {
    /// The rule's name; `cargo <plugin> explain <rule>` documents it.
    rule: &'a str,
    severity: JsonSeverity,
    /// What it is about: a profile key, a dependency's key in the manifest, a function.
    subject: &'a str,
    message: &'a str,
    /// What to do, a short line each.
    help: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<JsonLocation<'a>>,
    /// Another place, where it comes from; findings that share it can be mended there at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<JsonLocation<'a>>,
    /// How it is known.
    evidence: Vec<JsonEvidence<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<JsonFix<'a>>,
    saves: JsonSaves,
    /// Commands that act on it or look closer, in their order; each is a line for a POSIX shell.
    next: Vec<String>,
    /// Commands that succeed once it is mended.
    verify: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Severity")]
enum JsonSeverity {
    /// Something to know.
    Note,
    /// Worth doing, and only the user can do or judge it.
    Advice,
    /// Something is worse than it need be.
    Warning,
    /// Something is wrong.
    Error,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Location")]
struct JsonLocation<'a> {
    /// Relative to the workspace root, with `/`; absolute where it lies outside.
    path: &'a str,
    /// From 1.
    line: u32,
    /// From 1, in characters.
    column: u32,
}

/// How a finding is known.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Evidence")]
struct JsonEvidence<'a> {
    #[serde(flatten)]
    kind: JsonEvidenceKind<'a>,
    /// The same in words, as the other formats show it.
    text: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[schemars(rename = "EvidenceKind")]
enum JsonEvidenceKind<'a> {
    /// Interleaved pairs of real runs.
    Measured {
        scenario: &'a str,
        /// Median without the change, in `unit`.
        baseline: f64,
        /// Median with the change, in `unit`.
        candidate: f64,
        /// `s` or `bytes`.
        unit: &'a str,
        /// Median of the pairs' ratios, candidate over baseline.
        ratio: f64,
        /// 95 % bootstrap interval of that median.
        interval: [f64; 2],
        pairs: u32,
    },
    /// A command that succeeded with the change in place.
    Verified { command: &'a str },
    /// Functions of the linked programs, compared.
    LinkedCode {
        removed: u32,
        added: u32,
        resized: u32,
    },
    /// A fact printed by the compiler or by cargo.
    Compiler { fact: &'a str },
    /// A share, from 0 to 1, of a profile's samples.
    Profile { share: f64, samples: u64 },
    /// Read off one recorded build.
    Recorded { fact: &'a str },
    /// A model's figure.
    Predicted {
        model: &'a str,
        /// Predicted candidate over baseline.
        ratio: f64,
        /// Half the width of the model's error in the same terms, where it was checked.
        error: Option<f64>,
    },
    /// What a change gains, by bounds.
    Bounded {
        /// What the ends stand for.
        model: &'a str,
        /// The part saved at least and at most, from 0 to 1.
        gain: [f64; 2],
    },
    /// A value read from the effective configuration.
    Configured { fact: &'a str },
    /// By the text of a source alone.
    Syntax,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Fix")]
struct JsonFix<'a> {
    applicability: JsonApplicability,
    edits: Vec<JsonEdit<'a>>,
}

/// rustc's grades.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Applicability")]
enum JsonApplicability {
    Unspecified,
    HasPlaceholders,
    /// Written by `--apply --allow-maybe-incorrect`.
    MaybeIncorrect,
    /// Written by `--apply`.
    MachineApplicable,
}

/// Replaces the bytes `start..end` of a file.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Edit")]
struct JsonEdit<'a> {
    /// Relative to the workspace root, with `/`; absolute where it lies outside.
    path: &'a str,
    start: usize,
    end: usize,
    replacement: &'a str,
}

/// What following the advice is worth, where it is known.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Saves")]
struct JsonSaves {
    /// Seconds of wall time.
    #[serde(skip_serializing_if = "Option::is_none")]
    wall_s: Option<f64>,
    /// Seconds of CPU time.
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
}

impl<'a> JsonLocation<'a> {
    fn new(location: &'a finding::Location) -> Self {
        Self {
            path: location.path.as_str(),
            line: location.line,
            column: location.column,
        }
    }
}

impl<'a> JsonFinding<'a> {
    pub(super) fn new(finding: &'a Finding, steps: Steps) -> Self {
        let saves = &finding.saves;
        Self {
            rule: &finding.rule,
            severity: match finding.severity {
                Severity::Note => JsonSeverity::Note,
                Severity::Advice => JsonSeverity::Advice,
                Severity::Warning => JsonSeverity::Warning,
                Severity::Error => JsonSeverity::Error,
            },
            subject: &finding.subject,
            message: &finding.message,
            help: &finding.help,
            location: finding.location.as_ref().map(JsonLocation::new),
            cause: finding.cause.as_ref().map(JsonLocation::new),
            evidence: finding.evidence.iter().map(JsonEvidence::from).collect(),
            fix: finding.fix.as_ref().map(JsonFix::from),
            saves: JsonSaves {
                wall_s: saves.wall_s,
                cpu_s: saves.cpu_s,
                bytes: saves.bytes,
            },
            next: steps.next,
            verify: steps.verify,
        }
    }
}

impl<'a> From<&'a finding::Evidence> for JsonEvidence<'a> {
    fn from(evidence: &'a finding::Evidence) -> Self {
        Self {
            kind: evidence.into(),
            text: describe_evidence(evidence),
        }
    }
}

impl<'a> From<&'a finding::Evidence> for JsonEvidenceKind<'a> {
    fn from(evidence: &'a finding::Evidence) -> Self {
        use finding::Evidence as E;
        match evidence {
            E::Measured {
                scenario,
                baseline,
                candidate,
                unit,
                ratio,
                interval,
                pairs,
            } => Self::Measured {
                scenario,
                baseline: *baseline,
                candidate: *candidate,
                unit,
                ratio: *ratio,
                interval: *interval,
                pairs: *pairs,
            },
            E::Verified { command } => Self::Verified { command },
            E::LinkedCode {
                removed,
                added,
                resized,
            } => Self::LinkedCode {
                removed: *removed,
                added: *added,
                resized: *resized,
            },
            E::Compiler { fact } => Self::Compiler { fact },
            E::Profile { share, samples } => Self::Profile {
                share: *share,
                samples: *samples,
            },
            E::Recorded { fact } => Self::Recorded { fact },
            E::Predicted {
                model,
                ratio,
                error,
            } => Self::Predicted {
                model,
                ratio: *ratio,
                error: *error,
            },
            E::Bounded { model, gain } => Self::Bounded { model, gain: *gain },
            E::Configured { fact } => Self::Configured { fact },
            E::Syntax => Self::Syntax,
        }
    }
}

impl<'a> From<&'a fix::Fix> for JsonFix<'a> {
    fn from(fix: &'a fix::Fix) -> Self {
        let edits = fix.edits.iter().map(|edit| JsonEdit {
            path: edit.path.as_str(),
            start: edit.start,
            end: edit.end,
            replacement: &edit.replacement,
        });
        Self {
            applicability: match fix.applicability {
                Applicability::Unspecified => JsonApplicability::Unspecified,
                Applicability::HasPlaceholders => JsonApplicability::HasPlaceholders,
                Applicability::MaybeIncorrect => JsonApplicability::MaybeIncorrect,
                Applicability::MachineApplicable => JsonApplicability::MachineApplicable,
            },
            edits: edits.collect(),
        }
    }
}
