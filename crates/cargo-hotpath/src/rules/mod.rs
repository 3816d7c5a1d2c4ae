//! The rules, one file each: pure functions from a profile to what should be changed. Nothing is said
//! about code that is not hot.

mod allocator;
mod big_move;
mod blocking_in_async;
mod bounds_check;
mod build_profile;
mod clone;
mod compile_in_loop;
mod debug_build;
mod dynamic_dispatch;
mod formatting;
mod front_of_vec;
mod growth;
mod heavy_drop;
mod linear_search;
mod lock_contention;
mod loop_allocation;
mod needless_collect;
mod new_string;
mod page_faults;
mod parallel_loop;
mod print_in_loop;
mod recompute;
mod slow_hasher;
mod unbuffered_io;

use pitcrew_core::finding::{Finding, Rule, RuleInfo};

use crate::advice::{Advice, resolve};
use crate::facts::Facts;

pub use bounds_check::hot_indices;

/// A rule over the recording as a whole.
pub type WholeRule = dyn for<'a> Rule<Facts<'a>>;

/// A rule over hot lines, whose advice is weighed against that of others.
pub type LineRule = dyn for<'a> Rule<Facts<'a>, Advice>;

/// Both sorted by id.
const WHOLE: &[&WholeRule] = &[&build_profile::BuildProfile, &debug_build::DebugBuild];
const LINES: &[&LineRule] = &[
    &allocator::Allocator,
    &big_move::BigMove,
    &blocking_in_async::BlockingInAsync,
    &bounds_check::BoundsCheck,
    &clone::Clone,
    &compile_in_loop::CompileInLoop,
    &dynamic_dispatch::DynamicDispatch,
    &formatting::Formatting,
    &front_of_vec::FrontOfVec,
    &growth::Growth,
    &heavy_drop::HeavyDrop,
    &linear_search::LinearSearch,
    &lock_contention::LockContention,
    &loop_allocation::LoopAllocation,
    &needless_collect::NeedlessCollect,
    &new_string::NewString,
    &page_faults::PageFaults,
    &parallel_loop::ParallelLoop,
    &print_in_loop::PrintInLoop,
    &recompute::Recompute,
    &slow_hasher::SlowHasher,
    &unbuffered_io::UnbufferedIo,
];

/// Those that speak of waiting too.
const OF_WAITS: [&str; 2] = ["blocking-in-async", "lock-contention"];

/// Every rule, sorted by id.
pub fn infos() -> Vec<&'static RuleInfo> {
    let whole = WHOLE.iter().map(|rule| rule.info());
    let mut infos: Vec<_> = whole.chain(LINES.iter().map(|rule| rule.info())).collect();
    infos.sort_by_key(|info| info.id);
    infos
}

/// What all rules have to say: of the recording as a whole first, then what can gain most.
pub fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = (WHOLE.iter().flat_map(|rule| rule.check(facts))).collect();
    // Lines of a debug build are hot for other reasons than those of what is shipped.
    if facts.view.profile.about.optimised != Some(false) {
        // Of waiting, what costs running time says nothing.
        let waits = facts.view.profile.about.is_off_cpu();
        let fit = |rule: &&&LineRule| !waits || OF_WAITS.contains(&rule.info().id);
        let rules = LINES.iter().filter(fit);
        let advice = rules.flat_map(|rule| rule.check(facts)).collect();
        found.extend(resolve::resolve(facts, advice));
    }
    found
}
