//! Measures the rules on a labelled corpus: every line that a rule must report ends in
//! `//~ rule-id`, and whatever is reported elsewhere is false. Once by the sources alone, and once with
//! what the compiler knows.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails where its setting cannot be made"
)]
#![expect(clippy::print_stdout, reason = "the figures are for whoever runs it")]

use std::collections::BTreeMap;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use cargo_concurrency_lint::ecosystem::Ecosystem;
use cargo_concurrency_lint::facts::{Facts, Limits, merge};
use cargo_concurrency_lint::observe;
use cargo_concurrency_lint::observe::deep::{self, Check};
use cargo_concurrency_lint::program::Program;
use cargo_concurrency_lint::rules;
use pitcrew_core::cli::CargoFlags;
use pitcrew_core::session::Session;
use pitcrew_tests::accuracy::Accuracy;

/// What each rule's file holds at least, of each sort.
const LEAST: usize = 6;

/// A file, a line and a rule.
type Mark = (String, u32, String);

fn corpus() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/corpus")
}

/// The sample service, with each defect once.
fn service() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/async-service")
}

/// A project as cargo knows it: its dependencies come from crates.io, at the versions of its own
/// lockfile, and are compiled once for all projects here.
fn session(root: &Utf8Path) -> Session {
    let flags = CargoFlags {
        manifest_path: Some(root.join("Cargo.toml")),
        target_dir: Some(Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join("labelled")),
        locked: true,
        ..CargoFlags::default()
    };
    Session::open(&flags).unwrap()
}

/// A project by its sources.
fn source_facts(session: &Session) -> Facts {
    let targets = observe::targets(&session.workspace);
    let ecosystem = Ecosystem::load().unwrap();
    let mut facts = observe::source(&targets, session.root(), false, &ecosystem).unwrap();
    facts.limits = Limits {
        cores: 2,
        ..Limits::default()
    };
    facts
}

/// The same, with what the compiler knows.
fn deep_facts(session: &Session) -> Facts {
    let mut facts = source_facts(session);
    let ecosystem = Ecosystem::load().unwrap();
    let check = Check {
        exe: env!("CARGO_BIN_EXE_cargo-concurrency-lint").into(),
        selection: vec!["--locked".to_owned()],
    };
    let asked = deep::facts(session, &check, &ecosystem, &facts.crates, &mut |_| {});
    let deep = asked.unwrap().unwrap();
    assert_eq!(deep.notices, [""; 0]);
    merge::deepen(&mut facts, deep.compiled, &ecosystem);
    facts
}

/// What is marked in a project's sources: at the end of the line, or further below with a `^` for each
/// line.
fn marks(root: &Utf8Path) -> Vec<Mark> {
    let mut marks = Vec::new();
    for entry in root.join("src").read_dir_utf8().unwrap() {
        let entry = entry.unwrap();
        let text = fs::read_to_string(entry.path()).unwrap();
        for (number, line) in (1_u32..).zip(text.lines()) {
            let Some((_, mark)) = line.split_once("//~") else {
                continue;
            };
            let rules = mark.trim_start_matches('^');
            let above = u32::try_from(mark.len() - rules.len()).unwrap();
            let file = format!("src/{}", entry.file_name());
            let rules = rules.split_whitespace();
            marks.extend(rules.map(|rule| (file.clone(), number - above, rule.to_owned())));
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

/// Counts what was found in each file against what is marked there.
fn score(marks: &[Mark], found: &[Mark]) -> Accuracy {
    let mut files: BTreeMap<&str, [Vec<String>; 2]> = BTreeMap::new();
    for (index, list) in [marks, found].into_iter().enumerate() {
        for (file, line, rule) in list {
            files.entry(file).or_default()[index].push(format!("{rule}:{line}"));
        }
    }
    let mut accuracy = Accuracy::default();
    for (file, [expected, found]) in &files {
        accuracy.count(file, expected, found);
    }
    accuracy.mistakes.iter().for_each(|line| println!("{line}"));
    println!("{accuracy}");
    accuracy
}

#[test]
fn the_sources_alone_find_what_is_marked_and_little_else() {
    let accuracy = score(
        &marks(&corpus()),
        &found(&source_facts(&session(&corpus()))),
    );
    assert!(accuracy.precision() >= 0.98, "{}", accuracy.precision());
    for (rule, precision, _) in accuracy.rules() {
        assert!(precision >= 0.9, "{rule}: {precision}");
    }
}

#[test]
fn with_the_compiler_nearly_all_is_found_and_nearly_nothing_else() {
    let accuracy = score(&marks(&corpus()), &found(&deep_facts(&session(&corpus()))));
    assert!(accuracy.precision() >= 0.98, "{}", accuracy.precision());
    assert!(accuracy.recall() >= 0.95, "{}", accuracy.recall());
    for (rule, precision, recall) in accuracy.rules() {
        assert!(
            precision >= 0.9 && recall >= 0.85,
            "{rule}: {precision} {recall}"
        );
    }
}

#[test]
fn the_sample_service_has_each_defect_once() {
    let marks = marks(&service());
    let mut marked: Vec<&str> = marks.iter().map(|mark| mark.2.as_str()).collect();
    marked.sort_unstable();
    let rules: Vec<&str> = rules::RULES.iter().map(|rule| rule.info().id).collect();
    assert_eq!(marked, rules);
    let session = session(&service());
    let by_source = score(&marks, &found(&source_facts(&session)));
    assert_eq!(
        by_source.mistakes.len(),
        1,
        "only the compiler knows a future's size"
    );
    let deep = score(&marks, &found(&deep_facts(&session)));
    assert_eq!(deep.mistakes, [""; 0]);
}

/// Each rule has a file of fixtures with cases where it fires and cases where it must not.
#[test]
fn every_rule_has_its_fixtures() {
    let marks = marks(&corpus());
    let facts = source_facts(&session(&corpus()));
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
