//! SARIF 2.1.0, for code scanning: rules with their help, results with places and fixes.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Result;
use camino::Utf8Path;
use serde_json::json;
use serde_sarif::sarif;

use super::Report;
use super::evidence::describe;
use super::json::write_pretty;
use crate::finding::{Finding, Location, RuleInfo, Severity};
use crate::fix::{Applicability, Edit, Fix};
use crate::position::line_column;

/// Where the relative URIs start: the workspace root.
const ROOT: &str = "%SRCROOT%";

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> Result<()> {
    let rules: Vec<sarif::ReportingDescriptor> = report.rules.iter().map(|r| rule(r)).collect();
    let results: Vec<sarif::Result> = report.findings.iter().map(|f| result(f, report)).collect();
    let driver = sarif::ToolComponent::builder()
        .name(report.tool)
        .version(report.version)
        .semantic_version(report.version)
        .rules(rules)
        .build();
    let root = sarif::ArtifactLocation::builder()
        .description("The root of the workspace")
        .build();
    let run = sarif::Run::builder()
        .tool(driver)
        .results(results)
        .column_kind(json!("unicodeCodePoints"))
        .original_uri_base_ids(BTreeMap::from([(ROOT.to_owned(), root)]))
        .build();
    let log = sarif::Sarif::builder()
        .schema(SCHEMA)
        .version(json!("2.1.0"))
        .runs(vec![run])
        .build();
    write_pretty(&log, out)
}

fn rule(rule: &RuleInfo) -> sarif::ReportingDescriptor {
    let level = level(rule.severity);
    let text = |text: &str| {
        sarif::MultiformatMessageString::builder()
            .text(text)
            .build()
    };
    let help = sarif::MultiformatMessageString::builder()
        .text(rule.docs)
        .markdown(rule.docs)
        .build();
    sarif::ReportingDescriptor::builder()
        .id(rule.id)
        .short_description(text(rule.summary))
        .full_description(text(rule.summary))
        .help(help)
        .default_configuration(
            sarif::ReportingConfiguration::builder()
                .level(json!(level.to_string()))
                .build(),
        )
        .build()
}

fn result(finding: &Finding, report: &Report<'_>) -> sarif::Result {
    let index = report.rules.iter().position(|r| r.id == finding.rule);
    // The subject is in the message too: code scanning shows nothing else of it.
    let mut lines = vec![format!("{}: {}", finding.subject, finding.message)];
    lines.extend(finding.evidence.iter().map(describe));
    lines.extend(finding.help.iter().map(|help| format!("help: {help}")));
    lines.extend(finding.next.iter().map(|next| format!("next: {next}")));
    // Lines move when a file is edited; the rule and its subject do not.
    let fingerprint = format!("{}:{}", finding.rule, finding.subject);
    let mut result = sarif::Result::builder()
        .rule_id(finding.rule.as_str())
        .level(level(finding.severity))
        .message(lines.join("\n").as_str())
        .partial_fingerprints(BTreeMap::from([(
            "ruleAndSubject/v1".to_owned(),
            fingerprint,
        )]))
        .build();
    result.rule_index = index.and_then(|index| i64::try_from(index).ok());
    result.locations = finding.location.as_ref().map(|at| vec![location(at)]);
    result.fixes = finding
        .fix
        .as_ref()
        .and_then(|fix| fixes(fix, report.source));
    result
}

fn level(severity: Severity) -> sarif::ResultLevel {
    match severity {
        Severity::Error => sarif::ResultLevel::Error,
        Severity::Warning => sarif::ResultLevel::Warning,
        Severity::Advice | Severity::Note => sarif::ResultLevel::Note,
    }
}

fn location(location: &Location) -> sarif::Location {
    let region = sarif::Region::builder()
        .start_line(i64::from(location.line))
        .start_column(i64::from(location.column))
        .build();
    let physical = sarif::PhysicalLocation::builder()
        .artifact_location(artifact(&location.path))
        .region(region)
        .build();
    sarif::Location::builder()
        .physical_location(physical)
        .build()
}

