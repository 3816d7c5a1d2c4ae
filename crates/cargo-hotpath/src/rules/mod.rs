//! The rules, one file each: pure functions from a profile to what should be changed. Nothing is said
//! about code that is not hot.

mod debug_build;

use pitcrew_core::finding::{Finding, Rule};

use crate::facts::Facts;

/// A rule of this plugin.
pub type HotRule = dyn for<'a> Rule<Facts<'a>>;

/// Every rule, sorted by id.
pub const RULES: &[&HotRule] = &[&debug_build::DebugBuild];

/// What all rules have to say, in the order of the rules.
pub fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    RULES.iter().flat_map(|rule| rule.check(facts)).collect()
}
