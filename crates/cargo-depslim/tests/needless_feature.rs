//! How often the search for needless features is right, on a labelled corpus: small workspaces in
//! `fixtures/needless-feature`, one file each, with path crates that stand for dependencies.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "needless_feature/case.rs"]
mod case;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use cargo_depslim::features::{self, Outcome, Request, Roots, extract, graph, trial};
use case::{Case, cases};
use pitcrew_core::fix::Applicability;
use pitcrew_core::workspace::{self, LoadOptions};

/// Runs the search on a case that lies in `dir`.
fn run(dir: &camino::Utf8Path, build: bool) -> Outcome {
    let options = LoadOptions {
        cwd: dir.join("app"),
        offline: true,
        ..LoadOptions::default()
    };
    let workspace = workspace::load(&options).unwrap();
    let path = std::env::var_os("PATH");
    let toolchain = pitcrew_core::toolchain::detect("rustc", dir, path.as_deref()).unwrap();
    let triple = toolchain.host.triple;
    let printed_cfg = features::printed_cfg("rustc", None).unwrap();
    let host = graph::Host::parse(&triple, &printed_cfg);
    let metadata = &workspace.metadata;
    let graph = graph::Graph::new(metadata, &host, features::uses_first_resolver(metadata));
    let uses = extract::uses(metadata, &graph);
    let request = Request {
        metadata,
        triple,
        printed_cfg,
        flags: features::Flags::new(),
        uses: &uses,
        base: BTreeMap::new(),
        left: BTreeSet::new(),
        roots: Roots::default(),
        trial: trial::Settings {
            args: vec!["--workspace".to_owned(), "--offline".to_owned()],
            outside: trial::outside(metadata),
            target_dir: workspace.target_dir.clone(),
            ..trial::Settings::default()
        },
        build,
        accept: Applicability::MaybeIncorrect,
        doctests: build,
    };
    features::minimal(&request, &mut |_| {}).unwrap()
}

/// What was found against what is true, over all cases.
#[derive(Default)]
struct Score {
    right: usize,
    wrong: usize,
    missed: usize,
    report: String,
}

impl Score {
    fn add(&mut self, case: &Case, found: &BTreeSet<String>) {
        let wrong: Vec<&String> = found.difference(&case.needless).collect();
        let missed: Vec<&String> = case.needless.difference(found).collect();
        self.right += found.intersection(&case.needless).count();
        self.wrong += wrong.len();
        self.missed += missed.len();
        if !wrong.is_empty() || !missed.is_empty() {
            let name = &case.name;
            writeln!(self.report, "{name}: wrong {wrong:?}, missed {missed:?}").unwrap();
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of a small corpus")]
    fn of(part: usize, other: usize) -> f64 {
        if part + other == 0 {
            1.0
        } else {
            part as f64 / (part + other) as f64
        }
    }

    fn precision(&self) -> f64 {
        Self::of(self.right, self.wrong)
    }

    fn recall(&self) -> f64 {
        Self::of(self.right, self.missed)
    }

    #[expect(clippy::print_stdout, reason = "the figures are what this is for")]
    fn print(&self, proof: &str) {
        println!(
            "needless-feature by {proof}: precision {:.3}, recall {:.3} ({} right, {} wrong, {} missed)\n{}",
            self.precision(),
            self.recall(),
            self.right,
            self.wrong,
            self.missed,
            self.report
        );
    }
}

/// The features that are taken away, as `dependency/feature`.
fn dropped(outcome: &Outcome) -> BTreeSet<String> {
    let all = outcome.slimmed.iter().flat_map(|slimmed| {
        let name = slimmed.entry.name();
        slimmed
            .dropped
            .iter()
            .map(move |feature| format!("{name}/{feature}"))
    });
    all.collect()
}

#[test]
fn the_corpus_is_big_enough_and_holds_both_kinds() {
    let cases = cases();
    assert!(cases.len() >= 20, "{}", cases.len());
    assert!(cases.iter().any(|case| case.needless.is_empty()));
    assert!(cases.iter().any(|case| !case.needless.is_empty()));
}

/// By the sources alone: features that a method of another type or an implementation needs are given
/// up too soon, and what only dead code alters stays.
#[test]
fn the_scan_is_mostly_right() {
    let mut score = Score::default();
    for case in cases() {
        let dir = case.unpack();
        let outcome = run(dir.path(), false);
        assert!(
            outcome
                .slimmed
                .iter()
                .all(|s| s.applicability == Applicability::Unspecified),
            "{}: nothing was proven",
            case.name
        );
        score.add(&case, &dropped(&outcome));
    }
    score.print("scan");
    assert!(score.precision() >= 0.9, "{}", score.report);
    assert!(score.recall() >= 0.85, "{}", score.report);
}

#[test]
fn the_proof_takes_nothing_away_that_is_needed() {
    let mut score = Score::default();
    for case in cases() {
        let dir = case.unpack();
        let outcome = run(dir.path(), true);
        score.add(&case, &dropped(&outcome));
        if !outcome.slimmed.is_empty() {
            assert!(!outcome.verified.is_empty(), "{}", case.name);
        }
        for slimmed in &outcome.slimmed {
            if let Some(grade) = &case.grade {
                let found = format!("{:?}", slimmed.applicability);
                assert_eq!(found, *grade, "{}", case.name);
            }
            if let Some((name, words)) = &case.words {
                assert_eq!(slimmed.entry.name(), name, "{}", case.name);
                assert_eq!(slimmed.wanted.features, *words, "{}", case.name);
            }
        }
    }
    score.print("full proof");
    assert_eq!(score.wrong, 0, "{}", score.report);
    assert!(score.recall() >= 0.95, "{}", score.report);
}
