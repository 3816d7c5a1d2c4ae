//! Findings that the tests of all formats render.

use camino::Utf8Path;
use serde_json::json;

use super::{Format, Report, render};
use crate::finding::{Evidence, Finding, Location, RuleInfo, Saves, Severity};
use crate::fix::{Applicability, Edit, Fix};
use crate::handover::{Call, Steps};
use crate::style::Palette;

/// What an evil package or path may be called.
pub(super) const HOSTILE_NAME: &str =
    "a\u{1b}[2J`|</code><script>alert(1)</script>\n::error::x%0A\u{202e}@team";

pub(super) const MANIFEST: &str = "[package]\nname = \"é\"\n\n[profile.dev]\ndebug = true\n";

pub(super) static DEBUGINFO: RuleInfo = RuleInfo {
    id: "debuginfo",
    summary: "Full debug information is written that nobody reads",
    severity: Severity::Warning,
    docs: "## What it does\n\nLooks at `profile.dev.debug`, and at what it costs in time and in bytes \
           on this machine.\n\n## Why it matters\n\n- The compiler writes it.\n- The linker copies it, \
           which is most of the work of a link after a small edit.\n\n## Example\n\n```toml\n\
           [profile.dev]\ndebug = \"line-tables-only\"\n```\n\n## When it is wrong\n\nWith a debugger.\n",
};

pub(crate) static LINKER: RuleInfo = RuleInfo {
    id: "linker",
    summary: "A faster linker is installed",
    severity: Severity::Warning,
    docs: "## What it does\n\nTries `mold`.\n",
};

/// Names a list of findings.
pub(super) type Sample = fn() -> Vec<Finding>;

pub(super) const NONE: Sample = Vec::new;
pub(super) const ONE: Sample = || vec![debuginfo()];
pub(crate) const EVERY: Sample = every;
pub(super) const HOSTILE: Sample = || vec![hostile()];

pub(crate) fn rendered(sample: Sample, format: Format) -> String {
    rendered_with(sample, format, Palette::PLAIN, false)
}

pub(super) fn rendered_with(
    sample: Sample,
    format: Format,
    palette: Palette,
    snippets: bool,
) -> String {
    let findings = sample();
    let report = Report {
        tool: "cargo-x",
        version: "1.2.3",
        findings: &findings,
        summary: json!({ "wall_s": 21.6 }),
        rules: &[&DEBUGINFO, &LINKER],
        source: &|path: &Utf8Path| (path == "Cargo.toml").then(|| MANIFEST.to_owned()),
        snippets,
        steps: &steps,
    };
    let mut out = Vec::new();
    render(format, &report, palette, 80, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// What the rule says itself, and a check.
pub(super) fn steps(finding: &Finding) -> Steps {
    Call::new("x", &[]).checked(finding)
}

fn debuginfo() -> Finding {
    let at = MANIFEST.find("true").unwrap();
    let mut finding = Finding::new(
        &DEBUGINFO,
        "profile.dev.debug",
        "the compiler writes and the linker copies full debug information for 85 dependencies",
    )
    .at(Some(Location {
        path: "Cargo.toml".into(),
        line: 5,
        column: 9,
    }))
    .evidence(measured(0.77, [0.74, 0.80]))
    .help("set `debug = \"line-tables-only\"` to keep file and line in backtraces")
    .next("cargo x --apply");
    finding.fix = Some(Fix {
        applicability: Applicability::MachineApplicable,
        edits: vec![Edit {
            path: "Cargo.toml".into(),
            start: at,
            end: at + "true".len(),
            replacement: "\"line-tables-only\"".to_owned(),
        }],
    });
    finding.saves = Saves {
        wall_s: Some(0.22),
        cpu_s: None,
        bytes: Some(143_000_000),
    };
    finding
}

/// In an order that people should not see.
fn every() -> Vec<Finding> {
    vec![
        Finding::new(&LINKER, "mold", "mold is no faster here")
            .severity(Severity::Note)
            .evidence(measured(1.26, [1.19, 1.31])),
        Finding::new(&LINKER, "lld", "lld may be faster").evidence(Evidence::Predicted {
            model: "replay on 8 cores".to_owned(),
            ratio: 0.88,
            error: Some(0.03),
        }),
        debuginfo(),
        Finding::new(&DEBUGINFO, "profile.dev.debug", "by text").evidence(Evidence::Syntax),
        Finding::new(&DEBUGINFO, "a", "read").evidence(Evidence::Configured {
            fact: "`build.jobs` is 2".to_owned(),
        }),
        Finding::new(&DEBUGINFO, "b", "read off a build").evidence(Evidence::Recorded {
            fact: "85 units".to_owned(),
        }),
        Finding::new(&DEBUGINFO, "c", "proven")
            .severity(Severity::Advice)
            .evidence(Evidence::Verified {
                command: "cargo check --all-targets".to_owned(),
            })
            .evidence(Evidence::LinkedCode {
                removed: 456,
                added: 0,
                resized: 3,
            })
            .evidence(Evidence::Compiler {
                fact: "rustc: unused".to_owned(),
            })
            .evidence(Evidence::Profile {
                share: 0.31,
                samples: 547,
            }),
        Finding::new(&DEBUGINFO, "profile.dev", "cargo ignores this table")
            .severity(Severity::Error)
            .at(Some(Location {
                path: "/elsewhere/a b/Cargo.toml".into(),
                line: 1,
                column: 1,
            })),
    ]
}

fn hostile() -> Finding {
    let mut finding = Finding::new(&LINKER, HOSTILE_NAME, format!("see {HOSTILE_NAME}"))
        .at(Some(Location {
            path: format!("src/{HOSTILE_NAME},line=1.rs").into(),
            line: 1,
            column: 1,
        }))
        .evidence(Evidence::Compiler {
            fact: HOSTILE_NAME.to_owned(),
        })
        .evidence(Evidence::Verified {
            command: HOSTILE_NAME.to_owned(),
        })
        .help(HOSTILE_NAME)
        .next(HOSTILE_NAME);
    finding.fix = Some(Fix {
        applicability: Applicability::MaybeIncorrect,
        edits: vec![Edit {
            path: HOSTILE_NAME.into(),
            start: 7,
            end: 3,
            replacement: HOSTILE_NAME.to_owned(),
        }],
    });
    finding
}

fn measured(ratio: f64, interval: [f64; 2]) -> Evidence {
    Evidence::Measured {
        scenario: "rebuild after an edit".to_owned(),
        baseline: 0.95,
        candidate: 0.95 * ratio,
        unit: "s".to_owned(),
        ratio,
        interval,
        pairs: 7,
    }
}
