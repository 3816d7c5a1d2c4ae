//! The rules on their corpus, `fixtures/<rule>/<case>`: each case lists all that any rule must say
//! there, and for its own rule in detail what that is and which bytes its fix changes.
//!
//! `PITCREW_BLESS=1 cargo test -p cargo-buildspeed --test rules` writes the diffs of fixes into the
//! cases, to be read before they are kept; what must be found is written by hand.

#![expect(
    clippy::unwrap_used,
    reason = "a case that cannot be set up must fail its test"
)]

mod expected;
mod fixes;
mod world;

use camino::Utf8Path;
use cargo_buildspeed::facts::Facts;
use cargo_buildspeed::lever::Proposal;
use cargo_buildspeed::places::Places;
use cargo_buildspeed::{observe, rules};
use pitcrew_core::finding::RuleInfo;
use pitcrew_tests::accuracy::Accuracy;
use pitcrew_tests::corpus::{self, Case, Stage};
use pitcrew_tests::registry;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use expected::Expected;
use world::WorldSpec;

type BuildCase = Case<WorldSpec, Expected>;

fn package() -> &'static Utf8Path {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn cases() -> Vec<BuildCase> {
    corpus::load(&package().join("fixtures")).unwrap()
}

/// A case on its stage, and what all rules say of it.
struct Judged<'c> {
    case: &'c BuildCase,
    stage: Stage,
    facts: Facts,
    proposals: Vec<Proposal>,
}

impl<'c> Judged<'c> {
    fn new(case: &'c BuildCase) -> Self {
        let stage = case.stage().unwrap();
        let world = case.labels.world.world(&stage).unwrap_or_else(|error| {
            panic!("{}: {error:#}", case.name);
        });
        let facts = observe::without_build(&stage.root, world).unwrap_or_else(|error| {
            panic!("{}: {error:#}", case.name);
        });
        let proposals = rules::judge(&facts);
        Self {
            case,
            stage,
            facts,
            proposals,
        }
    }

    fn places(&self) -> Places {
        Places {
            root: self.stage.root.clone(),
            cargo_home: self.stage.cargo_home.clone(),
            scope: None,
        }
    }
}

#[test]
fn every_rule_is_registered_documented_and_has_fixtures() {
    let infos: Vec<&RuleInfo> = rules::RULES.iter().map(|rule| rule.info()).collect();
    let breaches = registry::breaches(package(), &infos).unwrap();
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn every_case_is_judged_as_labelled() {
    let cases = cases();
    let judged: Vec<(&BuildCase, Vec<String>, Vec<String>)> = cases
        .par_iter()
        .map(|case| {
            let judged = Judged::new(case);
            let said = judged.proposals.iter().map(expected::label).collect();
            (case, said, expected::differences(&judged))
        })
        .collect();
    let mut accuracy = Accuracy::default();
    let mut wrong = Vec::new();
    for (case, said, differences) in judged {
        accuracy.count(&case.name, &expected::labels(case), &said);
        wrong.extend(differences);
    }
    println!("{accuracy}");
    let mistakes = accuracy.mistakes.join("\n");
    assert!(mistakes.is_empty(), "{mistakes}\n\n{}", wrong.join("\n"));
    assert!(accuracy.precision() >= 1.0 && accuracy.recall() >= 1.0);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fix_is_valid_undoable_and_does_not_come_again() {
    let cases = cases();
    let (checked, wrong) = cases
        .par_iter()
        .filter(|case| case.is_positive())
        .map(|case| fixes::check(&Judged::new(case)))
        .reduce(
            || (0, Vec::new()),
            |(count, mut all), (more, wrong)| {
                all.extend(wrong);
                (count + more, all)
            },
        );
    println!("{checked} fixes of {} cases", cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
