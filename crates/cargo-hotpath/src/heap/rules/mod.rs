//! What a recording of allocations advises, one rule a file. Each looks at a line of the workspace that
//! allocates a share worth talking about, and at nothing else.

mod allocation_churn;
mod allocation_growth;
mod lines;
mod never_freed;
mod tiny_boxes;

use camino::Utf8PathBuf;
use pitcrew_core::finding::{Evidence, Finding, Location, Rule, RuleInfo};

use crate::analyse::allocations::Allocations;
use crate::analyse::lines::Line;
use crate::profile::Figures;
use crate::report::Sources;

/// Everything a rule may look at.
pub struct HeapFacts<'a> {
    /// Of every frame as it was recorded: what std does under a user's line names the cause.
    pub allocations: &'a Allocations<'a>,
    pub sources: &'a Sources<'a>,
}

pub type HeapRule = dyn for<'a> Rule<HeapFacts<'a>>;

/// Every rule, sorted by id.
pub const RULES: &[&HeapRule] = &[
    &allocation_churn::AllocationChurn,
    &allocation_growth::AllocationGrowth,
    &never_freed::NeverFreed,
    &tiny_boxes::TinyBoxes,
];

/// Lines with a smaller part of all are not talked about.
const LEAST_SHARE: f64 = 0.02;

/// What all rules have to say.
pub fn judge(facts: &HeapFacts<'_>) -> Vec<Finding> {
    RULES.iter().flat_map(|rule| rule.check(facts)).collect()
}

impl HeapFacts<'_> {
    fn total(&self) -> &Figures {
        &self.allocations.total
    }

    /// A finding at a line, with the share of what the rule is about.
    fn finding(&self, info: &RuleInfo, line: Line, message: String, share: f64) -> Finding {
        let profile = self.allocations.view.profile;
        let path = profile.path(Some(line.0)).unwrap_or_default();
        let place = format!("{path}:{}", line.1);
        let evidence = Evidence::Profile {
            share,
            samples: self.total().samples,
        };
        Finding::new(info, place, message)
            .at(Some(Location {
                path: Utf8PathBuf::from(path),
                line: line.1,
                column: self.column(path, line.1),
            }))
            .evidence(evidence)
    }

    /// Where the code of a line begins.
    fn column(&self, path: &str, line: u32) -> u32 {
        let text = self.sources.text(path);
        let line = text.as_deref().and_then(|text| {
            let index = usize::try_from(line).ok()?.checked_sub(1)?;
            text.lines().nth(index)
        });
        let spaces = line.map_or(0, |line| line.len() - line.trim_start().len());
        u32::try_from(spaces).unwrap_or(0) + 1
    }
}

fn part(of: u64, total: u64) -> f64 {
    of as f64 / total.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_sorted_and_each_has_its_documentation() {
        let ids: Vec<&str> = RULES.iter().map(|rule| rule.info().id).collect();
        assert!(ids.is_sorted(), "{ids:?}");
        for rule in RULES {
            let docs = rule.info().docs;
            for section in [
                "What it does",
                "Why it matters",
                "Example",
                "When it is wrong",
            ] {
                assert!(
                    docs.contains(&format!("## {section}")),
                    "{}",
                    rule.info().id
                );
            }
        }
    }
}
