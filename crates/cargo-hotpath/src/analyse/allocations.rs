//! Whose allocations: a heap's sites by line, function and crate. Nobody looks for `malloc`, nor for the
//! parts of std that call it: what allocates is the innermost function of the workspace or of a
//! dependency.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::View;
use super::lines::{self, Line};
use super::totals::{self, Row};
use crate::profile::{Figures, Heap, Origin, StackId};

/// Which of the figures counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Measure {
    /// Bytes allocated in all
    #[default]
    Bytes,
    /// The number of allocations
    Blocks,
    /// Bytes that there were when the program had most
    Peak,
    /// Bytes that were never freed
    Exit,
}

impl Measure {
    pub fn of(self, figures: &Figures) -> u64 {
        match self {
            Self::Bytes => figures.bytes,
            Self::Blocks => figures.blocks,
            Self::Peak => figures.peak_bytes,
            Self::Exit => figures.end_bytes,
        }
    }

    pub fn variance_of(self, figures: &Figures) -> f64 {
        let variance = &figures.variance;
        match self {
            Self::Bytes => variance.bytes,
            Self::Blocks => variance.blocks,
            Self::Peak => variance.peak_bytes,
            Self::Exit => variance.end_bytes,
        }
    }
}

/// The allocations of a view.
pub struct Allocations<'a> {
    pub view: &'a View<'a>,
    pub heap: &'a Heap,
    /// Of all sites that the view holds.
    pub total: Figures,
    /// Distinct stacks as they are shown, with their figures.
    pub leaves: Vec<(StackId, Figures)>,
}

impl<'a> Allocations<'a> {
    /// None where the profile is none of allocations.
    pub fn of(view: &'a View<'a>) -> Option<Self> {
        let heap = view.profile.heap.as_ref()?;
        let sites = heap.sites.iter();
        let sites: HashMap<_, _> = sites.map(|s| ((s.stack, s.thread), s.figures)).collect();
        let mut total = Figures::default();
        let mut leaves: HashMap<StackId, Figures> = HashMap::new();
        for sample in view.samples.iter() {
            let Some(figures) = sites.get(&(sample.stack, sample.thread)) else {
                continue;
            };
            total += *figures;
            if let Some(leaf) = view.leaf(sample) {
                *leaves.entry(leaf).or_default() += *figures;
            }
        }
        let mut leaves: Vec<_> = leaves.into_iter().collect();
        leaves.sort_unstable_by_key(|(leaf, _)| *leaf);
        Some(Self {
            view,
            heap,
            total,
            leaves,
        })
    }

    /// The lines of the workspace, each with what it allocates outside it.
    pub fn by_line(&self, measure: Measure) -> Vec<Row<Line, Figures>> {
        self.by(measure, |stack| lines::your_line(self.view, stack))
    }

    /// Functions, as groups of the view.
    pub fn by_function(&self, measure: Measure) -> Vec<Row<u32, Figures>> {
        let groups = |stack| {
            let origin = self.view.origin(stack);
            allocates(origin).then(|| self.view.group(stack))
        };
        self.by(measure, groups)
    }

    /// Crates; what std and libc allocate without being asked by any is std's.
    pub fn by_crate(&self, measure: Measure) -> Vec<Row<&'a Origin, Figures>> {
        let mut rows = self.by(measure, |stack| {
            let origin = self.view.origin(stack);
            allocates(origin).then_some(origin)
        });
        let is_asked = |leaf: StackId| {
            let mut stacks = self.view.walk(Some(leaf));
            stacks.any(|stack| allocates(self.view.origin(stack)))
        };
        let mut rest = Figures::default();
        for (leaf, figures) in &self.leaves {
            if !is_asked(*leaf) {
                rest += *figures;
            }
        }
        if rest.blocks > 0 {
            rows.push(Row {
                key: &Origin::Std,
                own: rest,
                total: rest,
            });
        }
        sorted(rows, measure)
    }

    /// By process: a thread of the profile stands for one.
    pub fn by_process(&self, measure: Measure) -> Vec<Row<u32, Figures>> {
        let mut rows: HashMap<u32, Figures> = HashMap::new();
        for site in &self.heap.sites {
            *rows.entry(site.thread).or_default() += site.figures;
        }
        let rows = rows.into_iter().map(|(key, figures)| Row {
            key,
            own: figures,
            total: figures,
        });
        sorted(rows.collect(), measure)
    }

    fn by<K: Copy + Eq + std::hash::Hash + Ord>(
        &self,
        measure: Measure,
        key: impl Fn(StackId) -> Option<K>,
    ) -> Vec<Row<K, Figures>> {
        sorted(totals::nearest(self.view, &self.leaves, key), measure)
    }
}

/// Whether functions of this origin are what one looks for.
fn allocates(origin: &Origin) -> bool {
    matches!(
        origin,
        Origin::Workspace(_) | Origin::Dependency(_) | Origin::Library(_)
    )
}

/// The most first.
fn sorted<K: Ord + Copy>(mut rows: Vec<Row<K, Figures>>, measure: Measure) -> Vec<Row<K, Figures>> {
    rows.sort_by_key(|row| {
        let most = (measure.of(&row.own), row.own.bytes, measure.of(&row.total));
        (Reverse(most), row.key)
    });
    rows
}
