//! The rules that need no build, each on its own fixtures, and what holds for the rules of each plugin:
//! a file, a line in the registry, documentation, and fixtures of both kinds.

#![expect(
    clippy::unwrap_used,
    reason = "a case that cannot be set up must fail its test"
)]

mod cases;
mod scanned;

use std::collections::BTreeSet;

use camino::Utf8Path;
use cargo_depslim::costs::Costs;
use cargo_depslim::features::{Outcome, Used};
use cargo_depslim::{rule_infos, rules};
use pitcrew_core::finding::RuleInfo;
use pitcrew_core::model::dominators::DirectDependency;
use pitcrew_tests::accuracy::Accuracy;
use pitcrew_tests::registry;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use cases::Case;

/// Rules whose fixtures are judged with builds, in tests of their own.
const BUILT: [&str; 3] = [
    "misplaced-dependency",
    "needless-feature",
    "unused-dependency",
];

fn fixtures() -> camino::Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// What the rule says of a case, by its text.
fn judge(rule: &str, case: &Case) -> Vec<String> {
    let stage = case.stage();
    let mut facts = scanned::facts(&stage.root);
    if !case.costs.is_empty() {
        facts.costs = Some(costs(&case.costs));
        facts.features = Some(named(&case.items));
    }
    let found = rules::find(rule).unwrap().check(&facts);
    found
        .iter()
        .map(|proposal| format!("{rule}:{}", proposal.finding.subject))
        .collect()
}

/// `a 2.5 of 20 b c`
fn costs(lines: &[String]) -> Costs {
    let mut costs = Costs::default();
    let mut total: f64 = 0.0;
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        let cpu_s: f64 = words[1].parse().unwrap();
        total = words[3].parse().unwrap();
        costs
            .packages
            .push((words[0].to_owned(), "1.0.0".to_owned(), cpu_s));
        let packages = words[..1].iter().chain(&words[4..]);
        costs.direct.push(DirectDependency {
            name: words[0].to_owned(),
            version: "1.0.0".to_owned(),
            packages: packages.map(|name| format!("{name} 1.0.0")).collect(),
            units: 1,
            duration_s: cpu_s,
            cpu_s,
            wall_s: cpu_s,
        });
    }
    let others = total - costs.total_s();
    costs
        .packages
        .push(("others".to_owned(), "1.0.0".to_owned(), others));
    costs
}

/// `a::one a::two b::m!`
fn named(items: &[String]) -> Outcome {
    let used = items.iter().map(|item| Used {
        member: "case".to_owned(),
        package: item.split("::").next().unwrap().to_owned(),
        items: [item.trim_end_matches('!').to_owned()].into(),
        uncountable: item.ends_with('!'),
    });
    Outcome {
        used: used.collect(),
        ..Outcome::default()
    }
}

#[test]
fn the_text_tells_what_the_fixtures_say() {
    let mut wrong = Vec::new();
    for rule in rules::RULES {
        let id = rule.info().id;
        if BUILT.contains(&id) {
            continue;
        }
        let cases = cases::load(&fixtures().join(id));
        let found: Vec<Vec<String>> = cases.par_iter().map(|case| judge(id, case)).collect();
        let mut accuracy = Accuracy::default();
        for (case, found) in cases.iter().zip(&found) {
            accuracy.count(&case.name, &case.expected, found);
        }
        println!("{accuracy}");
        wrong.extend(accuracy.mistakes.iter().map(|line| format!("{id}: {line}")));
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn every_rule_is_registered_documented_and_has_fixtures_of_both_kinds() {
    let infos = rule_infos();
    let own: Vec<&RuleInfo> = infos
        .into_iter()
        .filter(|info| rules::find(info.id).is_some())
        .collect();
    let dir = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    let kinds = |folder: &Utf8Path| {
        let rule = folder.file_name().unwrap();
        let speaks = |text: &str| {
            let head = text.split("--- ").next().unwrap_or(text);
            let keys = [rule, "unused", "misplaced", "drop"];
            let of_both = head.lines().filter_map(|line| line.split_once(": "));
            of_both
                .filter(|(_, value)| !value.trim().is_empty())
                .any(|(key, _)| keys.contains(&key))
        };
        let texts: Vec<String> = folder
            .read_dir_utf8()
            .unwrap()
            .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
            .collect();
        let positive = texts.iter().filter(|text| speaks(text)).count();
        Ok(registry::Counted {
            positive,
            negative: texts.len() - positive,
            broken: Vec::new(),
        })
    };
    let breaches = registry::breaches_by(dir, &own, &kinds).unwrap();
    assert_eq!(breaches, [""; 0]);
    let unique: BTreeSet<&str> = own.iter().map(|info| info.id).collect();
    assert_eq!(unique.len(), rules::RULES.len());
}
