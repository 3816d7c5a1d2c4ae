//! The times of a trial's rounds, and what they say: pure.

use pitcrew_core::finding::Finding;
use pitcrew_core::measure::{LEAST_PAIRS, Pair, judge_pairs, median};
use serde::Serialize;

use super::evidence;
use crate::cache::rules;

/// One round's times in seconds; pairs are without and with the cache.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Round {
    pub none_s: f64,
    pub cold_s: f64,
    pub warm_s: f64,
    pub elsewhere_s: f64,
    pub switch: Option<(f64, f64)>,
    pub back: Option<(f64, f64)>,
}

/// A way to build against the one without a cache.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    pub name: &'static str,
    pub baseline: f64,
    pub candidate: f64,
    pub ratio: f64,
    pub interval: [f64; 2],
    pub pairs: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    none_s: f64,
    compared: Vec<Compared>,
}

type Of = fn(&Round) -> Option<(f64, f64)>;

const WAYS: &[(&str, Of)] = &[
    ("filling the cache", |r| Some((r.none_s, r.cold_s))),
    ("from the warm cache", |r| Some((r.none_s, r.warm_s))),
    ("the same from another path", |r| {
        Some((r.none_s, r.elsewhere_s))
    }),
    ("rebuild: branch switched", |r| r.switch),
    ("rebuild: switched back", |r| r.back),
];

impl Figures {
    pub fn of(rounds: &[Round]) -> Self {
        let compared = WAYS.iter().filter_map(|(name, of)| {
            let pairs: Vec<Pair> = rounds
                .iter()
                .filter_map(of)
                .map(|(baseline, candidate)| Pair {
                    baseline,
                    candidate,
                })
                .collect();
            compare(name, &pairs)
        });
        let none: Vec<f64> = rounds.iter().map(|round| round.none_s).collect();
        Self {
            none_s: median(&none),
            compared: compared.collect(),
        }
    }

    /// A table for people.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!("{:<28}{:>9}{:>9}   against no cache", "", "without", "with"),
            format!("{:<28}{:>7.2} s", "clean build", self.none_s),
        ];
        for way in &self.compared {
            let kind = if way.pairs < LEAST_PAIRS {
                "range"
            } else {
                "95 %"
            };
            lines.push(format!(
                "{:<28}{:>7.2} s{:>7.2} s   {} ({kind} {} to {})",
                way.name,
                way.baseline,
                way.candidate,
                percent(way.ratio),
                percent(way.interval[0]),
                percent(way.interval[1]),
            ));
        }
        lines
    }

    /// The figures as findings, for the formats that have nothing else.
    pub fn findings(&self) -> Vec<Finding> {
        self.compared
            .iter()
            .map(|way| {
                let message = format!(
                    "{}: {:.1} s with the cache, {:.1} s without",
                    way.name, way.candidate, way.baseline
                );
                Finding::new(&rules::TRIAL, way.name, message).evidence(evidence(way.name, way))
            })
            .collect()
    }
}

fn compare(name: &'static str, pairs: &[Pair]) -> Option<Compared> {
    if pairs.is_empty() {
        return None;
    }
    let verdict = judge_pairs(pairs);
    let baseline: Vec<f64> = pairs.iter().map(|pair| pair.baseline).collect();
    let candidate: Vec<f64> = pairs.iter().map(|pair| pair.candidate).collect();
    Some(Compared {
        name,
        baseline: median(&baseline),
        candidate: median(&candidate),
        ratio: verdict.ratio,
        interval: verdict.interval,
        pairs: verdict.pairs,
    })
}

/// `-76 %`.
fn percent(ratio: f64) -> String {
    format!("{:+.0} %", 100.0 * (ratio - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(none_s: f64, warm_s: f64) -> Round {
        Round {
            none_s,
            cold_s: none_s,
            warm_s,
            elsewhere_s: warm_s,
            switch: None,
            back: Some((1.0, 2.0)),
        }
    }

    #[test]
    fn each_way_is_compared_within_its_round() {
        let figures = Figures::of(&[round(20.0, 5.0), round(40.0, 10.0), round(30.0, 6.0)]);
        let names: Vec<&str> = figures.compared.iter().map(|way| way.name).collect();
        assert_eq!(names.len(), 4, "nothing was switched: {names:?}");
        let warm = &figures.compared[1];
        assert!((warm.ratio - 0.25).abs() < 1e-9, "{warm:?}");
        assert_eq!((warm.pairs, warm.interval), (3, [0.2, 0.25]));
        let lines = figures.lines().join("\n");
        assert!(lines.contains("-75 % (range -80 % to -75 %)"), "{lines}");
        assert!(lines.contains("+100 %"), "{lines}");
    }

    #[test]
    fn no_round_is_no_figure() {
        assert_eq!(Figures::of(&[]).findings(), []);
    }
}
