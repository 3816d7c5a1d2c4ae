//! What holds for the rules of every plugin: one file each in `src/rules`, one sorted registry,
//! documentation with its sections, and a folder of fixtures with a case where the rule speaks and
//! one where it must not.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};
use camino::Utf8Path;
use pitcrew_core::finding::RuleInfo;
use toml_edit::{Document, Item};

use crate::corpus::{CASE_FILE, folders};

/// The headings of a rule's documentation, in their order.
const SECTIONS: [&str; 4] = [
    "## What it does",
    "## Why it matters",
    "## Example",
    "## When it is wrong",
];

/// Everything that is missing of the `rules` of the plugin whose package is at `dir`.
pub fn breaches(dir: &Utf8Path, rules: &[&RuleInfo]) -> Result<Vec<String>> {
    breaches_by(dir, rules, &kinds)
}

/// The cases in a rule's folder.
#[derive(Debug, Default)]
pub struct Counted {
    /// Where the rule speaks.
    pub positive: usize,
    /// Where it must keep silent.
    pub negative: usize,
    /// What is no case, and why.
    pub broken: Vec<String>,
}

type Kinds<'a> = &'a dyn Fn(&Utf8Path) -> Result<Counted>;

/// The same where fixtures are written in a way of the plugin's own, which `kinds` counts.
pub fn breaches_by(dir: &Utf8Path, rules: &[&RuleInfo], kinds: Kinds<'_>) -> Result<Vec<String>> {
    let mut found = shape(dir, rules)?;
    let known: BTreeSet<&str> = rules.iter().map(|rule| rule.id).collect();
    for rule in rules {
        found.extend(unproven(&dir.join("fixtures"), rule.id, kinds)?);
    }
    for folder in folders(&dir.join("fixtures"))? {
        if !known.contains(folder.as_str()) {
            found.push(format!("fixtures/{folder} is of no rule"));
        }
    }
    Ok(found)
}

/// The same but for fixtures, where a plugin proves its rules in another way.
pub fn shape(dir: &Utf8Path, rules: &[&RuleInfo]) -> Result<Vec<String>> {
    let ids: Vec<&str> = rules.iter().map(|rule| rule.id).collect();
    let known: BTreeSet<&str> = ids.iter().copied().collect();
    let mut found = Vec::new();
    if known.len() < ids.len() || !ids.is_sorted() {
        found.push("the registry is not sorted by id, or holds a rule twice".to_owned());
    }
    let files = rule_files(&dir.join("src/rules"))?;
    for file in files.iter().filter(|file| !known.contains(file.as_str())) {
        let path = file.replace('-', "_");
        found.push(format!("src/rules/{path}.rs is not registered as `{file}`"));
    }
    for id in ids.iter().filter(|id| !files.contains(**id)) {
        let path = id.replace('-', "_");
        found.push(format!("`{id}` has no file src/rules/{path}.rs"));
    }
    for rule in rules {
        found.extend(undocumented(rule));
    }
    Ok(found)
}

/// The ids that the names of the files stand for. What lies deeper is part of a rule.
fn rule_files(dir: &Utf8Path) -> Result<BTreeSet<String>> {
    let mut ids = BTreeSet::new();
    let entries = dir.read_dir_utf8();
    for entry in entries.with_context(|| format!("cannot read {dir}"))? {
        let entry = entry?;
        let path = entry.path();
        let name = path.file_stem().unwrap_or_default();
        let is_rule = if entry.file_type()?.is_dir() {
            path.join("mod.rs").is_file()
        } else {
            path.extension() == Some("rs") && name != "mod"
        };
        if is_rule {
            ids.insert(name.replace('_', "-"));
        }
    }
    Ok(ids)
}

fn undocumented(rule: &RuleInfo) -> Vec<String> {
    let mut found = Vec::new();
    let id = rule.id;
    if rule.summary.is_empty() || rule.summary.ends_with('.') {
        found.push(format!(
            "the summary of `{id}` is one line without a full stop"
        ));
    }
    let headings: Vec<&str> = headings(rule.docs).collect();
    if headings != SECTIONS {
        found.push(format!(
            "the documentation of `{id}` has the sections {headings:?}, not {SECTIONS:?}"
        ));
    }
    let mut sections = rule.docs.split("## ").skip(1);
    if sections.any(|section| section.trim().lines().count() < 2) {
        found.push(format!("a section of `{id}`'s documentation is empty"));
    }
    found
}

