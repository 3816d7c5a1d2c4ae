//! From the compiler's errors back to features: what it misses was taken away with one of them.

use std::collections::BTreeSet;

use super::condition::{Condition, Requirement, Setting, Why};
use super::resolve::Resolved;
use crate::gates::cfg::Cfg;
use crate::gates::lookup::Gates;
use crate::gates::{Library, Mentions};

/// What was taken away.
pub struct Loss<'a> {
    pub library: &'a Library,
    pub setting: &'a Setting,
    pub before: &'a Resolved,
    pub after: &'a Resolved,
}

/// What is to be taken back so that these errors go, one requirement for each that is understood.
/// Errors that are not are counted.
pub fn requirements(loss: &Loss<'_>, errors: &[String]) -> (Vec<Requirement>, usize) {
    let mut found: Vec<Requirement> = Vec::new();
    let mut unclear = 0;
    for error in errors {
        let summary = error.lines().next().unwrap_or_default().to_owned();
        // cargo's closing line is no error of its own.
        if summary.starts_with("error: aborting due to") {
            continue;
        }
        let conditions = loss.explain(error);
        if conditions.is_empty() {
            unclear += 1;
        }
        for condition in conditions {
            if !found.iter().any(|have| have.condition == condition) {
                let summary = summary.trim_start_matches("error").trim_start_matches(": ");
                let why = Why::Compiler(summary.to_owned());
                found.push(Requirement {
                    condition,
                    why,
                    gated: false,
                });
            }
        }
    }
    (found, unclear)
}

impl Loss<'_> {
    fn explain(&self, error: &str) -> Vec<Condition> {
        let named = self.named_features(error);
        if !named.is_empty() {
            return named;
        }
        let words = words(error);
        let pair = self.implementations(&words);
        if !pair.is_empty() {
            return pair;
        }
        self.names(&words)
    }

    /// The crates that are built both times and have lost features.
    fn poorer(&self) -> Vec<(usize, BTreeSet<String>)> {
        (0..self.library.len())
            .filter_map(|krate| {
                let before = self.before.of_package(krate)?;
                let after = self.after.of_package(krate).unwrap_or_default();
                let gone: BTreeSet<String> = before.difference(&after).cloned().collect();
                (!gone.is_empty()).then_some((krate, gone))
            })
            .collect()
    }

    /// `the item is gated behind the `x` feature`, the condition that rustc shows, or a macro's own
    /// message that names a feature that went.
    fn named_features(&self, error: &str) -> Vec<Condition> {
        let mut found = Vec::new();
        let gated = error.contains("gated behind") || error.contains("configured out");
        let says_feature = error.contains("feature");
        if !gated && !says_feature {
            return found;
        }
        let quoted = quoted(error);
        for (krate, gone) in self.poorer() {
            for feature in gone.iter().filter(|feature| quoted.contains(*feature)) {
                let gate = Cfg::Feature(feature.clone());
                found.push(Condition::Holds(krate, gate, true));
            }
        }
        found
    }

    /// A trait and a type of one error that an implementation brings together.
    fn implementations(&self, words: &Mentions) -> Vec<Condition> {
        let mut alternatives = Vec::new();
        for (krate, _) in self.poorer() {
            for implementation in &self.library.model(krate).impls {
                let Some(of_trait) = &implementation.of_trait else {
                    continue;
                };
                let named = words.names.contains(of_trait)
                    && (words.names.contains(&implementation.self_type)
                        || is_parameter(&implementation.self_type));
                if named && self.is_lost(krate, &implementation.gate) {
                    alternatives.push(Gates::default().and(krate, &implementation.gate));
                }
            }
        }
        if alternatives.is_empty() {
            Vec::new()
        } else {
            vec![Condition::AnyOf(alternatives)]
        }
    }

    /// Everything lost that has one of these names.
    fn names(&self, words: &Mentions) -> Vec<Condition> {
        let mut found = Vec::new();
        for name in &words.names {
            let mut alternatives = Vec::new();
            for (krate, _) in self.poorer() {
                let model = self.library.model(krate);
                let names = model
                    .names
                    .iter()
                    .filter(|n| n.name == *name)
                    .map(|n| &n.gate);
                let members = model.members.iter().filter(|m| m.owner.name == *name);
                let members = members.map(|member| &member.gate);
                let parts = model.names.iter().flat_map(|name| &name.parts);
                let parts = parts.filter(|(part, _)| part == name).map(|(_, gate)| gate);
                for gate in names.chain(members).chain(parts) {
                    let gates = Gates::default().and(krate, gate);
                    if self.is_lost(krate, gate) && !alternatives.contains(&gates) {
                        alternatives.push(gates);
                    }
                }
            }
            if !alternatives.is_empty() {
                found.push(Condition::AnyOf(alternatives));
            }
        }
        found
    }

    fn is_lost(&self, krate: usize, gate: &Cfg) -> bool {
        let value = |resolved| self.setting.value(krate, gate, resolved);
        value(self.before) != Some(false) && value(self.after) == Some(false)
    }
}

fn is_parameter(name: &str) -> bool {
    name.len() == 1 && name.chars().all(char::is_uppercase)
}

/// What stands between backticks or quotes.
fn quoted(error: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for mark in ['`', '"'] {
        let mut parts = error.split(mark);
        parts.next();
        while let (Some(inside), rest) = (parts.next(), parts.next()) {
            found.insert(inside.to_owned());
            if rest.is_none() {
                break;
            }
        }
    }
    found
}

/// The identifiers in what the compiler quotes in the heading and the labels of an error. Notes are
/// left out: they list what else has that name.
fn words(error: &str) -> Mentions {
    let mut mentions = Mentions::default();
    for line in error.lines() {
        let line = line.trim_start_matches(|c: char| c.is_numeric() || c == ' ' || c == '|');
        let is_note =
            line.starts_with("= ") || line.starts_with("note:") || line.starts_with("help:");
        if is_note {
            continue;
        }
        for part in line.split('`').skip(1).step_by(2) {
            let names = part
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '_'));
            mentions.names.extend(names.map(str::to_owned));
        }
    }
    mentions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_an_error_are_what_it_quotes() {
        let error = "error[E0599]: no method named `json` found for struct `x::RequestBuilder`\n \
                     --> src/main.rs:3:5\n  |\n3 |     a.json(&1);\n  |       ^^^^ method not found in `B<_>`\n  \
                     = note: the method `other` exists\n";
        let names = words(error).names;
        assert_eq!(
            names.iter().map(String::as_str).collect::<Vec<_>>(),
            ["B", "RequestBuilder", "_", "json", "x"]
        );
        let quoted =
            quoted("note: the item is gated behind the `net` feature\n #[cfg(feature = \"io\")]");
        assert!(quoted.contains("net") && quoted.contains("io"));
    }
}
