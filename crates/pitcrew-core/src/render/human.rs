//! For reading in a terminal: compact, what is worth most and surest first, wrapped at its width.

use std::cmp::Ordering;
use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use anyhow::Result;

use super::Report;
use super::evidence::{count, decides, describe, worth};
use super::grouped::{Told, grouped};
use crate::finding::{Evidence, Finding, Severity};
use crate::fix::Applicability;
use crate::position::rest_of_line;
use crate::style::{Palette, is_unprintable, layout, printable};

pub(super) fn render(
    report: &Report<'_>,
    palette: Palette,
    width: usize,
    out: &mut dyn Write,
) -> Result<()> {
    for told in grouped(report.findings) {
        write_finding(&told, report, palette, width, out)?;
        writeln!(out)?;
    }
    writeln!(out, "{}", palette.heading(totals(report.findings)))?;
    Ok(())
}

fn write_finding(
    told: &Told<'_>,
    report: &Report<'_>,
    palette: Palette,
    width: usize,
    out: &mut dyn Write,
) -> Result<()> {
    let finding = told.finding;
    let severity = finding.severity;
    let label = format!("{}[{}]", severity.name(), printable(&finding.rule));
    writeln!(
        out,
        "{} {}",
        palette.severity(severity, label),
        palette.heading(printable(&finding.subject))
    )?;
    let mut line = |label: String, text: &str, paint: fn(Palette, &str) -> String| {
        let text = printable(text);
        wrap(&label, &paint(palette, &text), width, out)
    };
    line(String::new(), &finding.message, |_, text| text.to_owned())?;
    for evidence in &finding.evidence {
        line(String::new(), &describe(evidence), paint(evidence))?;
    }
    if let Some(saves) = worth(&finding.saves).filter(|_| !has_figures(finding)) {
        line("saves ".to_owned(), &saves, |_, text| text.to_owned())?;
    }
    write_location(finding, report, palette, width, out)?;
    if let Some(places) = told.also_at() {
        wrap(&palette.dim("and at "), &places, width, out)?;
    }
    for help in &finding.help {
        for (n, part) in help.lines().enumerate() {
            let label = if n == 0 { "help: " } else { "      " };
            wrap(&palette.heading(label), &printable(part), width, out)?;
        }
    }
    if let Some(how) = how_to_apply(finding) {
        wrap(&palette.heading("fix: "), how, width, out)?;
    }
    for next in &finding.next {
        // Never wrapped: a command must be whole to be pasted.
        let label = palette.heading("next:");
        writeln!(out, "  {label} {}", palette.code(printable(next)))?;
    }
    Ok(())
}

/// Whether the evidence already tells what is saved.
fn has_figures(finding: &Finding) -> bool {
    finding
        .evidence
        .iter()
        .any(|evidence| matches!(evidence, Evidence::Measured { .. }))
}

fn how_to_apply(finding: &Finding) -> Option<&'static str> {
    match finding.fix.as_ref()?.applicability {
        Applicability::MachineApplicable => Some("`--apply` writes it"),
        Applicability::MaybeIncorrect => Some("`--apply --allow-maybe-incorrect` writes it"),
        Applicability::HasPlaceholders | Applicability::Unspecified => None,
    }
}

/// Green for a proven gain, red for a proven loss, dim for what is less than proof.
fn paint(evidence: &Evidence) -> fn(Palette, &str) -> String {
    match (evidence, decides(evidence)) {
        (_, Some(Ordering::Less)) | (Evidence::Verified { .. }, _) => |p, text| p.good(text),
        (_, Some(_)) => |p, text| p.bad(text),
        _ => |p, text| p.dim(text),
    }
}

