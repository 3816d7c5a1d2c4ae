//! How often the search for needless features is right, on a labelled corpus: small workspaces in
//! `fixtures/needless-feature`, one file each, with path crates that stand for dependencies.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "needless_feature/case.rs"]
mod case;
#[path = "needless_feature/unnamed.rs"]
mod unnamed;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use camino::Utf8Path;
use cargo_depslim::args::Args;
use cargo_depslim::features::{self, Ground, Outcome, Reading, Request, Roots, Way};
use cargo_depslim::observe::{self, World};
use cargo_depslim::prove::{Proven, Workshop};
use cargo_depslim::remedy::Action;
use cargo_depslim::{compiled, rules};
use case::{Case, cases};
use clap::Parser as _;
use pitcrew_core::fix::Applicability;
use pitcrew_core::progress::Progress;
use pitcrew_core::session::Session;

/// The search on a case that lies in `dir`, by the sources alone.
fn read(dir: &Utf8Path) -> Outcome {
    let session = Session::open(&args(dir).cargo).unwrap();
    let printed_cfg = features::printed_cfg("rustc", None).unwrap();
    let triple = &session.toolchain.host.triple;
    let metadata = &session.workspace.metadata;
    let ground = Ground::new(metadata, triple, &printed_cfg, &Roots::default()).unwrap();
    let Reading { study, .. } = ground.read();
    let request = Request {
        flags: features::Flags::new(),
        base: features::entries::Texts::new(),
        left: BTreeSet::new(),
        accept: Applicability::MaybeIncorrect,
    };
    features::minimal(&ground, study, &request, Way::Reading).unwrap()
}

/// As a call of the plugin has it: without what fails in the proof of it all.
fn prove(dir: &Utf8Path) -> Outcome {
    let args = args(dir);
    let session = Session::open(&args.cargo).unwrap();
    let world = World {
        workspace: &session.workspace,
        config: &session.config,
        cargo_home: &session.cargo_home,
        cwd: &session.cwd,
        targets: &[],
    };
    let mut facts = observe::observe(&world).unwrap();
    let mut progress = Progress::silent();
    let exe = env!("CARGO_BIN_EXE_cargo-depslim").into();
    let mut workshop = Workshop::new(&session, &args.cargo, exe, &mut progress).unwrap();
    let judge = |facts: &_| {
        let mut proposals = rules::judge(facts);
        proposals.retain(|proposal| args.looks_for(&proposal.finding.rule));
        proposals
    };
    let told = compiled::made(&session, &args, &mut facts, &judge, &mut workshop).unwrap();
    workshop.close().unwrap();
    assert_eq!(told.broken, None, "{dir}");
    let (mut outcome, proof) = (told.features.unwrap(), told.proof.unwrap());
    let mut index = 0;
    outcome.slimmed.retain(|_| {
        let proven = proof.of(&Action::Slim(index));
        index += 1;
        matches!(proven, Some(Proven::Holds { .. }))
    });
    outcome
}

fn args(dir: &Utf8Path) -> Args {
    let manifest = dir.join("app/Cargo.toml");
    let words = ["cargo-depslim", "--manifest-path", manifest.as_str()];
    let only = ["--workspace", "--offline", "--only", "needless-feature"];
    Args::parse_from(words.into_iter().chain(only))
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
        let outcome = read(dir.path());
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
        let outcome = prove(dir.path());
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
