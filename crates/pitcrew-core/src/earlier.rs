//! Reports that a plugin wrote before with `--format json`, read again: as a baseline, or for another
//! plugin to go on from.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use camino::Utf8Path;
use serde::Deserialize;

use crate::finding::Finding;
use crate::render::JSON_SCHEMA_VERSION;

/// As much of a report as others go on from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Earlier {
    schema: u32,
    /// The plugin that wrote it: `cargo-depslim`.
    pub tool: String,
    pub findings: Vec<Finding>,
}

/// Reads a report; `how` is the command that writes one. What is refused may be any file of the user's, by a
/// slip of the hand, so that no error names it as what to write to.
pub fn read(path: &Utf8Path, how: &str) -> Result<Earlier> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read the report {path}"))?;
    let report: Earlier = serde_json::from_str(&text).with_context(|| {
        format!("{path} is no report: write one with `{how} --format json > report.json`")
    })?;
    ensure!(
        report.schema == JSON_SCHEMA_VERSION,
        "{path} is a report of version {}, this plugin reads version {JSON_SCHEMA_VERSION}: write it anew \
         with `{how} --format json > report.json`",
        report.schema
    );
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::{Format, sample};

    fn read_text(text: &str) -> Result<Earlier> {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path())
            .unwrap()
            .join("Cargo.toml");
        fs::write(&path, text).unwrap();
        read(&path, "cargo x")
    }

    #[test]
    fn what_was_written_is_read() {
        let text = sample::rendered(sample::EVERY, Format::Json);
        let report = read_text(&text).unwrap();
        assert_eq!(report.tool, "cargo-x");
        let places = |findings: &[Finding]| {
            let all = findings.iter();
            let all = all.map(|finding| (finding.rule.clone(), finding.location.clone()));
            all.collect::<Vec<_>>()
        };
        let mut expected = places(&(sample::EVERY)());
        let mut found = places(&report.findings);
        expected.sort();
        found.sort();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_no_report_is_refused_with_the_command_that_writes_one() {
        for text in ["", "{}", "[1", r#"{"schema":9,"tool":"x","findings":[]}"#] {
            let error = format!("{:#}", read_text(text).unwrap_err());
            assert!(
                error.contains("`cargo x --format json > report.json`"),
                "{text}: {error}"
            );
        }
    }
}
