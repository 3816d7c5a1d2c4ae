//! Which code blocks of a documentation text rustdoc would compile.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// The code blocks that rustdoc would build as documentation tests, as they are written.
pub fn compiled_blocks(text: &str) -> Vec<String> {
    if !may_hold_code(text) {
        return Vec::new();
    }
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_TASKLISTS;
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let compiled = match &kind {
                    CodeBlockKind::Indented => true,
                    CodeBlockKind::Fenced(info) => is_compiled(info),
                };
                open = compiled.then(String::new);
            }
            Event::Text(text) => {
                if let Some(code) = &mut open {
                    code.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
            _ => {}
        }
    }
    blocks
}

/// A quick look that spares most texts the Markdown parser.
pub fn may_hold_code(text: &str) -> bool {
    text.contains("```")
        || text.contains("~~~")
        || text
            .lines()
            .any(|line| line.starts_with('\t') || line.starts_with("    "))
}

/// Whether a fenced block with this info string is Rust that is not ignored everywhere, as
/// rustdoc's own parser decides.
fn is_compiled(info: &str) -> bool {
    let (mut rust, mut other, mut ignored) = (false, false, false);
    for word in words(info) {
        match word {
            "custom" => return false,
            "rust" => rust = true,
            // Words that mean Rust only where no other language was named before.
            "should_panic" | "no_run" | "compile_fail" | "test_harness" | "standalone"
            | "standalone_crate" => rust |= !other,
            "ignore" => {
                ignored = true;
                rust |= !other;
            }
            _ if word.starts_with("ignore-") || is_error_code(word) => rust |= !other,
            _ if word.starts_with("edition20") => {}
            // `{.class key=value}` styles the block and says nothing about its language.
            _ if word.starts_with('{') || word.starts_with('.') || word.ends_with('}') => {}
            _ => other = true,
        }
    }
    !ignored && (!other || rust)
}

/// The words of an info string; text in parentheses is a comment.
fn words(info: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_u32;
    info.split(move |c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        matches!(c, ',' | '(' | ')') || c.is_whitespace() || depth > 0
    })
    .filter(|word| !word.is_empty())
}

/// `E0308`.
fn is_error_code(word: &str) -> bool {
    word.len() == 5 && word.starts_with('E') && word[1..].bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn info_strings_are_read_as_rustdoc_reads_them() {
        let compiled = [
            "",
            "rust",
            "no_run",
            "should_panic",
            "compile_fail",
            "compile_fail,E0308",
            "edition2021",
            "rust,no_run",
            "rust text",
            "ignore-windows",
            "(a note) rust",
            "standalone_crate",
            "rust {.code-error}",
        ];
        for info in compiled {
            assert!(is_compiled(info), "{info}");
        }
        let not = [
            "text",
            "ignore",
            "rust,ignore",
            "ignore,text",
            "toml",
            "sh",
            "console",
            "text,E0308",
            "custom,{.c}",
            "é(",
            "text,should_panic",
        ];
        for info in not {
            assert!(!is_compiled(info), "{info}");
        }
    }

    #[test]
    fn fenced_and_indented_blocks_count_but_list_continuations_do_not() {
        let count = |text: &str| compiled_blocks(text).len();
        assert_eq!(count("a\n```\nlet x = 1;\n```\n"), 1);
        assert_eq!(count("~~~rust\nlet x = 1;\n~~~\n```text\na\n```\n"), 1);
        assert_eq!(count("a\n\n    let x = 1;\n"), 1);
        assert_eq!(count("a\n    lazy continuation\n"), 0);
        assert_eq!(count("- a\n\n    b\n"), 0);
        assert_eq!(count("only `inline` text"), 0);
    }
}
