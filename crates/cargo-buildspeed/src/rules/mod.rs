//! The rules, one file each: pure functions from facts to what could be faster or smaller. A rule
//! proposes; only a trial decides.

mod antivirus;
mod build_override;
mod codegen_units;
mod compilation_cache;
mod cranelift;
mod crate_type;
mod dependency_debuginfo;
mod dev_debuginfo;
mod dev_dependency_optimization;
mod doctests;
mod duplicate_versions;
mod hint_mostly_unused;
mod ide_target_dir;
mod ignored_profile;
mod incremental;
mod integration_tests;
mod linker;
mod old_resolver;
mod parallel_frontend;
mod release_codegen_units;
mod release_lto;
mod release_opt_level;
mod release_panic;
mod release_strip;
mod rustflags_env;
mod split_debuginfo;

use pitcrew_core::finding::Rule;

use crate::facts::Facts;
use crate::lever::Proposal;

/// A rule of this plugin.
pub type BuildRule = dyn Rule<Facts, Proposal>;

/// Every rule, sorted by id.
pub const RULES: &[&BuildRule] = &[
    &antivirus::Antivirus,
    &build_override::BuildOverride,
    &codegen_units::CodegenUnits,
    &compilation_cache::CompilationCache,
    &cranelift::Cranelift,
    &crate_type::CrateType,
    &dependency_debuginfo::DependencyDebuginfo,
    &dev_debuginfo::DevDebuginfo,
    &dev_dependency_optimization::DevDependencyOptimization,
    &doctests::Doctests,
    &duplicate_versions::DuplicateVersions,
    &hint_mostly_unused::HintMostlyUnused,
    &ide_target_dir::IdeTargetDir,
    &ignored_profile::IgnoredProfile,
    &incremental::Incremental,
    &integration_tests::IntegrationTests,
    &linker::Linker,
    &old_resolver::OldResolver,
    &parallel_frontend::ParallelFrontend,
    &release_codegen_units::ReleaseCodegenUnits,
    &release_lto::ReleaseLto,
    &release_opt_level::ReleaseOptLevel,
    &release_panic::ReleasePanic,
    &release_strip::ReleaseStrip,
    &rustflags_env::RustflagsEnv,
    &split_debuginfo::SplitDebuginfo,
];

/// The rule of this id.
pub fn find(id: &str) -> Option<&'static BuildRule> {
    RULES.iter().find(|rule| rule.info().id == id).copied()
}

/// What all rules have to say, in the order of the rules.
pub fn judge(facts: &Facts) -> Vec<Proposal> {
    RULES.iter().flat_map(|rule| rule.check(facts)).collect()
}
