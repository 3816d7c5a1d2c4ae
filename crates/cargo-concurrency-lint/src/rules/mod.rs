//! The rules, one file each: pure functions from what the program is to what is wrong with it.

mod await_in_loop;
mod block_on_in_async;
mod blocking_call_in_async;
mod cancel_unsafe_select;
mod client_without_timeout;
mod cpu_bound_in_async;
mod dropped_future;
mod dropped_join_handle;
mod excessive_concurrency;
mod keeping;
mod large_future;
mod lock_across_await;
mod manual_worker_pool;
mod missing_deadline;
mod missing_timeout;
mod needless_async_spawn;
mod needless_ordering;
mod pool_smaller_than_concurrency;
mod sequential_awaits;
mod shared_vec_collect;
mod std_sleep_in_async;
mod sync_channel_in_async;
mod unbounded_channel;
mod unbounded_concurrency;
mod unbounded_join_all;
mod unbounded_spawn;
mod unbounded_spawn_blocking;

use pitcrew_core::finding::{Evidence, Finding, Location, Rule, RuleInfo, Severity};
use pitcrew_core::fix::{Applicability, Edit, Fix};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::facts::{FunctionId, Span, Witness};
use crate::program::Program;

/// A finding, with what decides whether it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub finding: Finding,
    pub function: FunctionId,
    pub span: Span,
}

/// A rule of this plugin.
pub type LintRule = dyn for<'a> Rule<Program<'a>, Found>;

/// Every rule, sorted by id.
pub const RULES: &[&LintRule] = &[
    &await_in_loop::AwaitInLoop,
    &block_on_in_async::BlockOnInAsync,
    &blocking_call_in_async::BlockingCallInAsync,
    &cancel_unsafe_select::CancelUnsafeSelect,
    &client_without_timeout::ClientWithoutTimeout,
    &cpu_bound_in_async::CpuBoundInAsync,
    &dropped_future::DroppedFuture,
    &dropped_join_handle::DroppedJoinHandle,
    &excessive_concurrency::ExcessiveConcurrency,
    &large_future::LargeFuture,
    &lock_across_await::LockAcrossAwait,
    &manual_worker_pool::ManualWorkerPool,
    &missing_deadline::MissingDeadline,
    &missing_timeout::MissingTimeout,
    &needless_async_spawn::NeedlessAsyncSpawn,
    &needless_ordering::NeedlessOrdering,
    &pool_smaller_than_concurrency::PoolSmallerThanConcurrency,
    &sequential_awaits::SequentialAwaits,
    &shared_vec_collect::SharedVecCollect,
    &std_sleep_in_async::StdSleepInAsync,
    &sync_channel_in_async::SyncChannelInAsync,
    &unbounded_channel::UnboundedChannel,
    &unbounded_concurrency::UnboundedConcurrency,
    &unbounded_join_all::UnboundedJoinAll,
    &unbounded_spawn::UnboundedSpawn,
    &unbounded_spawn_blocking::UnboundedSpawnBlocking,
];

/// What all rules have to say, by place.
pub fn judge(program: &Program<'_>) -> Vec<Found> {
    let mut found: Vec<Found> = RULES
        .par_iter()
        .flat_map_iter(|rule| rule.check(program))
        .collect();
    found.sort_by(|a, b| {
        let (a, b) = (&a.finding, &b.finding);
        (&a.location, &a.rule).cmp(&(&b.location, &b.rule))
    });
    found
}

impl Program<'_> {
    /// A finding of `rule` at `span` of a function.
    pub fn found(
        &self,
        rule: &RuleInfo,
        function: FunctionId,
        span: Span,
        message: impl Into<String>,
    ) -> Found {
        let subject = self.function(function).path.clone();
        Found {
            finding: Finding::new(rule, subject, message).at(self.location(span)),
            function,
            span,
        }
    }

    /// Where a span begins.
    fn location(&self, span: Span) -> Option<Location> {
        self.facts.file(span).map(|file| Location {
            path: file.path.clone(),
            line: span.start.line,
            column: span.start.column,
        })
    }

    /// Where an edit's bytes are; none where the file's text is not at hand.
    pub fn edit(&self, span: Span, replacement: impl Into<String>) -> Option<Edit> {
        let file = self.facts.file(span)?;
        let range = span.bytes(&file.text)?;
        Some(Edit {
            path: file.path.clone(),
            start: range.start,
            end: range.end,
            replacement: replacement.into(),
        })
    }

    /// Text put in at the end of a place.
    pub fn insert_after(&self, span: Span, text: impl Into<String>) -> Option<Edit> {
        let end = Span {
            start: span.end,
            ..span
        };
        self.edit(end, text)
    }
}

impl Found {
    /// Who says so: the compiler, or the text alone.
    #[must_use]
    pub fn by(mut self, witness: Witness, fact: impl Into<String>) -> Self {
        self.finding = self.finding.evidence(match witness {
            Witness::Source => Evidence::Syntax,
            Witness::Compiler => Evidence::Compiler { fact: fact.into() },
        });
        self
    }

    #[must_use]
    pub fn help(mut self, line: impl Into<String>) -> Self {
        self.finding = self.finding.help(line);
        self
    }

    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.finding.severity = severity;
        self
    }

    /// What would mend it, unless an edit could not be made.
    #[must_use]
    pub fn fix(mut self, applicability: Applicability, edits: Option<Vec<Edit>>) -> Self {
        self.finding.fix = edits.map(|edits| Fix {
            applicability,
            edits,
        });
        self
    }
}
