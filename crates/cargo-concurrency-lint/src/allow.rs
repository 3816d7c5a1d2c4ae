//! Allow comments in the sources: `// concurrency-lint: allow(rule) the reason`. One covers its own line,
//! or the next line of code; before a function it covers all of it. Like every allow it needs a reason,
//! and one that silences nothing is reported.

use pitcrew_core::finding::{Finding, Location, RuleInfo, Severity};
use pitcrew_core::nearest::suggestion;
use pitcrew_core::settings::UNUSED_ALLOW;
use pitcrew_core::source::lexer::lex;

use crate::facts::{File, FileId, Pos, Span};
use crate::program::Program;
use crate::rules::Found;

/// Reported for a comment that cannot be obeyed.
pub static BAD_ALLOW: RuleInfo = RuleInfo {
    id: "bad-allow",
    summary: "An allow comment without a reason, or for a rule that does not exist",
    severity: Severity::Error,
    docs: "\
## What it does
Reports a comment `// concurrency-lint: allow(..)` that gives no reason, names no known rule, or cannot be
read at all. Such a comment silences nothing.

## Why it matters
Whoever reads the code next must know why it is right all the same. A misspelt rule would hide that
nothing is allowed.

## Example
```rust
// concurrency-lint: allow(std-sleep-in-async) this task has a runtime of its own
std::thread::sleep(TICK);
```

## When it is wrong
Never: give the reason, or take the comment out.
",
};

const MARK: &str = "concurrency-lint:";

/// A comment that can be obeyed.
#[derive(Debug, PartialEq, Eq)]
struct Allow {
    rules: Vec<String>,
    /// Where the comment stands.
    at: Span,
    /// What it covers: lines, both included.
    lines: (u32, u32),
}

/// Takes out the findings that a comment allows. Second, what is to be said of the comments themselves.
pub fn silence(
    program: &Program<'_>,
    found: Vec<Found>,
    rules: &[&str],
) -> (Vec<Found>, Vec<Finding>) {
    let mut allows = Vec::new();
    let mut said = Vec::new();
    for (index, file) in program.facts.files.iter().enumerate() {
        if !file.text.contains(MARK) {
            continue;
        }
        for comment in comments(file, FileId::at(index)) {
            match read(&comment.text, rules) {
                Ok(rules) => allows.push(Allow {
                    rules,
                    at: comment.at,
                    lines: covered(program, &comment),
                }),
                Err(why) => said.push(about(&BAD_ALLOW, file, comment.at, why)),
            }
        }
    }
    let mut used = vec![false; allows.len()];
    let kept = found.into_iter().filter(|found| {
        let mut allowed = false;
        for (allow, used) in allows.iter().zip(&mut used) {
            if allow.covers(found) {
                *used = true;
                allowed = true;
            }
        }
        !allowed
    });
    let kept: Vec<Found> = kept.collect();
    for (allow, _) in allows.iter().zip(used).filter(|(_, used)| !used) {
        if let Some(file) = program.facts.file(allow.at) {
            let why = format!(
                "nothing was found that this allow of `{}` could silence",
                allow.rules.join(", ")
            );
            said.push(about(&UNUSED_ALLOW, file, allow.at, why).help("remove the comment"));
        }
    }
    (kept, said)
}

impl Allow {
    fn covers(&self, found: &Found) -> bool {
        let line = found.span.start.line;
        self.at.file == found.span.file
            && (self.lines.0..=self.lines.1).contains(&line)
            && self.rules.contains(&found.finding.rule)
    }
}

fn about(rule: &RuleInfo, file: &File, at: Span, message: String) -> Finding {
    Finding::new(rule, "allow", message).at(Some(Location {
        path: file.path.clone(),
        line: at.start.line,
        column: at.start.column,
    }))
}

/// A comment that speaks to us.
struct Comment {
    at: Span,
    /// What follows the mark.
    text: String,
    /// The line of code that it is about.
    line: u32,
}

