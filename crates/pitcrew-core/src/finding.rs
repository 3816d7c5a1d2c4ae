//! Rules and what they find. A finding always carries its evidence: how we know.

use camino::{Utf8Path, Utf8PathBuf};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fix::Fix;

/// What is fixed about a rule: its name, one line, and its documentation.
#[derive(Debug)]
pub struct RuleInfo {
    /// Kebab-case name, equal to the rule's file name (with `_` for `-`).
    pub id: &'static str,
    /// One line, without a full stop.
    pub summary: &'static str,
    pub severity: Severity,
    /// Markdown with the sections `## What it does`, `## Why it matters`, `## Example`,
    /// `## When it is wrong`.
    pub docs: &'static str,
}

/// A pure function from facts to what it has to say of them.
pub trait Rule<Facts, Found = Finding>: Sync {
    fn info(&self) -> &'static RuleInfo;
    fn check(&self, facts: &Facts) -> Vec<Found>;
}

/// How much a finding asks of the reader.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something to know; there may be nothing to do.
    Note,
    /// Advice: worth doing, and only the user can do or judge it.
    Advice,
    /// Something is slower, bigger or otherwise worse than it need be.
    Warning,
    /// Something is wrong: a setting that cannot do what it says.
    Error,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Advice => "advice",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place in a file of the workspace.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Location {
    /// Relative to the workspace root, with `/`; absolute where it lies outside.
    #[schemars(with = "String")]
    pub path: Utf8PathBuf,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
}

/// How we know. A guess is never printed in the clothes of a measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Evidence {
    /// Interleaved pairs of real runs.
    Measured {
        /// What was run, as the report names it: `rebuild after an edit`, `clean build`.
        scenario: String,
        /// Median of the baseline, in `unit`.
        baseline: f64,
        /// Median of the candidate, in `unit`.
        candidate: f64,
        /// `s` or `bytes`.
        unit: String,
        /// Median of the pairs' ratios, candidate over baseline.
        ratio: f64,
        /// 95 % bootstrap interval of that median.
        interval: [f64; 2],
        pairs: u32,
    },
    /// A command that succeeded with the change in place.
    Verified { command: String },
    /// The linked programs were compared, function by function.
    LinkedCode {
        removed: u32,
        added: u32,
        resized: u32,
    },
    /// A fact printed by the compiler or by cargo.
    Compiler { fact: String },
    /// A share of a profile.
    Profile { share: f64, samples: u64 },
    /// Read off one recorded build: exact for that run, and one run only.
    Recorded { fact: String },
    /// A model's figure, with the error that the model had where it was checked.
    Predicted {
        model: String,
        /// Predicted candidate over baseline.
        ratio: f64,
        /// Half the width of the model's error in the same terms, once it was checked.
        error: Option<f64>,
    },
    /// What a change gains, by bounds that hold without a model of the whole.
    Bounded {
        /// What the ends stand for.
        model: String,
        /// The part saved at least and at most, from 0 to 1.
        gain: [f64; 2],
    },
    /// A value read from the effective configuration.
    Configured { fact: String },
    /// By the text of a source alone.
    Syntax,
}

/// What following the advice is worth, where it is known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Saves {
    /// Seconds of wall time in the goal's scenario.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall_s: Option<f64>,
    /// Seconds of CPU time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// One thing that a plugin has to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    pub rule: String,
    pub severity: Severity,
    /// What it is about: a profile key, a dependency's key, a function.
    pub subject: String,
    /// One sentence, without a full stop, that names the consequence.
    pub message: String,
    /// What to do, a short line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub help: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// Where it comes from, if that is another place, and one that other findings may come from too: what is
    /// mended there is mended for all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Location>,
    pub evidence: Vec<Evidence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    #[serde(default)]
    pub saves: Saves,
    /// Commands that act on it or look closer, ready to paste.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<String>,
}

impl Finding {
    /// A finding of `rule` about `subject`, with the rule's own severity and nothing else yet.
    pub fn new(rule: &RuleInfo, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            rule: rule.id.to_owned(),
            severity: rule.severity,
            subject: subject.into(),
            message: message.into(),
            help: Vec::new(),
            location: None,
            cause: None,
            evidence: Vec::new(),
            fix: None,
            saves: Saves::default(),
            next: Vec::new(),
        }
    }

    /// A finding about a file as a whole, by the text of the sources.
    pub fn of_file(rule: &RuleInfo, path: &Utf8Path, message: impl Into<String>) -> Self {
        let location = Location {
            path: path.to_owned(),
            line: 1,
            column: 1,
        };
        Self::new(rule, path.as_str(), message)
            .at(Some(location))
            .evidence(Evidence::Syntax)
    }

    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    #[must_use]
    pub fn at(mut self, location: Option<Location>) -> Self {
        self.location = location;
        self
    }

    #[must_use]
    pub fn evidence(mut self, evidence: Evidence) -> Self {
        self.evidence.push(evidence);
        self
    }

    #[must_use]
    pub fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }

    #[must_use]
    pub fn next(mut self, command: impl Into<String>) -> Self {
        self.next.push(command.into());
        self
    }
}