/// Headings outside of code.
fn headings(docs: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    docs.lines().filter(move |line| {
        in_code ^= line.starts_with("```");
        !in_code && line.starts_with("## ")
    })
}

/// What a rule's fixtures lack.
fn unproven(fixtures: &Utf8Path, id: &str, kinds: Kinds<'_>) -> Result<Vec<String>> {
    let dir = fixtures.join(id);
    if !dir.is_dir() {
        return Ok(vec![format!("`{id}` has no folder fixtures/{id}")]);
    }
    let counted = kinds(&dir)?;
    let mut found = counted.broken;
    if counted.positive == 0 {
        found.push(format!("`{id}` has no case where it speaks"));
    }
    if counted.negative == 0 {
        found.push(format!("`{id}` has no case where it must keep silent"));
    }
    Ok(found)
}

/// Counts the cases that are folders with labels in their `case.toml`.
fn kinds(dir: &Utf8Path) -> Result<Counted> {
    let mut counted = Counted::default();
    let id = dir.file_name().unwrap_or_default();
    for case in folders(dir)? {
        let path = dir.join(&case).join(CASE_FILE);
        let Ok(text) = fs::read_to_string(&path) else {
            let broken = format!("fixtures/{id}/{case} has no {CASE_FILE}");
            counted.broken.push(broken);
            continue;
        };
        let labels = Document::parse(text).with_context(|| format!("in {path}"))?;
        let finds = labels.get("finds").and_then(Item::as_array_of_tables);
        match finds.map_or(0, toml_edit::ArrayOfTables::len) {
            0 => counted.negative += 1,
            _ => counted.positive += 1,
        }
    }
    Ok(counted)
}

#[cfg(test)]
mod tests {
    use pitcrew_core::finding::Severity;

    use super::*;

    const DOCS: &str = "## What it does\nx\n## Why it matters\nx\n## Example\n```toml\n## no heading\n\
                        ```\n## When it is wrong\nx\n";

    fn rule(id: &'static str, docs: &'static str) -> RuleInfo {
        RuleInfo {
            id,
            summary: "a thing is slow",
            severity: Severity::Note,
            docs,
        }
    }

    /// A plugin with these files, each with the text `why = ""` and what follows.
    fn plugin(files: &[(&str, &str)]) -> crate::Project {
        let project = crate::Project::new(files);
        for dir in ["src/rules", "fixtures"] {
            fs::create_dir_all(project.root.join(dir)).unwrap();
        }
        project
    }

    #[test]
    fn a_rule_that_is_whole_has_no_breach() {
        let plugin = plugin(&[
            ("src/rules/mod.rs", ""),
            ("src/rules/big_crate.rs", ""),
            ("src/rules/big_crate/part.rs", ""),
            (
                "fixtures/big-crate/yes/case.toml",
                "[[finds]]\nsubject = 'a'\n",
            ),
            ("fixtures/big-crate/no/case.toml", "why = 'near'\n"),
        ]);
        let found = breaches(&plugin.root, &[&rule("big-crate", DOCS)]).unwrap();
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn each_thing_that_is_missing_is_named() {
        let plugin = plugin(&[
            ("src/rules/a.rs", ""),
            ("src/rules/forgotten.rs", ""),
            ("fixtures/a/yes/case.toml", "[[finds]]\nsubject = 'a'\n"),
            ("fixtures/c/no/case.toml", "why = 'near'\n"),
            ("fixtures/c/none/Cargo.toml", ""),
            ("fixtures/gone/no/case.toml", ""),
        ]);
        let (a, b) = (rule("a", DOCS), rule("b", DOCS));
        let c = rule("c", "## What it does\n## Example\nx\n");
        let found = breaches(&plugin.root, &[&b, &a, &c]).unwrap();
        assert_eq!(
            found,
            [
                "the registry is not sorted by id, or holds a rule twice",
                "src/rules/forgotten.rs is not registered as `forgotten`",
                "`b` has no file src/rules/b.rs",
                "`c` has no file src/rules/c.rs",
                "the documentation of `c` has the sections [\"## What it does\", \"## Example\"], not \
                 [\"## What it does\", \"## Why it matters\", \"## Example\", \"## When it is wrong\"]",
                "a section of `c`'s documentation is empty",
                "`b` has no folder fixtures/b",
                "`a` has no case where it must keep silent",
                "fixtures/c/none has no case.toml",
                "`c` has no case where it speaks",
                "fixtures/gone is of no rule",
            ]
        );
    }
}
