//! For a pull-request comment: a table that is read at a glance, and the details folded under it.

use std::fmt::Write as _;
use std::io::Write;

use anyhow::Result;

use super::Report;
use super::evidence::{count, describe};
use super::grouped::{Told, grouped};
use super::human::totals;
use crate::handover::Steps;
use crate::style::printable;

/// GitHub refuses a comment of more than 65,536 characters; some room is left for the sender's own
/// words.
const MOST_CHARS: usize = 60_000;

pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> Result<()> {
    let findings = grouped(report.findings);
    let mut text = format!("### {}: {}\n", report.tool, totals(report.findings));
    if !findings.is_empty() {
        text.push_str(
            "\n| | rule | subject | finding | evidence |\n| --- | --- | --- | --- | --- |\n",
        );
    }
    let rows = findings.iter().map(row);
    let rows_left = push_while_room(&mut text, rows);
    let details = (findings.iter()).map(|told| details(told, &(report.steps)(told.finding)));
    let details_left = push_while_room(&mut text, details);
    if rows_left + details_left > 0 {
        let _ = write!(
            text,
            "\nCut to fit a comment: {rows_left} rows and {details_left} details are left out; \
             `--format json` has them all.\n"
        );
    }
    out.write_all(text.as_bytes())?;
    Ok(())
}

/// Appends blocks until the text is full; returns how many did not fit.
fn push_while_room(text: &mut String, blocks: impl Iterator<Item = String>) -> usize {
    let mut left = 0;
    let mut chars = text.chars().count();
    for block in blocks {
        let more = block.chars().count();
        if left > 0 || chars + more > MOST_CHARS {
            left += 1;
        } else {
            text.push_str(&block);
            chars += more;
        }
    }
    left
}

fn row(told: &Told<'_>) -> String {
    let finding = told.finding;
    let evidence: Vec<String> = finding
        .evidence
        .iter()
        .map(|evidence| prose(&describe(evidence)))
        .collect();
    let more = match told.also.len() {
        0 => String::new(),
        n => format!(" ({})", count(n as u64, "more place", "more places")),
    };
    let cells = [
        finding.severity.name().to_owned(),
        code(&finding.rule),
        code(&finding.subject),
        prose(&finding.message) + &more,
        evidence.join("<br>"),
    ];
    // In a table a bar ends the cell, even within a code span.
    let cells = cells.map(|cell| cell.replace('|', "\\|"));
    format!("| {} |\n", cells.join(" | "))
}

fn details(told: &Told<'_>, steps: &Steps) -> String {
    let finding = told.finding;
    let mut body = String::new();
    // Writing to a string cannot fail.
    if let Some(location) = &finding.location {
        let place = format!("{}:{}:{}", location.path, location.line, location.column);
        let _ = writeln!(body, "- at {}", code(&place));
    }
    if let Some(places) = told.also_at() {
        let _ = writeln!(body, "- and at {}", code(&places));
    }
    for help in &finding.help {
        let _ = writeln!(body, "- {}", prose(help));
    }
    for next in &steps.next {
        let _ = writeln!(body, "- next: {}", code(next));
    }
    for verify in &steps.verify {
        let _ = writeln!(body, "- verify: {}", code(verify));
    }
    let (rule, subject) = (html(&finding.rule), html(&finding.subject));
    format!(
        "\n<details><summary><code>{rule}</code>: <code>{subject}</code></summary>\n\n{body}\n</details>\n"
    )
}

