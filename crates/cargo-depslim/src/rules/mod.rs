//! The rules, one file each: pure functions from facts to what can go, or stands in the wrong place. A
//! rule proposes; only a build decides.

mod duplicate_version;
mod empty_file;
mod heavy_dependency;
mod misplaced_dependency;
mod needless_feature;
mod needless_harness;
mod superseded_dependency;
mod unlinked_file;
mod unused_dependency;
mod unused_feature;

use pitcrew_core::finding::Rule;

use crate::facts::Facts;
use crate::remedy::Proposal;

/// A rule of this plugin.
pub type DepRule = dyn Rule<Facts, Proposal>;

/// Every rule, sorted by id.
pub const RULES: &[&DepRule] = &[
    &duplicate_version::DuplicateVersion,
    &empty_file::EmptyFile,
    &heavy_dependency::HeavyDependency,
    &misplaced_dependency::MisplacedDependency,
    &needless_feature::NeedlessFeature,
    &needless_harness::NeedlessHarness,
    &superseded_dependency::SupersededDependency,
    &unlinked_file::UnlinkedFile,
    &unused_dependency::UnusedDependency,
    &unused_feature::UnusedFeature,
];

/// Those that judge by the minimal features, whose search is what takes most of a full proof.
pub const OF_FEATURES: [&str; 2] = ["heavy-dependency", "needless-feature"];

/// The rule of this id.
pub fn find(id: &str) -> Option<&'static DepRule> {
    RULES.iter().find(|rule| rule.info().id == id).copied()
}

/// What all rules have to say, in the order of the rules.
pub fn judge(facts: &Facts) -> Vec<Proposal> {
    RULES.iter().flat_map(|rule| rule.check(facts)).collect()
}