fn write_location(
    finding: &Finding,
    report: &Report<'_>,
    palette: Palette,
    width: usize,
    out: &mut dyn Write,
) -> Result<()> {
    let Some(location) = &finding.location else {
        return Ok(());
    };
    let path = printable(location.path.as_str());
    if report.snippets
        && let Some(text) = (report.source)(&location.path).map(|text| drawable(&text))
        && let Some(span) = rest_of_line(&text, location.line, location.column)
    {
        let snippet = Snippet::source(text.as_str())
            .path(path.as_ref())
            .annotation(AnnotationKind::Primary.span(span));
        let group = Group::with_level(level(finding.severity)).element(snippet);
        let renderer = if palette.is_colored() {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let drawn = renderer
            .term_width(width.saturating_sub(2))
            .render(&[group]);
        for line in drawn.lines() {
            writeln!(out, "  {}", line.trim_end())?;
        }
        return Ok(());
    }
    let place = format!("{path}:{}:{}", location.line, location.column);
    writeln!(out, "  {} {place}", palette.dim("at"))?;
    Ok(())
}

/// A source with a mark for each character that a terminal would obey, so that lines and columns
/// stay.
fn drawable(text: &str) -> String {
    let mark = |c| match c {
        '\n' | '\t' => c,
        c if is_unprintable(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.replace("\r\n", "\n").chars().map(mark).collect()
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Advice => Level::HELP,
        Severity::Note => Level::NOTE,
    }
}

/// Writes `text` after `label`, by two columns from the left; further lines stand under the text.
/// Both may hold colours.
fn wrap(label: &str, text: &str, width: usize, out: &mut dyn Write) -> Result<()> {
    let indent = " ".repeat(2 + textwrap::core::display_width(label));
    let first = format!("  {label}");
    for line in textwrap::wrap(text, layout(width, &first, &indent)) {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// A paragraph of text of ours, wrapped at the width.
pub fn paragraph(text: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
    for line in textwrap::wrap(text, layout(width, "", "")) {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// `2 errors, 1 note`, worst first.
pub(super) fn totals(findings: &[Finding]) -> String {
    let words = [
        (Severity::Error, "error", "errors"),
        (Severity::Warning, "warning", "warnings"),
        (Severity::Advice, "piece of advice", "pieces of advice"),
        (Severity::Note, "note", "notes"),
    ];
    let parts: Vec<String> = words
        .iter()
        .filter_map(|(severity, one, many)| {
            let n = findings.iter().filter(|f| f.severity == *severity).count();
            (n > 0).then(|| count(n as u64, one, many))
        })
        .collect();
    if parts.is_empty() {
        "no findings".to_owned()
    } else {
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Format::Human;
    use crate::render::sample::{EVERY, HOSTILE, NONE, ONE, rendered, rendered_with};
    use insta::assert_snapshot;

    #[test]
    fn worth_and_sureness_order_the_list() {
        assert_snapshot!(rendered(EVERY, Human), @r#"
        error[debuginfo] profile.dev
          cargo ignores this table
          at /elsewhere/a b/Cargo.toml:1:1

        warning[debuginfo] profile.dev.debug
          the compiler writes and the linker copies full debug information for 85
          dependencies
          −23 % [−26, −20] over 7 pairs: rebuild after an edit, 0.95 s to 0.73 s
          at Cargo.toml:5:9
          help: set `debug = "line-tables-only"` to keep file and line in backtraces
          fix: `--apply` writes it
          next: cargo x --apply

        advice[debuginfo] c
          proven
          verified: `cargo check --all-targets` succeeds with the change
          the linked program loses 456 functions, resizes 3 functions
          rustc: unused
          31 % of 547 samples

        warning[debuginfo] b
          read off a build
          recorded: 85 units

        warning[debuginfo] a
          read
          configured: `build.jobs` is 2

        warning[linker] lld
          lld may be faster
          predicted −12 % ± 3: replay on 8 cores

        warning[debuginfo] profile.dev.debug
          by text
          by its text alone

        note[linker] mold
          mold is no faster here
          +26 % [+19, +31] over 7 pairs: rebuild after an edit, 0.95 s to 1.20 s

        1 error, 5 warnings, 1 piece of advice, 1 note
        "#);
    }

    #[test]
    fn nothing_found_is_said() {
        assert_eq!(rendered(NONE, Human), "no findings\n");
    }

    #[test]
    fn verbose_shows_the_source() {
        assert_snapshot!(rendered_with(ONE, Human, Palette::PLAIN, true), @r#"
        warning[debuginfo] profile.dev.debug
          the compiler writes and the linker copies full debug information for 85
          dependencies
          −23 % [−26, −20] over 7 pairs: rebuild after an edit, 0.95 s to 0.73 s
           --> Cargo.toml:5:9
            |
          5 | debug = true
            |         ^^^^
          help: set `debug = "line-tables-only"` to keep file and line in backtraces
          fix: `--apply` writes it
          next: cargo x --apply

        1 warning
        "#);
    }

    #[test]
    fn no_line_but_a_command_is_wider_than_the_terminal() {
        for line in rendered(EVERY, Human).lines() {
            assert!(textwrap::core::display_width(line) <= 80, "{line}");
        }
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        for snippets in [false, true] {
            let colored = rendered_with(EVERY, Human, Palette::COLORED, snippets);
            assert!(colored.contains("\u{1b}[32m−23 % [−26, −20] over 7 pairs"));
            let mut plain = String::new();
            let mut rest = colored.as_str();
            while let Some(at) = rest.find('\u{1b}') {
                plain.push_str(&rest[..at]);
                let end = rest[at..].find('m').unwrap();
                rest = &rest[at + end + 1..];
            }
            plain.push_str(rest);
            let wanted = rendered_with(EVERY, Human, Palette::PLAIN, snippets);
            assert_eq!(plain, wanted);
        }
    }

    #[test]
    fn hostile_names_are_inert() {
        for snippets in [false, true] {
            let text = rendered_with(HOSTILE, Human, Palette::PLAIN, snippets);
            assert!(!text.replace('\n', "").contains(is_unprintable), "{text:?}");
            assert!(!text.lines().any(|line| line.starts_with("::")), "{text}");
        }
    }
}