/// A code span, fenced by more backticks than the text has in a row.
pub fn code(text: &str) -> String {
    let text = printable(text);
    let longest = text
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A code span for a cell of a table, which a bar ends even within code.
pub fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// A sentence whose `code` in backticks stays code, and in which nothing else is markup.
pub fn prose(text: &str) -> String {
    let text = printable(text);
    let mut out = String::with_capacity(text.len() + 8);
    let mut parts = text.split('`').peekable();
    let mut in_code = false;
    while let Some(part) = parts.next() {
        // A backtick without its partner is a plain one.
        let closed = parts.peek().is_some();
        if in_code && closed {
            if !part.is_empty() {
                out.push_str(&code(part));
            }
        } else {
            if in_code {
                out.push_str("\\`");
            }
            plain(part, &mut out);
        }
        in_code = !in_code;
    }
    out
}

fn plain(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Splits the word, so that nobody is notified by a name in a path.
            '@' => out.push_str("@<!-- -->"),
            '\\' | '*' | '_' | '[' | ']' | '#' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
}

/// Text within HTML.
fn html(text: &str) -> String {
    printable(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('@', "@<!-- -->")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Format::Markdown;
    use crate::render::sample::{EVERY, HOSTILE, NONE, Sample, rendered};
    use insta::assert_snapshot;

    #[test]
    fn a_table_and_its_details() {
        assert_snapshot!(rendered(EVERY, Markdown), @r#"
        ### cargo-x: 1 error, 5 warnings, 1 piece of advice, 1 note

        | | rule | subject | finding | evidence |
        | --- | --- | --- | --- | --- |
        | error | `debuginfo` | `profile.dev` | cargo ignores this table |  |
        | warning | `debuginfo` | `profile.dev.debug` | the compiler writes and the linker copies full debug information for 85 dependencies | −23 % \[−26, −20\] over 7 pairs: rebuild after an edit, 0.95 s to 0.73 s |
        | advice | `debuginfo` | `c` | proven | verified: `cargo check --all-targets` succeeds with the change<br>the linked program loses 456 functions, resizes 3 functions<br>rustc: unused<br>31 % of 547 samples |
        | warning | `debuginfo` | `b` | read off a build | recorded: 85 units |
        | warning | `debuginfo` | `a` | read | configured: `build.jobs` is 2 |
        | warning | `linker` | `lld` | lld may be faster | predicted −12 % ± 3: replay on 8 cores |
        | warning | `debuginfo` | `profile.dev.debug` | by text | by its text alone |
        | note | `linker` | `mold` | mold is no faster here | +26 % \[+19, +31\] over 7 pairs: rebuild after an edit, 0.95 s to 1.20 s |

        <details><summary><code>debuginfo</code>: <code>profile.dev</code></summary>

        - at `/elsewhere/a b/Cargo.toml:1:1`
        - next: `cargo x explain debuginfo`
        - verify: `cargo x --check`

        </details>

        <details><summary><code>debuginfo</code>: <code>profile.dev.debug</code></summary>

        - at `Cargo.toml:5:9`
        - set `debug = "line-tables-only"` to keep file and line in backtraces
        - next: `cargo x --apply`
        - next: `cargo x --apply`
        - verify: `cargo x --check`

        </details>

        <details><summary><code>debuginfo</code>: <code>c</code></summary>

        - next: `cargo x explain debuginfo`
        - verify: `cargo x --check`

        </details>

        <details><summary><code>debuginfo</code>: <code>b</code></summary>

        - next: `cargo x explain debuginfo`
        - verify: `cargo x --check`

        </details>

        <details><summary><code>debuginfo</code>: <code>a</code></summary>

        - next: `cargo x explain debuginfo`
        - verify: `cargo x --check`

        </details>

        <details><summary><code>linker</code>: <code>lld</code></summary>

        - next: `cargo x explain linker`
        - verify: `cargo x --check`

        </details>

        <details><summary><code>debuginfo</code>: <code>profile.dev.debug</code></summary>

        - next: `cargo x explain debuginfo`
        - verify: `cargo x --check`

        </details>

        <details><summary><code>linker</code>: <code>mold</code></summary>

        - next: `cargo x explain linker`
        - verify: `cargo x --check`

        </details>
        "#);
        assert_eq!(rendered(NONE, Markdown), "### cargo-x: no findings\n");
    }

    #[test]
    fn hostile_names_stay_in_their_cell() {
        assert_snapshot!(rendered(HOSTILE, Markdown), @r#"
        ### cargo-x: 1 warning

        | | rule | subject | finding | evidence |
        | --- | --- | --- | --- | --- |
        | warning | `linker` | ``a\u{1b}[2J`\|</code><script>alert(1)</script>\n::error::x%0A\u{202e}@team`` | see a\\u{1b}\[2J\`\|&lt;/code&gt;&lt;script&gt;alert(1)&lt;/script&gt;\\n::error::x%0A\\u{202e}@<!-- -->team | compiler: a\\u{1b}\[2J\`\|&lt;/code&gt;&lt;script&gt;alert(1)&lt;/script&gt;\\n::error::x%0A\\u{202e}@<!-- -->team<br>verified: `a\u{1b}[2J`\|&lt;/code&gt;&lt;script&gt;alert(1)&lt;/script&gt;\\n::error::x%0A\\u{202e}@<!-- -->team\` succeeds with the change |

        <details><summary><code>linker</code>: <code>a\u{1b}[2J`|&lt;/code&gt;&lt;script&gt;alert(1)&lt;/script&gt;\n::error::x%0A\u{202e}@<!-- -->team</code></summary>

        - at ``src/a\u{1b}[2J`|</code><script>alert(1)</script>\n::error::x%0A\u{202e}@team,line=1.rs:1:1``
        - a\\u{1b}\[2J\`|&lt;/code&gt;&lt;script&gt;alert(1)&lt;/script&gt;\\n::error::x%0A\\u{202e}@<!-- -->team
        - next: `cargo x --apply --allow-maybe-incorrect`
        - next: ``a\u{1b}[2J`|</code><script>alert(1)</script>\n::error::x%0A\u{202e}@team``
        - verify: `cargo x --check`

        </details>
        "#);
    }

    #[test]
    fn code_spans_hold_any_backticks() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a``b`c"), "```a``b`c```");
        assert_eq!(code("`a"), "`` `a ``");
    }

    #[test]
    fn prose_keeps_code_and_escapes_the_rest() {
        assert_eq!(prose("set `a*b` *now*"), "set `a*b` \\*now\\*");
        assert_eq!(prose("a lone ` here"), "a lone \\` here");
        assert_eq!(prose("<b> & @me"), "&lt;b&gt; &amp; @<!-- -->me");
    }

    #[test]
    fn a_long_report_is_cut_between_rows() {
        let many: Sample = || std::iter::repeat_with(EVERY).take(200).flatten().collect();
        let text = rendered(many, Markdown);
        assert!(text.chars().count() < 65_536);
        assert!(text.contains("\nCut to fit a comment: "));
        let rows = text.lines().filter(|line| line.starts_with('|'));
        assert!(rows.clone().count() > 100);
        assert!(rows.clone().all(|row| row.ends_with('|')));
    }
}
