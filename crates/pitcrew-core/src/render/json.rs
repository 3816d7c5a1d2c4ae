//! The versioned JSON contract of every plugin, and its JSON schema, which
//! docs/schema/report.schema.json holds.

use std::io::Write;

use anyhow::{Context as _, Result};
use serde::Serialize;
use serde_json::Value;

use self::contract::{JsonFinding, JsonReport};
use super::Report;
use crate::style::is_unprintable;

mod contract;

/// Raised when the meaning of a field changes or a field goes; new fields do not raise it.
pub const SCHEMA: u32 = 1;

pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> Result<()> {
    let json = JsonReport {
        schema: SCHEMA,
        tool: report.tool,
        version: report.version,
        findings: (report.findings.iter())
            .map(|finding| JsonFinding::new(finding, (report.steps)(finding)))
            .collect(),
        summary: &report.summary,
    };
    write_pretty(&json, out)
}

/// Writes `value` as indented JSON in which nothing is left that a terminal would obey.
pub(super) fn write_pretty(value: &impl Serialize, out: &mut dyn Write) -> Result<()> {
    let text = serde_json::to_string_pretty(value).context("cannot write the report as JSON")?;
    let mut units = [0; 2];
    let mut rest = text.as_str();
    // Outside strings JSON has no such character but the newline, so escaping loses nothing.
    while let Some((at, c)) = first_unsafe(rest) {
        out.write_all(&rest.as_bytes()[..at])?;
        for unit in c.encode_utf16(&mut units) {
            write!(out, "\\u{unit:04x}")?;
        }
        rest = &rest[at + c.len_utf8()..];
    }
    out.write_all(rest.as_bytes())?;
    out.write_all(b"\n")?;
    Ok(())
}

fn first_unsafe(text: &str) -> Option<(usize, char)> {
    let mut chars = text.char_indices();
    chars.find(|(_, c)| *c != '\n' && is_unprintable(*c))
}

/// The JSON schema of the contract, as docs/schema/report.schema.json holds it.
pub fn json_schema() -> Value {
    let generator = schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    let mut schema = generator
        .into_root_schema_for::<JsonReport<'static>>()
        .to_value();
    schema["properties"]["schema"]["const"] = SCHEMA.into();
    schema
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    #[test]
    fn the_stored_schema_is_current() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../docs/schema/report.schema.json"
        );
        let stored: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert!(
            stored == json_schema(),
            "docs/schema/report.schema.json is out of date: run `cargo xtask docs`"
        );
    }

    #[test]
    fn reports_keep_the_contract() {
        let validator = jsonschema::validator_for(&json_schema()).unwrap();
        for report in [sample::EVERY, sample::HOSTILE, sample::NONE] {
            let text = sample::rendered(report, crate::render::Format::Json);
            let value: Value = serde_json::from_str(&text).unwrap();
            let errors: Vec<String> = validator
                .iter_errors(&value)
                .map(|error| error.to_string())
                .collect();
            assert!(errors.is_empty(), "{errors:#?}\n{text}");
            assert_eq!(value["schema"], 1);
        }
    }

    #[test]
    fn the_schema_refuses_what_is_no_report() {
        let validator = jsonschema::validator_for(&json_schema()).unwrap();
        let text = sample::rendered(sample::EVERY, crate::render::Format::Json);
        let good: Value = serde_json::from_str(&text).unwrap();
        let spoil: [fn(&mut Value); 5] = [
            |report| report["schema"] = 2.into(),
            |report| report["findings"][0]["severity"] = "fatal".into(),
            |report| report["findings"][0]["evidence"][0]["kind"] = "felt".into(),
            |report| report["findings"][0]["location"]["line"] = "1".into(),
            |report| report["findings"][0]["message"] = Value::Null,
        ];
        for (which, spoil) in spoil.iter().enumerate() {
            let mut report = good.clone();
            spoil(&mut report);
            assert!(!validator.is_valid(&report), "spoilt report {which}");
        }
    }

    #[test]
    fn hostile_text_survives_as_data_and_is_inert() {
        let text = sample::rendered(sample::HOSTILE, crate::render::Format::Json);
        assert!(!text.replace('\n', "").contains(is_unprintable));
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["findings"][0]["subject"], sample::HOSTILE_NAME);
    }

    #[test]
    fn a_report_reads_like_this() {
        insta::assert_snapshot!(sample::rendered(sample::ONE, crate::render::Format::Json), @r#"
        {
          "schema": 1,
          "tool": "cargo-x",
          "version": "1.2.3",
          "findings": [
            {
              "rule": "debuginfo",
              "severity": "warning",
              "subject": "profile.dev.debug",
              "message": "the compiler writes and the linker copies full debug information for 85 dependencies",
              "help": [
                "set `debug = \"line-tables-only\"` to keep file and line in backtraces"
              ],
              "location": {
                "path": "Cargo.toml",
                "line": 5,
                "column": 9
              },
              "evidence": [
                {
                  "kind": "measured",
                  "scenario": "rebuild after an edit",
                  "baseline": 0.95,
                  "candidate": 0.7314999999999999,
                  "unit": "s",
                  "ratio": 0.77,
                  "interval": [
                    0.74,
                    0.8
                  ],
                  "pairs": 7,
                  "text": "−23 % [−26, −20] over 7 pairs: rebuild after an edit, 0.95 s to 0.73 s"
                }
              ],
              "fix": {
                "applicability": "MachineApplicable",
                "edits": [
                  {
                    "path": "Cargo.toml",
                    "start": 45,
                    "end": 49,
                    "replacement": "\"line-tables-only\""
                  }
                ]
              },
              "saves": {
                "wall_s": 0.22,
                "bytes": 143000000
              },
              "next": [
                "cargo x --apply",
                "cargo x --apply"
              ],
              "verify": [
                "cargo x --check"
              ]
            }
          ],
          "summary": {
            "wall_s": 21.6
          }
        }
        "#);
    }
}
