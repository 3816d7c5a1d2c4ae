//! A rule's documentation in a terminal, and the list of rules.

use std::io::Write;

use anyhow::{Result, anyhow};

use crate::finding::RuleInfo;
use crate::nearest::suggestion;
use crate::style::Palette;
use crate::style::layout;

/// Writes the documentation of the rule `id`, or one line for each rule where none is named.
pub fn explain(
    rules: &[&'static RuleInfo],
    id: Option<&str>,
    palette: Palette,
    width: usize,
    out: &mut dyn Write,
) -> Result<()> {
    let Some(id) = id else {
        return list(rules, palette, width, out);
    };
    let rule = rules.iter().find(|rule| rule.id == id).ok_or_else(|| {
        let near = suggestion(id, rules.iter().map(|rule| rule.id));
        anyhow!("there is no rule `{}`{near}", crate::style::printable(id))
    })?;
    let label = format!("{}[{}]", rule.severity.name(), rule.id);
    writeln!(
        out,
        "{} {}\n",
        palette.severity(rule.severity, label),
        palette.heading(rule.summary)
    )?;
    write_markdown(rule.docs, palette, width, out)
}

fn list(
    rules: &[&'static RuleInfo],
    palette: Palette,
    width: usize,
    out: &mut dyn Write,
) -> Result<()> {
    let names = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let rest = " ".repeat(names + 2);
    for rule in rules {
        let padding = " ".repeat(names - rule.id.len() + 2);
        let name = palette.code(rule.id) + &padding;
        for line in textwrap::wrap(rule.summary, layout(width, &name, &rest)) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// A block of the Markdown that rules are documented in.
#[derive(Debug, PartialEq, Eq)]
enum Block {
    Heading(String),
    Paragraph(String),
    Item { marker: String, text: String },
    Code(Vec<String>),
}

fn write_markdown(docs: &str, palette: Palette, width: usize, out: &mut dyn Write) -> Result<()> {
    let blocks = blocks(docs);
    let mut before: Option<&Block> = None;
    for block in &blocks {
        let close = matches!(
            (before, block),
            (None | Some(Block::Heading(_)), _) | (Some(Block::Item { .. }), Block::Item { .. })
        );
        if !close {
            writeln!(out)?;
        }
        match block {
            Block::Heading(text) => writeln!(out, "{}", palette.heading(text))?,
            Block::Paragraph(text) => write_text(text, "", palette, width, out)?,
            Block::Item { marker, text } => write_text(text, marker, palette, width, out)?,
            Block::Code(lines) => {
                for line in lines {
                    let line = format!("    {line}");
                    writeln!(out, "{}", palette.code(line.trim_end()))?;
                }
            }
        }
        before = Some(block);
    }
    Ok(())
}

fn write_text(
    text: &str,
    marker: &str,
    palette: Palette,
    width: usize,
    out: &mut dyn Write,
) -> Result<()> {
    let rest = " ".repeat(textwrap::core::display_width(marker));
    // Coloured code needs no backticks; in plain text they are what marks it.
    let text: String = if palette.is_colored() {
        let parts = text.split('`').enumerate();
        parts
            .map(|(n, part)| {
                if n % 2 == 1 {
                    palette.code(part)
                } else {
                    part.to_owned()
                }
            })
            .collect()
    } else {
        text.to_owned()
    };
    for line in textwrap::wrap(&text, layout(width, marker, &rest)) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// The blocks of `docs`: headings, paragraphs and items of lists with their lines joined, fenced
/// code line by line.
fn blocks(docs: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut code: Option<Vec<String>> = None;
    // Whether the next line goes on with the last paragraph or item.
    let mut open = false;
    for line in docs.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with("```") {
            match code.take() {
                Some(lines) => blocks.push(Block::Code(lines)),
                None => code = Some(Vec::new()),
            }
            open = false;
        } else if let Some(lines) = &mut code {
            lines.push(line.to_owned());
        } else if trimmed.is_empty() {
            open = false;
        } else if let Some(heading) = heading(trimmed) {
            blocks.push(Block::Heading(heading.to_owned()));
            open = false;
        } else if let Some((marker, text)) = item(trimmed) {
            blocks.push(Block::Item {
                marker: marker.to_owned(),
                text: text.to_owned(),
            });
            open = true;
        } else if let (true, Some(Block::Paragraph(text) | Block::Item { text, .. })) =
            (open, blocks.last_mut())
        {
            text.push(' ');
            text.push_str(trimmed);
        } else {
            blocks.push(Block::Paragraph(trimmed.to_owned()));
            open = true;
        }
    }
    blocks.extend(code.map(Block::Code));
    blocks
}

fn heading(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    (text.len() < line.len() && text.starts_with(' ')).then(|| text.trim())
}

/// The marker of a list's item with its space, and the text after it.
fn item(line: &str) -> Option<(&str, &str)> {
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = digits.len() < line.len() && digits.starts_with(". ");
    let length = if numbered {
        line.len() - digits.len() + 2
    } else if line.starts_with("- ") || line.starts_with("* ") {
        2
    } else {
        return None;
    };
    Some(line.split_at(length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample::{DEBUGINFO, LINKER};
    use insta::assert_snapshot;

    fn explained(id: Option<&str>, palette: Palette) -> Result<String> {
        let mut out = Vec::new();
        explain(&[&DEBUGINFO, &LINKER], id, palette, 60, &mut out)?;
        Ok(String::from_utf8(out)?)
    }

    #[test]
    fn documentation_reads_in_a_terminal() {
        let text = explained(Some("debuginfo"), Palette::PLAIN).unwrap();
        assert_snapshot!(text, @r#"
        warning[debuginfo] Full debug information is written that nobody reads

        What it does
        Looks at `profile.dev.debug`, and at what it costs in time
        and in bytes on this machine.

        Why it matters
        - The compiler writes it.
        - The linker copies it, which is most of the work of a link
          after a small edit.

        Example
            [profile.dev]
            debug = "line-tables-only"

        When it is wrong
        With a debugger.
        "#);
    }

    #[test]
    fn coloured_code_needs_no_backticks() {
        let text = explained(Some("linker"), Palette::COLORED).unwrap();
        assert!(text.contains("Tries \u{1b}[36mmold\u{1b}[0m."), "{text:?}");
    }

    #[test]
    fn without_a_name_all_rules_are_listed() {
        assert_snapshot!(explained(None, Palette::PLAIN).unwrap(), @r#"
        debuginfo  Full debug information is written that nobody
                   reads
        linker     A faster linker is installed
        "#);
    }

    #[test]
    fn an_unknown_rule_names_the_nearest() {
        let error = explained(Some("linkr"), Palette::PLAIN).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no rule `linkr`; did you mean `linker`?"
        );
    }

    #[test]
    fn blocks_are_told_apart() {
        let text = |text: &str| text.to_owned();
        assert_eq!(
            blocks("a\nb\n\n1. c\n   d\n10. e\n#f\n\n```\n- g\n"),
            [
                Block::Paragraph(text("a b")),
                Block::Item {
                    marker: text("1. "),
                    text: text("c d")
                },
                Block::Item {
                    marker: text("10. "),
                    text: text("e #f")
                },
                Block::Code(vec![text("- g")]),
            ]
        );
    }
}
