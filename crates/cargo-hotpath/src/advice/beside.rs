//! Time that has the same cause as a spot's but does not stand below the same call: the line's own
//! instructions around it, what waits for its result, what reads or frees what it made.

use std::collections::BTreeSet;

use super::callees::Class;
use super::spot::Spot;
use super::work::{Below, Work};
use crate::code::{Binding, Call, Lines};

impl Spot<'_> {
    /// What the line did besides of this kind.
    pub fn rest_of_line(&self, wanted: impl Fn(&Below) -> bool) -> Vec<usize> {
        self.others(|work| self.facts.line_of(work) == Some(self.line) && wanted(&work.below))
    }

    /// The own time of these lines of the same file.
    fn own_time_of(&self, lines: Lines) -> Vec<usize> {
        self.others(|work| {
            let line = self.facts.line_of(work);
            let within = line.is_some_and(|line| line.0 == self.line.0 && lines.hold(line.1));
            within && work.below.is_own()
        })
    }

    /// The own time of the outermost loop around a call of the line.
    pub fn own_time_around(&self, call: &Call) -> Vec<usize> {
        let around = self.code.as_ref().zip(call.place.loops.first());
        let lines = around.map(|(code, at)| code.loops[*at].lines);
        lines.map_or_else(Vec::new, |lines| self.own_time_of(lines))
    }

    /// What compares, hashes or searches a value where it is used: small values that were only just
    /// written are still on their way to the cache, and whoever reads them first waits.
    pub fn readers_of(&self, binding: &Binding) -> Vec<usize> {
        let Some(code) = &self.code else {
            return Vec::new();
        };
        let used: BTreeSet<u32> = code.uses_of(binding).map(|one| one.line).collect();
        self.others(|work| {
            let line = self.facts.line_of(work);
            let uses = line.is_some_and(|line| line.0 == self.line.0 && used.contains(&line.1));
            let below = &work.below;
            let reads = below.has(Class::Compare) || below.has(Class::SipHash);
            uses && reads && below.outer_class() != Some(Class::Clone)
        })
    }

    /// With the time in which a binding's memory is asked for and goes back at the end of its block.
    #[must_use]
    pub fn with_end_of(mut self, binding: &Binding) -> Self {
        let more = self.others(|work| {
            let line = self
                .facts
                .line_of(work)
                .filter(|line| line.0 == self.line.0);
            let below = &work.below;
            let begins = line.is_some_and(|line| line.1 == binding.line) && below.has(Class::Alloc);
            let ends = line.is_some_and(|line| line.1 == binding.ends)
                && below.outer_class() == Some(Class::Drop);
            begins || ends
        });
        self.works.extend(more);
        self
    }

    /// With what is freed on the same line: temporaries.
    #[must_use]
    pub fn with_drops_on_line(mut self) -> Self {
        let more = self.others(|work| {
            self.facts.line_of(work) == Some(self.line)
                && work.below.outer_class() == Some(Class::Drop)
        });
        self.works.extend(more);
        self
    }

    /// Where what is made here is freed by a caller that it was returned to, alone or within something
    /// larger.
    pub fn drops_by_callers(&self) -> Vec<usize> {
        let made = self.made();
        let view = self.facts.view;
        let callers: BTreeSet<u32> = (self.works.iter())
            .filter_map(|at| self.below(*at).site)
            .flat_map(|site| view.walk(Some(site)))
            .map(|stack| view.group(stack))
            .collect();
        self.others(|work| {
            let within = (work.below.site).is_some_and(|site| callers.contains(&view.group(site)));
            let holds = || {
                let function = work.below.dropped?;
                let name = &view.profile.functions[function as usize].full;
                Some(
                    made.iter()
                        .any(|one| name.contains(one.trim_end_matches("<_>"))),
                )
            };
            within && work.below.outer_class() == Some(Class::Drop) && holds().unwrap_or(false)
        })
    }

    /// Where values of this type are freed, whoever owns them then, and the kernel's part of it.
    pub fn drops_of(&self, is_type: impl Fn(&str) -> bool) -> Vec<usize> {
        self.others(|work| {
            work.below.outer_class() == Some(Class::Drop)
                && self.dropped(work).is_some_and(|dropped| is_type(&dropped))
        })
    }

    fn others(&self, wanted: impl Fn(&Work) -> bool) -> Vec<usize> {
        let all = self.facts.works.all.iter().enumerate();
        all.filter(|(at, work)| wanted(work) && !self.works.contains(at))
            .map(|(at, _)| at)
            .collect()
    }
}
