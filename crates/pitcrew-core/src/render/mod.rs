//! Findings as text, one file for each format. Pure: a report in, bytes to the given writer out.

use std::io::Write;

use anyhow::Result;
use camino::Utf8Path;
use serde_json::Value;

use crate::finding::{Finding, RuleInfo};
use crate::style::Palette;

mod evidence;
mod explain;
mod github;
mod human;
mod json;
mod markdown;
mod sarif;

pub use evidence::describe as describe_evidence;
pub use explain::explain;
pub use json::{SCHEMA as JSON_SCHEMA_VERSION, json_schema};

/// The value of `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For reading in a terminal.
    Human,
    /// The versioned contract of docs/schema/report.schema.json.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// For a pull-request comment.
    Markdown,
}

/// What a plugin found, ready for any format.
pub struct Report<'a> {
    /// The executable's name: `cargo-x`.
    pub tool: &'a str,
    pub version: &'a str,
    pub findings: &'a [Finding],
    /// The plugin's own figures, for JSON.
    pub summary: Value,
    /// The rules that the findings may name.
    pub rules: &'a [&'static RuleInfo],
    /// The text of a workspace file, for snippets and columns.
    pub source: &'a dyn Fn(&Utf8Path) -> Option<String>,
    /// Show the source line of each location (human).
    pub snippets: bool,
}

/// Writes `report` in `format`. The palette and the width are for people; machines get neither.
pub fn render(
    format: Format,
    report: &Report<'_>,
    palette: Palette,
    width: usize,
    out: &mut dyn Write,
) -> Result<()> {
    match format {
        Format::Human => human::render(report, palette, width, out),
        Format::Json => json::render(report, out),
        Format::Sarif => sarif::render(report, out),
        Format::Github => github::render(report, out),
        Format::Markdown => markdown::render(report, out),
    }
}

#[cfg(test)]
mod sample;
