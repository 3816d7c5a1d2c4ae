//! How right a plugin's rules are on a labelled corpus: precision and recall, for each rule and in
//! all, and the name of every mistake.

use std::collections::BTreeMap;
use std::fmt;

/// What was found and what should have been, in all cases so far.
#[derive(Debug, Default)]
pub struct Accuracy {
    by_rule: BTreeMap<String, Counts>,
    /// One line for each mistake: the case, and what it was.
    pub mistakes: Vec<String>,
    cases: u32,
}

#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    right: u32,
    wrong: u32,
    missed: u32,
}

impl Accuracy {
    /// Counts a case. Labels start with their rule: `linker:mold`, `doctests:core`.
    pub fn count(&mut self, case: &str, expected: &[String], found: &[String]) {
        self.cases += 1;
        let mut left = expected.to_vec();
        for label in found {
            match left.iter().position(|expected| expected == label) {
                Some(at) => {
                    left.remove(at);
                    self.of(label).right += 1;
                }
                None => {
                    self.of(label).wrong += 1;
                    self.mistakes
                        .push(format!("{case}: wrongly said `{label}`"));
                }
            }
        }
        for label in left {
            self.of(&label).missed += 1;
            self.mistakes.push(format!("{case}: did not say `{label}`"));
        }
    }

    fn of(&mut self, label: &str) -> &mut Counts {
        let rule = label.split(':').next().unwrap_or(label);
        self.by_rule.entry(rule.to_owned()).or_default()
    }

    fn all(&self) -> Counts {
        let counts = self.by_rule.values();
        counts.fold(Counts::default(), |all, one| Counts {
            right: all.right + one.right,
            wrong: all.wrong + one.wrong,
            missed: all.missed + one.missed,
        })
    }

    /// The precision and recall of each rule that was expected or found.
    pub fn rules(&self) -> impl Iterator<Item = (&str, f64, f64)> {
        let rules = self.by_rule.iter();
        rules.map(|(rule, counts)| (rule.as_str(), counts.precision(), counts.recall()))
    }

    /// The share of what was said that is right.
    pub fn precision(&self) -> f64 {
        self.all().precision()
    }

    /// The share of what should be said that was.
    pub fn recall(&self) -> f64 {
        self.all().recall()
    }
}

impl Counts {
    fn precision(self) -> f64 {
        share(self.right, self.right + self.wrong)
    }

    fn recall(self) -> f64 {
        share(self.right, self.right + self.missed)
    }
}

/// Nothing of nothing is all of it.
fn share(part: u32, of: u32) -> f64 {
    if of == 0 {
        1.0
    } else {
        f64::from(part) / f64::from(of)
    }
}

impl fmt::Display for Accuracy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = format!("rule ({} cases)", self.cases);
        writeln!(f, "{title:30} said  wrong  missed  precision  recall")?;
        let rules = self
            .by_rule
            .iter()
            .map(|(rule, counts)| (rule.as_str(), *counts));
        for (rule, counts) in rules.chain([("all", self.all())]) {
            let Counts {
                right,
                wrong,
                missed,
            } = counts;
            writeln!(
                f,
                "{rule:30} {:4}  {wrong:5}  {missed:6}  {:9.3}  {:6.3}",
                right + wrong,
                counts.precision(),
                counts.recall()
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(list: &[&str]) -> Vec<String> {
        list.iter().map(|label| (*label).to_owned()).collect()
    }

    #[test]
    fn what_is_wrong_and_what_is_missed_count_apart() {
        let mut accuracy = Accuracy::default();
        let expected = labels(&["a:1", "a:1", "b"]);
        accuracy.count("one", &expected, &labels(&["a:1", "c:x", "a:1"]));
        assert_eq!(
            accuracy.mistakes,
            ["one: wrongly said `c:x`", "one: did not say `b`"]
        );
        assert!((accuracy.precision() - 2.0 / 3.0).abs() < 1e-9);
        assert!((accuracy.recall() - 2.0 / 3.0).abs() < 1e-9);
        let of_b = accuracy.rules().find(|(rule, ..)| *rule == "b");
        assert_eq!(of_b, Some(("b", 1.0, 0.0)), "nothing said is nothing wrong");
        let table = accuracy.to_string();
        assert!(table.contains("all                               3      1       1      0.667"));
    }

    #[test]
    fn saying_rightly_nothing_is_perfect() {
        let mut accuracy = Accuracy::default();
        accuracy.count("none", &[], &[]);
        assert!(accuracy.precision() >= 1.0 && accuracy.recall() >= 1.0);
    }
}
