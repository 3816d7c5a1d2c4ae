//! `--baseline FILE`: an earlier JSON report, of which what it holds is not told again. Findings are
//! the same where rule, file, subject and words are: lines move.

use std::collections::HashMap;

use anyhow::Result;
use camino::Utf8Path;
use pitcrew_core::earlier;
use pitcrew_core::finding::Finding;

/// How often each finding was there.
#[derive(Debug, Default)]
pub struct Baseline {
    known: HashMap<Key, u32>,
}

type Key = (String, String, String, String);

impl Baseline {
    pub fn read(path: &Utf8Path) -> Result<Self> {
        let report = earlier::read(path, "cargo concurrency-lint")?;
        Ok(Self::of(&report.findings))
    }

    fn of(findings: &[Finding]) -> Self {
        let mut known = HashMap::new();
        for finding in findings {
            *known.entry(key(finding)).or_default() += 1;
        }
        Self { known }
    }

    /// Whether the finding is new; each known one excuses one of its like.
    pub fn is_new(&mut self, finding: &Finding) -> bool {
        match self.known.get_mut(&key(finding)) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            _ => true,
        }
    }
}

fn key(finding: &Finding) -> Key {
    let path = finding.location.as_ref().map(|at| at.path.to_string());
    // A message may name a line.
    let words = finding
        .message
        .chars()
        .filter(|c| !c.is_ascii_digit())
        .collect();
    (
        finding.rule.clone(),
        path.unwrap_or_default(),
        finding.subject.clone(),
        words,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allow::BAD_ALLOW;
    use pitcrew_core::finding::Location;

    fn finding(subject: &str, line: u32) -> Finding {
        let message = format!("held across the await in line {}", line + 1);
        Finding::new(&BAD_ALLOW, subject, message).at(Some(Location {
            path: "src/a.rs".into(),
            line,
            column: 1,
        }))
    }

    #[test]
    fn what_moved_is_known_and_what_is_more_is_new() {
        let mut baseline = Baseline::of(&[finding("f", 3), finding("f", 9)]);
        assert!(!baseline.is_new(&finding("f", 5)));
        assert!(!baseline.is_new(&finding("f", 11)));
        assert!(baseline.is_new(&finding("f", 20)), "a third of its kind");
        assert!(baseline.is_new(&finding("g", 3)), "another function");
    }
}
