//! Findings of one cause are told once to people: what mends it mends them all. Programs get each.

use std::collections::HashMap;

use super::evidence::ordered;
use crate::finding::{Finding, Location};
use crate::style::printable;

/// A finding in full, and those that differ from it only in where they are.
pub(super) struct Told<'a> {
    pub finding: &'a Finding,
    pub also: Vec<&'a Finding>,
}

/// In the order in which people should read them.
pub(super) fn grouped(findings: &[Finding]) -> Vec<Told<'_>> {
    let mut told: Vec<Told<'_>> = Vec::new();
    let mut of_cause = HashMap::new();
    for finding in ordered(findings) {
        let alone = Told {
            finding,
            also: Vec::new(),
        };
        // What is fixed at its own place has more to tell than the place.
        let cause = finding.cause.as_ref().filter(|_| finding.fix.is_none());
        let Some(cause) = cause else {
            told.push(alone);
            continue;
        };
        let key = (&finding.rule, finding.severity, cause);
        match of_cause.get(&key) {
            Some(first) => {
                let group: &mut Told<'_> = &mut told[*first];
                group.also.push(finding);
            }
            None => {
                of_cause.insert(key, told.len());
                told.push(alone);
            }
        }
    }
    told
}

impl Told<'_> {
    /// Where else, in the order of the places: `src/a.rs:3:5, 9:5; src/b.rs:1:1 in b::get`.
    pub fn also_at(&self) -> Option<String> {
        let mut places: Vec<(&Location, &str)> = (self.also.iter())
            .filter_map(|finding| Some((finding.location.as_ref()?, finding.subject.as_str())))
            .collect();
        places.sort();
        let parts = places.chunk_by(|a, b| (&a.0.path, a.1) == (&b.0.path, b.1));
        let parts: Vec<String> = parts
            .map(|part| {
                let (first, subject) = part[0];
                let columns: Vec<String> = part
                    .iter()
                    .map(|(at, _)| format!("{}:{}", at.line, at.column))
                    .collect();
                let within = match subject == self.finding.subject {
                    true => String::new(),
                    false => format!(" in {}", printable(subject)),
                };
                let path = printable(first.path.as_str());
                format!("{path}:{}{within}", columns.join(", "))
            })
            .collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{RuleInfo, Severity};

    const RULE: RuleInfo = RuleInfo {
        id: "blocks",
        summary: "",
        severity: Severity::Warning,
        docs: "",
    };

    fn at(path: &str, line: u32) -> Location {
        Location {
            path: path.into(),
            line,
            column: 5,
        }
    }

    fn finding(subject: &str, place: Location, cause: Option<Location>) -> Finding {
        let mut finding = Finding::new(&RULE, subject, "m").at(Some(place));
        finding.cause = cause;
        finding
    }

    #[test]
    fn one_cause_is_told_once() {
        let leaf = || Some(at("src/read.rs", 30));
        let findings = [
            finding("handle", at("src/h.rs", 10), leaf()),
            finding("handle", at("src/h.rs", 30), leaf()),
            finding("handle", at("src/h.rs", 20), leaf()),
            finding("serve", at("src/h.rs", 50), leaf()),
            finding("handle", at("src/h.rs", 40), Some(at("src/other.rs", 1))),
            finding("handle", at("src/h.rs", 60), None),
        ];
        let told = grouped(&findings);
        let also: Vec<Option<String>> = told.iter().map(Told::also_at).collect();
        let places = "src/h.rs:20:5, 30:5; src/h.rs:50:5 in serve";
        assert_eq!(also, [Some(places.to_owned()), None, None]);
    }
}