/// Plain comments only: documentation and strings may well speak of a mark that they do not mean.
fn comments(file: &File, id: FileId) -> Vec<Comment> {
    // The compiler has its say on text that does not even end.
    let Some(tokens) = lex(&file.text) else {
        return Vec::new();
    };
    let offset = |text: &str| text.as_ptr() as usize - file.text.as_ptr() as usize;
    let in_token = |text: &str| {
        let at = offset(text);
        let next = tokens.partition_point(|token| offset(token.text) <= at);
        let before = next.checked_sub(1).map(|before| tokens[before].text);
        before.is_some_and(|before| at < offset(before) + before.len())
    };
    let lines: Vec<&str> = file.text.lines().collect();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(mark) = line.find(MARK).filter(|mark| !in_token(&line[*mark..])) else {
            continue;
        };
        let before = line[..mark].trim_end();
        let start = before.trim_end_matches('/').len();
        if before.len() < start + 2 {
            continue;
        }
        let text = &line[mark + MARK.len()..];
        let beside_code = !line[..start].trim().is_empty();
        let number = |index: usize| u32::try_from(index + 1).unwrap_or(u32::MAX);
        let next = (index + 1..lines.len()).find(|next| is_code(lines[*next]));
        let column = u32::try_from(line[..start].chars().count() + 1).unwrap_or(1);
        let pos = Pos {
            line: number(index),
            column,
        };
        found.push(Comment {
            at: Span {
                file: id,
                start: pos,
                end: pos,
            },
            text: text.trim().to_owned(),
            line: if beside_code {
                number(index)
            } else {
                number(next.unwrap_or(index))
            },
        });
    }
    found
}

fn is_code(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with("//") && !line.starts_with("#[")
}

/// The line itself; the whole function where the line begins one; the whole statement where it begins
/// one.
fn covered(program: &Program<'_>, comment: &Comment) -> (u32, u32) {
    let line = comment.line;
    let begins = |span: Span| span.file == comment.at.file && span.start.line == line;
    let mut last = line;
    for function in &program.facts.functions {
        if function.span.file != comment.at.file {
            continue;
        }
        if begins(function.span) {
            return (line, function.span.end.line);
        }
        let statements = function.blocks.iter().flat_map(|block| &block.statements);
        let ends = statements
            .filter(|it| begins(it.span))
            .map(|it| it.span.end.line);
        last = last.max(ends.max().unwrap_or(line));
    }
    (line, last)
}

/// The rules of `allow(a, b) reason`.
fn read(text: &str, known: &[&str]) -> Result<Vec<String>, String> {
    let unreadable = || format!("write `{MARK} allow(rule) the reason`");
    let rest = text.strip_prefix("allow(").ok_or_else(unreadable)?;
    let (rules, reason) = rest.split_once(')').ok_or_else(unreadable)?;
    let rules: Vec<String> = rules
        .split(',')
        .map(|rule| rule.trim().to_owned())
        .collect();
    for rule in &rules {
        if !known.contains(&rule.as_str()) {
            let hint = suggestion(rule, known.iter().copied());
            return Err(format!("there is no rule `{rule}`{hint}"));
        }
    }
    let reason = reason.trim_start_matches([':', '-', '—', '–', ' ']).trim();
    if reason.is_empty() {
        return Err(format!(
            "this allow of `{}` gives no reason",
            rules.join(", ")
        ));
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allow_names_rules_and_a_reason() {
        let known = ["std-sleep-in-async", "dropped-future"];
        let rules = read(
            "allow(std-sleep-in-async, dropped-future): on purpose",
            &known,
        );
        assert_eq!(rules.unwrap(), ["std-sleep-in-async", "dropped-future"]);
        let error = |text: &str| read(text, &known).unwrap_err();
        assert!(error("allow(dropped-future)").contains("no reason"));
        assert!(error("allow(dropped-futur) x").contains("did you mean `dropped-future`"));
        assert!(error("deny(dropped-future) x").contains("allow(rule)"));
    }

    #[test]
    fn a_comment_is_about_its_line_or_the_next_line_of_code() {
        let file = File {
            text: "let a = 1; // concurrency-lint: allow(x) y\n\
                   // concurrency-lint: allow(x) z\n// more\n#[inline]\nfn f() {}\n// concurrency: no"
                .to_owned(),
            ..File::default()
        };
        let found: Vec<_> = comments(&file, FileId(0))
            .iter()
            .map(|it| (it.at.start.line, it.line))
            .collect();
        assert_eq!(found, [(1, 1), (2, 5)]);
    }

    #[test]
    fn documentation_and_strings_speak_of_a_mark_without_meaning_it() {
        let text = "//! Write `// concurrency-lint: allow(x) y`.\n\
                    /// // concurrency-lint: allow(x) y\n\
                    const A: &str = \"\n// concurrency-lint: allow(x) y\n\";\n\
                    // see concurrency-lint: it is a tool\n\
                    f(\"//\"); // concurrency-lint: allow(x) z";
        let file = File {
            text: text.to_owned(),
            ..File::default()
        };
        let found = comments(&file, FileId(0));
        let lines: Vec<u32> = found.iter().map(|it| it.at.start.line).collect();
        assert_eq!(lines, [7]);
    }
}