/// The fix with its byte ranges as lines and columns; none where a file it edits cannot be read, for
/// half a fix is none.
fn fixes(fix: &Fix, source: &dyn Fn(&Utf8Path) -> Option<String>) -> Option<Vec<sarif::Fix>> {
    let mut files: BTreeMap<&Utf8Path, Vec<&Edit>> = BTreeMap::new();
    for edit in &fix.edits {
        files.entry(edit.path.as_path()).or_default().push(edit);
    }
    let mut changes = Vec::new();
    for (path, edits) in files {
        let text = source(path)?;
        let replacements: Option<Vec<sarif::Replacement>> =
            edits.iter().map(|edit| replacement(edit, &text)).collect();
        changes.push(
            sarif::ArtifactChange::builder()
                .artifact_location(artifact(path))
                .replacements(replacements?)
                .build(),
        );
    }
    if changes.is_empty() {
        return None;
    }
    let description = match fix.applicability {
        Applicability::MachineApplicable => "Written by `--apply`",
        Applicability::MaybeIncorrect => "May not be what you want: look before you take it",
        Applicability::HasPlaceholders => "Holds placeholders to fill in",
        Applicability::Unspecified => "Nothing is known of its safety",
    };
    let fix = sarif::Fix::builder()
        .artifact_changes(changes)
        .description(description)
        .build();
    Some(vec![fix])
}

fn replacement(edit: &Edit, text: &str) -> Option<sarif::Replacement> {
    let (start_line, start_column) = line_column(text, edit.start)?;
    let (end_line, end_column) = line_column(text, edit.end)?;
    let region = sarif::Region::builder()
        .start_line(i64::from(start_line))
        .start_column(i64::from(start_column))
        .end_line(i64::from(end_line))
        .end_column(i64::from(end_column))
        .build();
    let inserted = sarif::ArtifactContent::builder()
        .text(edit.replacement.as_str())
        .build();
    let replacement = sarif::Replacement::builder()
        .deleted_region(region)
        .inserted_content(inserted)
        .build();
    (edit.start <= edit.end).then_some(replacement)
}

/// A path as a URI: relative to the root, or absolute where it lies outside.
fn artifact(path: &Utf8Path) -> sarif::ArtifactLocation {
    let path = path.as_str();
    let drive =
        matches!(path.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic());
    if drive {
        // The colon of a drive stays, and the path needs a slash before it.
        let uri = percent_encoded(&path.replace('\\', "/"));
        let uri = uri.replacen("%3A", ":", 1);
        sarif::ArtifactLocation::builder()
            .uri(format!("file:///{uri}"))
            .build()
    } else if path.starts_with('/') {
        let uri = percent_encoded(path);
        sarif::ArtifactLocation::builder()
            .uri(format!("file://{uri}"))
            .build()
    } else {
        sarif::ArtifactLocation::builder()
            .uri(percent_encoded(path))
            .uri_base_id(ROOT)
            .build()
    }
}

