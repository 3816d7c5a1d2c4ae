//! Colours by meaning, the decision whether to use them, and the escaping of foreign text that a
//! terminal would obey. The only user of owo-colors.

use std::borrow::Cow;
use std::fmt::Display;
use std::fmt::Write as _;

use clap::ColorChoice;
use owo_colors::{OwoColorize as _, Style};

use crate::finding::Severity;

/// Styles text by what it means; a plain one returns it as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    color: bool,
}

impl Palette {
    pub const PLAIN: Self = Self { color: false };
    pub const COLORED: Self = Self { color: true };

    pub fn new(color: bool) -> Self {
        Self { color }
    }

    pub fn is_colored(self) -> bool {
        self.color
    }

    pub fn heading(self, text: impl Display) -> String {
        self.paint(text, Style::new().bold())
    }

    pub fn good(self, text: impl Display) -> String {
        self.paint(text, Style::new().green())
    }

    pub fn bad(self, text: impl Display) -> String {
        self.paint(text, Style::new().red())
    }

    pub fn warn(self, text: impl Display) -> String {
        self.paint(text, Style::new().yellow())
    }

    pub fn dim(self, text: impl Display) -> String {
        self.paint(text, Style::new().dimmed())
    }

    /// Something to type or to find in a file.
    pub fn code(self, text: impl Display) -> String {
        self.paint(text, Style::new().cyan())
    }

    /// `text` in the severity's colour, as cargo and rustc colour theirs.
    pub fn severity(self, severity: Severity, text: impl Display) -> String {
        let style = Style::new().bold();
        self.paint(
            text,
            match severity {
                Severity::Error => style.bright_red(),
                Severity::Warning => style.bright_yellow(),
                Severity::Advice => style.bright_cyan(),
                Severity::Note => style.bright_green(),
            },
        )
    }

    /// A line that another tool wrote: its colours stay where this palette has colours, and nothing
    /// else is left that a terminal would obey.
    pub fn relay(self, line: &str) -> String {
        let mut out = String::with_capacity(line.len());
        let mut rest = line;
        while let Some(at) = rest.find('\u{1b}') {
            let (text, escape) = rest.split_at(at);
            out.push_str(&printable_but_tabs(text));
            let colors = color_sequence(escape);
            if colors.is_empty() {
                out.push_str(&printable("\u{1b}"));
                rest = &escape[1..];
            } else {
                if self.color {
                    out.push_str(colors);
                }
                rest = &escape[colors.len()..];
            }
        }
        out.push_str(&printable_but_tabs(rest));
        out
    }

    fn paint(self, text: impl Display, style: Style) -> String {
        if self.color {
            text.style(style).to_string()
        } else {
            text.to_string()
        }
    }
}

fn printable_but_tabs(text: &str) -> String {
    let parts: Vec<Cow<'_, str>> = text.split('\t').map(printable).collect();
    parts.join("\t")
}

/// The sequence at the start of `text` that only sets colours, else nothing.
fn color_sequence(text: &str) -> &str {
    let Some(parameters) = text.strip_prefix("\u{1b}[") else {
        return "";
    };
    let end = parameters.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';' || c == ':');
    if end.starts_with('m') {
        &text[..=text.len() - end.len()]
    } else {
        ""
    }
}

/// Whether to colour a stream: the flag, then `CARGO_TERM_COLOR`, then the conventions that tools
/// share (`NO_COLOR`, `CLICOLOR_FORCE`, `CLICOLOR`, `TERM=dumb`), then whether it is a terminal.
pub fn color_choice(
    flag: ColorChoice,
    env: &dyn Fn(&str) -> Option<String>,
    is_terminal: bool,
) -> bool {
    match flag {
        ColorChoice::Always => return true,
        ColorChoice::Never => return false,
        ColorChoice::Auto => {}
    }
    match env("CARGO_TERM_COLOR").as_deref() {
        Some("always") => return true,
        Some("never") => return false,
        _ => {}
    }
    if env("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return false;
    }
    if env("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0") {
        return true;
    }
    is_terminal && env("CLICOLOR").as_deref() != Some("0") && env("TERM").as_deref() != Some("dumb")
}

