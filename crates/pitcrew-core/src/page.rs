//! A report as one page of HTML: it opens from disk, loads nothing, and runs no script but its own.
//!
//! Core brings the frame, the colours of light and dark, and the scripts that draw, zoom, sort and
//! explain; a plugin brings its body and the scripts of its subject. What was recorded travels as
//! data and reaches the page as text only. Should a name break out all the same, the policy in the
//! head lets no script run but the one whose hash it holds.

mod file;

use std::io::{self, Write};

use data_encoding::BASE64;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

pub use file::{check, save};

/// In the order they depend on each other; they share one scope with the plugin's, which follow.
const SCRIPTS: [&str; 7] = [
    include_str!("page/base.js"),
    include_str!("page/theme.js"),
    include_str!("page/canvas.js"),
    include_str!("page/stretch.js"),
    include_str!("page/gestures.js"),
    include_str!("page/tip.js"),
    include_str!("page/table.js"),
];
const STYLES: [&str; 2] = [
    include_str!("page/base.css"),
    include_str!("page/parts.css"),
];
const FRAME: &str = include_str!("page/frame.html");

/// What a plugin's page is made from. All of it is the plugin's own text, never the user's.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    pub title: &'a str,
    /// What stands in `<main>`.
    pub body: &'a str,
    pub styles: &'a [&'a str],
    pub scripts: &'a [&'a str],
}

impl Page<'_> {
    /// Writes the page of `data`, which its scripts find as `data`.
    pub fn write(&self, data: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
        let script = self.script();
        for part in FRAME.split_inclusive("-->") {
            let (text, slot) = match part.split_once("<!--slot:") {
                Some((text, slot)) => (text, slot.trim_end_matches("-->")),
                None => (part, ""),
            };
            write!(out, "{text}")?;
            match slot {
                "policy" => write!(out, "{}", policy(&script))?,
                "title" => write!(out, "{}", self.title)?,
                "style" => write!(out, "{}", joined(&STYLES, self.styles))?,
                "body" => write!(out, "{}", self.body)?,
                "data" => write!(out, "{}", inert(&serde_json::to_string(data)?))?,
                "script" => write!(out, "{script}")?,
                _ => {}
            }
        }
        Ok(())
    }

    fn script(&self) -> String {
        let parts = joined(&SCRIPTS, self.scripts);
        format!("\"use strict\";\n(() => {{\n{parts}}})();\n")
    }
}

/// With plain line ends: a browser reads `\r\n` as `\n` before it hashes a script.
fn joined(shared: &[&str], own: &[&str]) -> String {
    let parts: Vec<&str> = shared.iter().chain(own).copied().collect();
    parts.concat().replace('\r', "")
}

/// What the page may do: run this script, style itself, and nothing else.
fn policy(script: &str) -> String {
    let hash = BASE64.encode(&Sha256::digest(script));
    format!(
        "default-src 'none'; script-src 'sha256-{hash}'; style-src 'unsafe-inline'; base-uri 'none'; \
         form-action 'none'"
    )
}

/// JSON that cannot end the element it stands in, nor start another, nor break a line of script.
/// Outside of strings JSON has none of these characters, and inside an escape means the same.
fn inert(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PAGE: Page<'_> = Page {
        title: "A page",
        body: "<p id=\"only\"></p>",
        styles: &["p { color: red }\r\n"],
        scripts: &["byId(\"only\").textContent = data;\r\n"],
    };

    fn html(data: &str) -> String {
        let mut out = Vec::new();
        PAGE.write(&data, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
        let (_, rest) = text.split_once(start).unwrap();
        rest.split_once(end).unwrap().0
    }

    #[test]
    fn every_slot_is_filled_and_nothing_is_loaded_from_elsewhere() {
        let html = html("x");
        for own in [
            "A page",
            "id=\"only\"",
            "p { color: red }",
            "byId(\"only\")",
        ] {
            assert!(html.contains(own), "{own}");
        }
        for outside in ["<!--slot", "http:", "https:", "src=", "@import", "url("] {
            assert!(!html.contains(outside), "the page holds {outside}");
        }
    }

    #[test]
    fn the_policy_holds_the_hash_of_the_very_script() {
        let html = html("x");
        let script = between(&html, "</script>\n<script>", "</script>");
        let hash = between(&html, "'sha256-", "'");
        assert_eq!(BASE64.encode(&Sha256::digest(script)), hash);
        assert!(!html.contains('\r'));
    }

    #[test]
    fn shared_parts_cannot_end_their_element() {
        for script in SCRIPTS {
            assert!(!script.contains("</script") && !script.contains("<!--"));
        }
        for style in STYLES {
            assert!(!style.contains("</style"));
        }
    }

    proptest! {
        #[test]
        fn no_text_can_leave_the_data(text in "[<>&/'\"\\\\!a-z\u{2028}\u{2029}\u{202e}\\PC-]{0,40}") {
            let html = html(&text);
            let json = between(&html, "type=\"application/json\">", "</script>");
            let inert = !json.contains(['<', '>', '&', '\u{2028}', '\u{2029}']);
            prop_assert!(inert, "{}", json);
            prop_assert_eq!(serde_json::from_str::<String>(json).unwrap(), text);
        }
    }
}