/// All but unreserved characters and slashes, by RFC 3986.
fn percent_encoded(path: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            byte => {
                // Writing to a string cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Format::Sarif;
    use crate::render::sample::{EVERY, HOSTILE, HOSTILE_NAME, NONE, ONE, rendered};
    use crate::style::is_unprintable;

    fn parsed(text: &str) -> sarif::Sarif {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_report_reads_like_this() {
        insta::assert_snapshot!(rendered(ONE, Sarif), @r###"
        {
          "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
          "runs": [
            {
              "columnKind": "unicodeCodePoints",
              "originalUriBaseIds": {
                "%SRCROOT%": {
                  "description": {
                    "text": "The root of the workspace"
                  }
                }
              },
              "results": [
                {
                  "fixes": [
                    {
                      "artifactChanges": [
                        {
                          "artifactLocation": {
                            "uri": "Cargo.toml",
                            "uriBaseId": "%SRCROOT%"
                          },
                          "replacements": [
                            {
                              "deletedRegion": {
                                "endColumn": 13,
                                "endLine": 5,
                                "startColumn": 9,
                                "startLine": 5
                              },
                              "insertedContent": {
                                "text": "\"line-tables-only\""
                              }
                            }
                          ]
                        }
                      ],
                      "description": {
                        "text": "Written by `--apply`"
                      }
                    }
                  ],
                  "level": "warning",
                  "locations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "Cargo.toml",
                          "uriBaseId": "%SRCROOT%"
                        },
                        "region": {
                          "startColumn": 9,
                          "startLine": 5
                        }
                      }
                    }
                  ],
                  "message": {
                    "text": "profile.dev.debug: the compiler writes and the linker copies full debug information for 85 dependencies\n−23 % [−26, −20] over 7 pairs: rebuild after an edit, 0.95 s to 0.73 s\nhelp: set `debug = \"line-tables-only\"` to keep file and line in backtraces\nnext: cargo x --apply"
                  },
                  "partialFingerprints": {
                    "ruleAndSubject/v1": "debuginfo:profile.dev.debug"
                  },
                  "ruleId": "debuginfo",
                  "ruleIndex": 0
                }
              ],
              "tool": {
                "driver": {
                  "name": "cargo-x",
                  "rules": [
                    {
                      "defaultConfiguration": {
                        "level": "warning"
                      },
                      "fullDescription": {
                        "text": "Full debug information is written that nobody reads"
                      },
                      "help": {
                        "markdown": "## What it does\n\nLooks at `profile.dev.debug`, and at what it costs in time and in bytes on this machine.\n\n## Why it matters\n\n- The compiler writes it.\n- The linker copies it, which is most of the work of a link after a small edit.\n\n## Example\n\n```toml\n[profile.dev]\ndebug = \"line-tables-only\"\n```\n\n## When it is wrong\n\nWith a debugger.\n",
                        "text": "## What it does\n\nLooks at `profile.dev.debug`, and at what it costs in time and in bytes on this machine.\n\n## Why it matters\n\n- The compiler writes it.\n- The linker copies it, which is most of the work of a link after a small edit.\n\n## Example\n\n```toml\n[profile.dev]\ndebug = \"line-tables-only\"\n```\n\n## When it is wrong\n\nWith a debugger.\n"
                      },
                      "id": "debuginfo",
                      "shortDescription": {
                        "text": "Full debug information is written that nobody reads"
                      }
                    },
                    {
                      "defaultConfiguration": {
                        "level": "warning"
                      },
                      "fullDescription": {
                        "text": "A faster linker is installed"
                      },
                      "help": {
                        "markdown": "## What it does\n\nTries `mold`.\n",
                        "text": "## What it does\n\nTries `mold`.\n"
                      },
                      "id": "linker",
                      "shortDescription": {
                        "text": "A faster linker is installed"
                      }
                    }
                  ],
                  "semanticVersion": "1.2.3",
                  "version": "1.2.3"
                }
              }
            }
          ],
          "version": "2.1.0"
        }
        "###);
    }

    #[test]
    fn results_name_their_rules() {
        let run = &parsed(&rendered(EVERY, Sarif)).runs[0];
        let rules = run.tool.driver.rules.as_ref().unwrap();
        let results = run.results.as_ref().unwrap();
        assert_eq!(results.len(), EVERY().len());
        for result in results {
            let index = usize::try_from(result.rule_index.unwrap()).unwrap();
            assert_eq!(Some(&rules[index].id), result.rule_id.as_ref());
        }
        let none = parsed(&rendered(NONE, Sarif));
        assert_eq!(none.runs[0].results, Some(Vec::new()), "ran, found nothing");
    }

    #[test]
    fn paths_become_uris() {
        let uri = |path: &str| {
            let artifact = artifact(path.into());
            (artifact.uri.unwrap(), artifact.uri_base_id.is_some())
        };
        assert_eq!(uri("a b/é.rs"), ("a%20b/%C3%A9.rs".to_owned(), true));
        assert_eq!(uri("/x/y"), ("file:///x/y".to_owned(), false));
        assert_eq!(uri("C:\\x"), ("file:///C:/x".to_owned(), false));
        assert_eq!(uri("a:b"), ("a%3Ab".to_owned(), true));
    }

    #[test]
    fn hostile_names_survive_as_data_and_are_inert() {
        let text = rendered(HOSTILE, Sarif);
        assert!(!text.replace('\n', "").contains(is_unprintable));
        let log = parsed(&text);
        let result = &log.runs[0].results.as_ref().unwrap()[0];
        assert!(result.message.text.as_ref().unwrap().contains(HOSTILE_NAME));
        assert_eq!(result.fixes, None, "its file cannot be read");
        let uri = &result.locations.as_ref().unwrap()[0];
        let uri = uri.physical_location.as_ref().unwrap();
        let uri = uri.artifact_location.as_ref().unwrap().uri.as_ref();
        assert!(uri.unwrap().is_ascii());
    }
}
