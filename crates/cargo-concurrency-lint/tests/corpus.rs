//! Measures the rules on a labelled corpus: every line that a rule must report ends in
//! `//~ rule-id`, and whatever is reported elsewhere is false.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails where its setting cannot be made"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use cargo_concurrency_lint::ecosystem::Ecosystem;
use cargo_concurrency_lint::facts::{Crate, CrateKind, Facts, Limits};
use cargo_concurrency_lint::observe::{self, Target};
use cargo_concurrency_lint::program::Program;
use cargo_concurrency_lint::rules;

/// What each rule's file holds at least, of each sort.
const LEAST: usize = 6;

/// A file, a line and a rule.
type Mark = (String, u32, String);

fn corpus() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/corpus")
}

/// The corpus by its sources.
fn source_facts() -> Facts {
    let dependencies = ["futures", "reqwest", "sqlx", "smol", "flume", "dashmap"];
    let mut dependencies: BTreeMap<String, BTreeSet<String>> = dependencies
        .map(|name| (name.to_owned(), BTreeSet::new()))
        .into();
    dependencies.insert("tokio".to_owned(), ["full".to_owned()].into());
    let target = Target {
        krate: Crate {
            name: "corpus".to_owned(),
            package: "corpus".to_owned(),
            kind: CrateKind::Lib,
            dependencies,
        },
        root: corpus().join("src/lib.rs"),
        externs: HashMap::new(),
    };
    let ecosystem = Ecosystem::load().unwrap();
    let mut facts = observe::source(&[target], &corpus(), false, &ecosystem).unwrap();
    facts.limits = Limits {
        cores: 2,
        ..Limits::default()
    };
    facts
}

fn marks() -> Vec<Mark> {
    let mut marks = Vec::new();
    for entry in corpus().join("src").read_dir_utf8().unwrap() {
        let entry = entry.unwrap();
        let text = fs::read_to_string(entry.path()).unwrap();
        for (index, line) in text.lines().enumerate() {
            let Some((_, rules)) = line.split_once("//~ ") else {
                continue;
            };
            let number = u32::try_from(index + 1).unwrap();
            let file = format!("src/{}", entry.file_name());
            let rules = rules.split_whitespace();
            marks.extend(rules.map(|rule| (file.clone(), number, rule.to_owned())));
        }
    }
    marks
}

fn found(facts: &Facts) -> Vec<Mark> {
    let ecosystem = Ecosystem::load().unwrap();
    let program = Program::new(facts, &ecosystem);
    let found = rules::judge(&program).into_iter();
    let shown = found.filter(|found| !program.function(found.function).test);
    shown
        .map(|found| {
            let at = found.finding.location.unwrap();
            (at.path.into_string(), at.line, found.finding.rule)
        })
        .collect()
}

/// How a rule did.
#[derive(Debug, Default)]
struct Score {
    marked: usize,
    hit: usize,
    wrong: usize,
}

impl Score {
    fn precision(&self) -> f64 {
        ratio(self.hit, self.hit + self.wrong)
    }

    fn recall(&self) -> f64 {
        ratio(self.hit, self.marked)
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

/// The scores by rule, with a line for each finding that is wrong or missing.
fn compare(marks: &[Mark], found: &[Mark]) -> (BTreeMap<String, Score>, Vec<String>) {
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    let mut said = Vec::new();
    let mut left = marks.to_vec();
    for mark in found {
        let score = scores.entry(mark.2.clone()).or_default();
        match left.iter().position(|other| other == mark) {
            Some(index) => {
                left.swap_remove(index);
                score.hit += 1;
            }
            None => {
                score.wrong += 1;
                said.push(format!("wrong   {}:{} {}", mark.0, mark.1, mark.2));
            }
        }
    }
    for (.., rule) in marks {
        scores.entry(rule.clone()).or_default().marked += 1;
    }
    left.sort();
    said.extend(
        left.iter()
            .map(|mark| format!("missing {}:{} {}", mark.0, mark.1, mark.2)),
    );
    (scores, said)
}

#[test]
fn the_sources_alone_find_what_is_marked_and_little_else() {
    let (scores, said) = compare(&marks(), &found(&source_facts()));
    said.iter().for_each(|line| println!("{line}"));
    println!(
        "{:32} {:>6} {:>4} {:>5} {:>9} {:>6}",
        "rule", "marked", "hit", "wrong", "precision", "recall"
    );
    for (rule, score) in &scores {
        println!(
            "{rule:32} {:>6} {:>4} {:>5} {:>9.2} {:>6.2}",
            score.marked,
            score.hit,
            score.wrong,
            score.precision(),
            score.recall()
        );
    }
    for (rule, score) in &scores {
        assert!(score.precision() >= 0.9, "{rule}: {score:?}");
    }
}

/// Each rule has a file of fixtures with cases where it fires and cases where it must not.
#[test]
fn every_rule_has_its_fixtures() {
    let marks = marks();
    let facts = source_facts();
    for rule in rules::RULES {
        let id = rule.info().id;
        let file = format!("src/{}.rs", id.replace('-', "_"));
        let own: Vec<_> = marks
            .iter()
            .filter(|mark| mark.0 == file && mark.2 == id)
            .collect();
        assert!(own.len() >= LEAST, "{id} has {} marked lines", own.len());
        let functions = facts.functions.iter().filter(|function| {
            let path = facts.file(function.span).map(|file| file.path.as_str());
            path == Some(&file) && !function.test
        });
        let clean = functions.filter(|function| {
            let span = function.span;
            !own.iter()
                .any(|mark| (span.start.line..=span.end.line).contains(&mark.1))
        });
        let clean = clean.count();
        assert!(
            clean >= LEAST,
            "{id} has {clean} functions that it must leave alone"
        );
    }
}

#[test]
fn every_rule_is_named_after_its_file_and_documented() {
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let mut last = "";
    for rule in rules::RULES {
        let info = rule.info();
        assert!(last < info.id, "{} is out of order", info.id);
        last = info.id;
        let file = folder.join(format!("{}.rs", info.id.replace('-', "_")));
        assert!(file.exists(), "{file}");
        for section in [
            "## What it does",
            "## Why it matters",
            "## Example",
            "## When it is wrong",
        ] {
            assert!(info.docs.contains(section), "{} lacks {section}", info.id);
        }
        assert!(!info.summary.ends_with('.'), "{}", info.id);
    }
    let files = folder.read_dir_utf8().unwrap().count();
    // The module itself, and what the rules about blocking share.
    assert_eq!(
        files,
        rules::RULES.len() + 2,
        "a rule that is not registered"
    );
}
