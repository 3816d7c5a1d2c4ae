//! Every hostile project, large.

use std::collections::BTreeMap;
use std::time::Duration;

use pitcrew_tests::hostile::{Size, cases, run as run_case};

use crate::bench::Figure;
use crate::process::say;

/// What came of the cases of one kind.
#[derive(Default)]
struct Tally {
    cases: usize,
    longest: (Duration, String),
    faults: Vec<String>,
}

pub fn run() -> Vec<Figure> {
    say("hostile: every case, large");
    let mut kinds: BTreeMap<String, Tally> = BTreeMap::new();
    for case in cases(Size::Large) {
        let outcome = run_case(&case);
        let kind = case.name.split(':').next().unwrap_or_default().to_owned();
        let tally = kinds.entry(kind).or_default();
        tally.cases += 1;
        if outcome.longest > tally.longest.0 {
            tally.longest = (outcome.longest, case.name.clone());
        }
        tally.faults.extend(outcome.faults);
    }
    let figure = |(kind, tally): (String, Tally)| {
        let (longest, name) = tally.longest;
        let what = format!(
            "{kind}: {} cases, three plugins each; the longest took {:.1} s ({name})",
            tally.cases,
            longest.as_secs_f64()
        );
        super::without("hostile", what, &tally.faults)
    };
    kinds.into_iter().map(figure).collect()
}
