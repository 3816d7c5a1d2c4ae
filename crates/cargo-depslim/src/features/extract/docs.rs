//! Code blocks of the documentation: rustdoc compiles them as tests.

use camino::Utf8Path;
use pitcrew_core::regular_file;
use pitcrew_core::source::nesting;
use proc_macro2::{TokenStream, TokenTree};
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::gates::attributes::Attribute;
use crate::gates::cfg::string_value;
use crate::gates::tokens::{any_group, ident, trees};

/// The code blocks in the documentation that these attributes are.
pub(super) fn code_blocks(attributes: &[Attribute], file: &Utf8Path) -> Vec<TokenStream> {
    let mut text = String::new();
    for attribute in attributes.iter().filter(|a| a.name == "doc") {
        match attribute.args.last() {
            Some(TokenTree::Literal(literal)) => {
                text.push_str(&unescaped(&literal.to_string()));
                text.push('\n');
            }
            // `#![doc = include_str!("../README.md")]`
            Some(TokenTree::Group(_)) => text.extend(included(&attribute.args, file)),
            _ => {}
        }
    }
    if !text.contains("```") && !text.contains("~~~") && !text.contains("    ") {
        return Vec::new();
    }
    blocks(&text)
        .iter()
        .filter(|block| nesting::check(block).is_ok())
        .filter_map(|block| block.parse().ok())
        .collect()
}

fn included(args: &[TokenTree], file: &Utf8Path) -> Option<String> {
    let is_include = args
        .iter()
        .any(|tree| ident(Some(tree)).as_deref() == Some("include_str"));
    let inner = any_group(args.last().filter(|_| is_include))?;
    let [TokenTree::Literal(literal)] = &trees(inner.stream())[..] else {
        return None;
    };
    let path = file.parent()?.join(string_value(&literal.to_string())?);
    regular_file::read_to_string(path).ok()
}

/// A documentation comment as a literal, in plain text again.
fn unescaped(literal: &str) -> String {
    let Some(text) = string_value(literal) else {
        return String::new();
    };
    if literal.starts_with('r') {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => plain.push('\n'),
                Some('t') => plain.push('\t'),
                Some('r') => {}
                Some(other) => plain.push(other),
                None => {}
            },
            (c, false) => plain.push(c),
        }
    }
    plain
}

fn blocks(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut block: Option<String> = None;
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let is_rust = match &kind {
                    CodeBlockKind::Indented => true,
                    CodeBlockKind::Fenced(info) => is_rust(info),
                };
                block = is_rust.then(String::new);
            }
            Event::End(TagEnd::CodeBlock) => found.extend(block.take()),
            Event::Text(text) => {
                if let Some(block) = &mut block {
                    block.push_str(&shown(&text));
                }
            }
            _ => {}
        }
    }
    found
}

/// Lines that begin with `# ` are hidden in the documentation and compiled all the same.
fn shown(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        let bare = line.trim_start();
        match bare.strip_prefix("# ") {
            Some(rest) => rest,
            None if bare.trim_end() == "#" => "\n",
            None => line,
        }
    });
    lines.collect()
}

/// A block is compiled unless its words say that it is of another language.
fn is_rust(info: &str) -> bool {
    let words = info.split([',', ' ', '\t']).filter(|word| !word.is_empty());
    let mut words = words.peekable();
    words.peek().is_none()
        || words.all(|word| {
            matches!(word, "rust" | "should_panic" | "no_run" | "compile_fail")
                || word.starts_with("edition")
                || word.starts_with("ignore")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_taken_from_documentation_as_rustdoc_does() {
        let text =
            "Text.\n```\n# use a::b;\nb();\n#\n```\n```text\nno\n```\n```no_run\nc();\n```\n";
        assert_eq!(blocks(text), ["use a::b;\nb();\n\n", "c();\n"]);
        assert_eq!(unescaped("\" a \\\"b\\\" \\n\""), " a \"b\" \n");
    }
}
