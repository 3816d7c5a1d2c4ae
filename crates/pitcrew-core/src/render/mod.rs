//! Findings as text, one file for each format. Pure: a report in, bytes to the given writer out.

use std::io::Write;

use anyhow::{Context as _, Result};
use camino::Utf8Path;
use serde_json::Value;

use crate::finding::{Finding, RuleInfo};
use crate::handover::Steps;
use crate::style::Palette;

mod evidence;
mod explain;
mod github;
mod grouped;
mod human;
mod json;
pub mod markdown;
mod sarif;

pub use evidence::{count, describe as describe_evidence};
pub use explain::explain;
pub use human::paragraph;
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
    /// What to run after a finding, for those who take the report over (JSON, Markdown).
    pub steps: &'a dyn Fn(&Finding) -> Steps,
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
    .context("cannot write the report")
}

#[cfg(test)]
pub(crate) mod sample;

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;
    use proptest::prelude::*;

    use super::*;
    use crate::finding::{Evidence, Location};
    use crate::fix::{Applicability, Edit, Fix};
    use crate::style::is_unprintable;

    /// A finding whose every text is `name`, at a place that need not exist.
    fn finding(name: &str, line: u32, column: u32, edit: (usize, usize)) -> Finding {
        let mut finding = Finding::new(&sample::LINKER, name, name)
            .at(Some(Location {
                path: name.into(),
                line,
                column,
            }))
            .evidence(Evidence::Recorded {
                fact: name.to_owned(),
            })
            .help(name)
            .next(name);
        finding.fix = Some(Fix {
            applicability: Applicability::MachineApplicable,
            edits: vec![Edit {
                path: name.into(),
                start: edit.0,
                end: edit.1,
                replacement: name.to_owned(),
            }],
        });
        finding
    }

    proptest! {
        #[test]
        fn any_text_renders_inert_in_every_format(
            name in "(\\PC|[\u{0}-\u{9f}\u{202e}|`<:,%])*",
            text in "(\\PC|[\u{0}-\u{9f}\u{202e}\u{200b}])*",
            (line, column) in (0..9_u32, any::<u32>()),
            edit in (0..30_usize, 0..30_usize),
            color: bool,
        ) {
            let findings = [finding(&name, line, column, edit)];
            let report = Report {
                tool: "cargo-x",
                version: "1.2.3",
                findings: &findings,
                summary: Value::Null,
                rules: &[&sample::LINKER],
                source: &|_| Some(text.clone()),
                snippets: true,
                steps: &sample::steps,
            };
            for format in Format::value_variants() {
                let mut out = Vec::new();
                render(*format, &report, Palette::new(color), 60, &mut out).unwrap();
                let out = String::from_utf8(out).unwrap();
                let inert = !out.replace('\n', "").contains(is_unprintable);
                prop_assert!(inert || (color && *format == Format::Human), "{out:?}");
                match format {
                    Format::Github => prop_assert_eq!(out.lines().count(), 1),
                    Format::Json | Format::Sarif => {
                        prop_assert!(serde_json::from_str::<Value>(&out).is_ok());
                    }
                    Format::Human | Format::Markdown => {}
                }
            }
        }
    }
}