/// `text` with everything that a terminal would obey, or that would show it in another order than
/// it has, written as `\u{…}`. For names and paths from outside.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_unprintable(c) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Control characters, and the invisible ones that reorder or hide text.
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Words stay whole: they are paths and commands.
pub(crate) fn layout<'a>(width: usize, first: &'a str, rest: &'a str) -> textwrap::Options<'a> {
    textwrap::Options::new(width)
        .initial_indent(first)
        .subsequent_indent(rest)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(flag: ColorChoice, vars: &[(&str, &str)], is_terminal: bool) -> bool {
        let env = |name: &str| {
            let found = vars.iter().find(|(key, _)| *key == name)?;
            Some(found.1.to_owned())
        };
        color_choice(flag, &env, is_terminal)
    }

    #[test]
    fn the_flag_wins_then_cargo_then_the_conventions() {
        use ColorChoice::{Always, Auto, Never};
        assert!(choice(Always, &[("NO_COLOR", "1")], false));
        assert!(!choice(Never, &[("CLICOLOR_FORCE", "1")], true));
        let cargo = [("CARGO_TERM_COLOR", "always"), ("NO_COLOR", "1")];
        assert!(choice(Auto, &cargo, false));
        assert!(!choice(Auto, &[("CARGO_TERM_COLOR", "never")], true));
        assert!(choice(Auto, &[("CARGO_TERM_COLOR", "auto")], true));
        assert!(!choice(Auto, &[("NO_COLOR", "1")], true));
        assert!(choice(Auto, &[("NO_COLOR", "")], true));
        assert!(choice(Auto, &[("CLICOLOR_FORCE", "1")], false));
        assert!(!choice(Auto, &[("CLICOLOR_FORCE", "0")], false));
        assert!(!choice(Auto, &[("CLICOLOR", "0")], true));
        assert!(!choice(Auto, &[("TERM", "dumb")], true));
        assert!(choice(Auto, &[], true));
        assert!(!choice(Auto, &[], false));
    }

    #[test]
    fn a_plain_palette_adds_nothing_and_a_coloured_one_resets() {
        assert_eq!(Palette::PLAIN.bad("no"), "no");
        assert_eq!(Palette::COLORED.bad("no"), "\u{1b}[31mno\u{1b}[0m");
    }

    #[test]
    fn of_another_tools_line_only_the_colours_are_obeyed() {
        let line = "\u{1b}[1;31merror\u{1b}[0m:\tx\u{1b}[2Jy\u{1b}";
        assert_eq!(
            Palette::COLORED.relay(line),
            "\u{1b}[1;31merror\u{1b}[0m:\tx\\u{1b}[2Jy\\u{1b}"
        );
        assert_eq!(Palette::PLAIN.relay(line), "error:\tx\\u{1b}[2Jy\\u{1b}");
    }

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        assert!(matches!(printable("naïve−23 %"), Cow::Borrowed(_)));
        assert_eq!(printable("\u{1b}]0;x\u{7}"), "\\u{1b}]0;x\\u{7}");
        assert_eq!(printable("a\u{9b}31m\nb\t"), "a\\u{9b}31m\\nb\\t");
        assert_eq!(
            printable("user\u{202e}cod.sr"),
            "user\\u{202e}cod.sr",
            "bidi override"
        );
    }

    proptest::proptest! {
        #[test]
        fn nothing_unprintable_is_left(text in ".*") {
            proptest::prop_assert!(!printable(&text).contains(is_unprintable));
            let relayed = Palette::PLAIN.relay(&text).replace('\t', "");
            proptest::prop_assert!(!relayed.contains(is_unprintable));
        }
    }
}
