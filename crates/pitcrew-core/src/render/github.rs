//! Annotations of GitHub Actions: workflow commands, one line each, that show in a pull request.

use std::io::Write;

use anyhow::Result;

use super::Report;
use super::evidence::{describe, ordered};
use crate::finding::{Finding, Severity};
use crate::style::printable;

pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> Result<()> {
    for finding in ordered(report.findings) {
        writeln!(out, "{}", annotation(report.tool, finding))?;
    }
    Ok(())
}

fn annotation(tool: &str, finding: &Finding) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice | Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    if let Some(location) = &finding.location {
        properties.push(format!("file={}", property(location.path.as_str())));
        properties.push(format!("line={}", location.line));
        properties.push(format!("col={}", location.column));
    }
    let title = format!("{tool}: {}", finding.rule);
    properties.push(format!("title={}", property(&title)));
    let mut lines = vec![format!("{}: {}", finding.subject, finding.message)];
    lines.extend(finding.evidence.iter().map(describe));
    lines.extend(finding.help.iter().map(|help| format!("help: {help}")));
    lines.extend(finding.next.iter().map(|next| format!("next: {next}")));
    let lines: Vec<String> = lines.iter().map(|line| data(line)).collect();
    format!(
        "::{command} {}::{}",
        properties.join(","),
        lines.join("%0A")
    )
}

/// Text of a message, in which only the percent sign and line ends have a meaning.
fn data(text: &str) -> String {
    printable(text).replace('%', "%25")
}

/// Text of a property, which also ends at a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use crate::render::Format::Github;
    use crate::render::sample::{EVERY, HOSTILE, NONE, rendered};

    #[test]
    fn each_finding_is_one_annotation() {
        insta::assert_snapshot!(rendered(EVERY, Github), @r#"
        ::error file=/elsewhere/a b/Cargo.toml,line=1,col=1,title=cargo-x%3A debuginfo::profile.dev: cargo ignores this table
        ::warning file=Cargo.toml,line=5,col=9,title=cargo-x%3A debuginfo::profile.dev.debug: the compiler writes and the linker copies full debug information for 85 dependencies%0A−23 %25 [−26, −20] over 7 pairs: rebuild after an edit, 0.95 s to 0.73 s%0Ahelp: set `debug = "line-tables-only"` to keep file and line in backtraces%0Anext: cargo x --apply
        ::notice title=cargo-x%3A debuginfo::c: proven%0Averified: `cargo check --all-targets` succeeds with the change%0Athe linked program loses 456 functions, resizes 3 functions%0Arustc: unused%0A31 %25 of 547 samples
        ::warning title=cargo-x%3A debuginfo::b: read off a build%0Arecorded: 85 units
        ::warning title=cargo-x%3A debuginfo::a: read%0Aconfigured: `build.jobs` is 2
        ::warning title=cargo-x%3A linker::lld: lld may be faster%0Apredicted −12 %25 ± 3: replay on 8 cores
        ::warning title=cargo-x%3A debuginfo::profile.dev.debug: by text%0Aby its text alone
        ::notice title=cargo-x%3A linker::mold: mold is no faster here%0A+26 %25 [+19, +31] over 7 pairs: rebuild after an edit, 0.95 s to 1.20 s
        "#);
        assert_eq!(rendered(NONE, Github), "");
    }

    #[test]
    fn hostile_names_cannot_start_a_command_or_a_property() {
        let text = rendered(HOSTILE, Github);
        assert_eq!(text.lines().count(), 1);
        insta::assert_snapshot!(text, @r#"
        ::warning file=src/a\u{1b}[2J`|</code><script>alert(1)</script>\n%3A%3Aerror%3A%3Ax%250A\u{202e}@team%2Cline=1.rs,line=1,col=1,title=cargo-x%3A linker::a\u{1b}[2J`|</code><script>alert(1)</script>\n::error::x%250A\u{202e}@team: see a\u{1b}[2J`|</code><script>alert(1)</script>\n::error::x%250A\u{202e}@team%0Acompiler: a\u{1b}[2J`|</code><script>alert(1)</script>\n::error::x%250A\u{202e}@team%0Averified: `a\u{1b}[2J`|</code><script>alert(1)</script>\n::error::x%250A\u{202e}@team` succeeds with the change%0Ahelp: a\u{1b}[2J`|</code><script>alert(1)</script>\n::error::x%250A\u{202e}@team%0Anext: a\u{1b}[2J`|</code><script>alert(1)</script>\n::error::x%250A\u{202e}@team
        "#);
    }
}
