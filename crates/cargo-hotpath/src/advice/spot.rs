//! A hot line with one cause: the work below it that a rule has picked, and what stands there.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::callees::Class;
use super::work::{Below, Work};
use crate::analyse::Share;
use crate::analyse::lines::Line;
use crate::code::{Call, Code};
use crate::facts::Facts;
use crate::names::short;
use crate::profile::StackId;

pub struct Spot<'f> {
    pub facts: &'f Facts<'f>,
    pub line: Line,
    /// Indices of [`super::work::Works::all`].
    pub works: Vec<usize>,
    pub code: Option<Rc<Code>>,
}

impl Facts<'_> {
    /// The lines below which enough work of this kind ran, by line.
    pub fn spots(&self, wanted: impl Fn(&Below) -> bool) -> Vec<Spot<'_>> {
        let mut by_line: BTreeMap<Line, Vec<usize>> = BTreeMap::new();
        for (at, work) in self.works.all.iter().enumerate() {
            if let Some(line) = self.line_of(work).filter(|_| wanted(&work.below)) {
                by_line.entry(line).or_default().push(at);
            }
        }
        let hot = by_line.into_iter().filter(|(_, works)| self.is_hot(works));
        hot.map(|(line, works)| self.spot(line, works)).collect()
    }

    pub fn spot(&self, line: Line, works: Vec<usize>) -> Spot<'_> {
        let code = self.codes.of(self.path(line));
        Spot {
            facts: self,
            line,
            works,
            code,
        }
    }

    pub fn path(&self, line: Line) -> &str {
        self.view.profile.path(Some(line.0)).unwrap_or_default()
    }

    pub fn line_of(&self, work: &Work) -> Option<Line> {
        let frame = self.view.frame(work.below.site?);
        frame.file.zip(frame.line)
    }

    /// Whether work is worth a word: enough of the whole, and seen often enough to be no chance.
    pub fn is_hot(&self, works: &[usize]) -> bool {
        /// Fewer sightings than this may be chance.
        const LEAST: u64 = 5;
        let share = self.works.weight_of(works) as f64 / self.works.weight.max(1) as f64;
        share >= self.least_share && self.works.count_of(works) >= LEAST
    }

    /// The function that the line called: the outermost below it.
    pub fn entered(&self, at: usize) -> Option<&str> {
        let work = &self.works.all[at];
        let site = work.below.site?;
        let below = self
            .view
            .walk(Some(work.leaf))
            .take_while(|stack| *stack != site);
        let frame = self.view.frame(below.last()?);
        Some(&self.view.profile.functions[frame.function as usize].name)
    }

    pub fn share(&self, works: &[usize]) -> Share {
        let weight = self.works.weight_of(works);
        Share::of(weight, self.works.weight, self.works.count)
    }

    /// How many times at least the works were begun: runs of samples of one thread in which nothing else
    /// was seen. None where the recording has no order of time.
    pub fn times_begun(&self, works: &[usize]) -> Option<u64> {
        let profile = self.view.profile;
        if profile.about.rate_hz == 0 || self.view.samples.iter().all(|s| s.time_ns == 0) {
            return None;
        }
        let picked: std::collections::HashSet<usize> = works.iter().copied().collect();
        let mut inside: BTreeMap<u32, bool> = BTreeMap::new();
        let mut begun = 0;
        for sample in self.view.samples.iter() {
            let now = sample.stack.and_then(|leaf| self.works.at(leaf));
            let now = now.is_some_and(|at| picked.contains(&at));
            let before = inside.insert(sample.thread, now).unwrap_or(false);
            begun += u64::from(now && !before);
        }
        Some(begun)
    }
}

impl<'f> Spot<'f> {
    pub fn path(&self) -> &'f str {
        self.facts.path(self.line)
    }

    /// The function that the line is in, as the report names it.
    pub fn subject(&self) -> String {
        let site = self.works.iter().find_map(|at| self.below(*at).site);
        site.map_or_else(String::new, |site| {
            let group = self.facts.view.group(site) as usize;
            short(&self.facts.view.groups[group].name)
        })
    }

    pub fn below(&self, at: usize) -> &'f Below {
        &self.facts.works.all[at].below
    }

    pub fn call(&self, wanted: impl Fn(&Call) -> bool) -> Option<Call> {
        self.code.as_ref()?.call_at(self.line.1, wanted).cloned()
    }

    /// A part of its works, by weight.
    pub fn part(&self, wanted: impl Fn(&Below) -> bool) -> f64 {
        let weight = |at: &usize| self.facts.works.all[*at].weight;
        let part: u64 = self
            .works
            .iter()
            .filter(|at| wanted(self.below(**at)))
            .map(weight)
            .sum();
        part as f64 / self.works.iter().map(weight).sum::<u64>().max(1) as f64
    }

    /// Adds the time in which what is made here is freed again: drops of the same types while this
    /// function runs, and drops where the block ends that the value lives in.
    #[must_use]
    pub fn with_drops(mut self, ends: Option<u32>) -> Self {
        let types = self.made();
        let groups: Vec<u32> = (self.works.iter())
            .filter_map(|at| Some(self.facts.view.group(self.below(*at).site?)))
            .collect();
        let in_function = |leaf: StackId| {
            let mut callers = self.facts.view.walk(Some(leaf));
            callers.any(|stack| groups.contains(&self.facts.view.group(stack)))
        };
        let mut more = Vec::new();
        for (at, work) in self.facts.works.all.iter().enumerate() {
            if work.below.outer_class() != Some(Class::Drop) || self.works.contains(&at) {
                continue;
            }
            let line = self.facts.line_of(work);
            let at_end = line.is_some_and(|line| line.0 == self.line.0 && Some(line.1) == ends);
            let same = self
                .dropped(work)
                .is_some_and(|dropped| types.contains(&dropped));
            if (at_end || same) && in_function(work.leaf) {
                more.push(at);
            }
        }
        self.works.extend(more);
        self
    }

    /// The types of what the callees here make.
    pub(super) fn made(&self) -> Vec<String> {
        let functions = self.works.iter().filter_map(|at| self.below(*at).outer);
        let profile = self.facts.view.profile;
        let mut types: Vec<String> = functions
            .map(|(_, function)| made_by(&profile.functions[function as usize].name))
            .collect();
        types.sort();
        types.dedup();
        types
    }

    /// The type that is freed there.
    pub(super) fn dropped(&self, work: &Work) -> Option<String> {
        let function = work.below.dropped?;
        let name = &self.facts.view.profile.functions[function as usize].name;
        let inner = name.split_once("drop_in_place<")?.1;
        inner.strip_suffix('>').map(str::to_owned)
    }
}

/// The type that a function makes, by its folded name.
fn made_by(name: &str) -> String {
    let made = match name
        .strip_prefix('<')
        .and_then(|rest| rest.split_once(" as "))
    {
        Some((this, _)) => this,
        None => name.rsplit_once("::").map_or(name, |(path, _)| path),
    };
    match made {
        "str" | "alloc::fmt" | "alloc::fmt::format" => "alloc::string::String".to_owned(),
        "std::io::Lines<_>" => "alloc::string::String".to_owned(),
        "[_]" | "alloc::slice" => "alloc::vec::Vec<_>".to_owned(),
        "std::path::Path" => "std::path::PathBuf".to_owned(),
        // `to_string` of a number or of a Display.
        other if name.ends_with("to_string") && !other.is_empty() => {
            "alloc::string::String".to_owned()
        }
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_has_the_type_that_is_dropped() {
        for (name, made) in [
            ("<app::Row as core::clone::Clone>::clone", "app::Row"),
            (
                "<str as alloc::borrow::ToOwned>::to_owned",
                "alloc::string::String",
            ),
            ("alloc::fmt::format", "alloc::string::String"),
            ("alloc::fmt::format::format_inner", "alloc::string::String"),
            ("[_]::to_vec", "alloc::vec::Vec<_>"),
            (
                "<i32 as alloc::string::SpecToString>::spec_to_string",
                "alloc::string::String",
            ),
            (
                "regex::regex::string::Regex::new",
                "regex::regex::string::Regex",
            ),
            ("alloc::vec::Vec<_>::with_capacity", "alloc::vec::Vec<_>"),
        ] {
            assert_eq!(made_by(name), made, "{name}");
        }
    }
}
