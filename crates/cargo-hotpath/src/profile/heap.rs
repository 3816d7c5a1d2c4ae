//! What a recording of allocations adds to a profile: for each place that allocates, how much, how much
//! of it at the worst moment, and for how long.

use std::collections::HashMap;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::{Profile, StackId, ThreadId};

/// Allocations, by who made them. The profile's samples hold the bytes of the same sites.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Heap {
    /// Every allocation was recorded; else they were sampled by their bytes, and figures are estimates.
    pub exact: bool,
    /// Allocations that were recorded.
    pub samples: u64,
    pub clock: Clock,
    /// From the beginning to the end, by the clock.
    pub duration: u64,
    /// When most was allocated at once, since the beginning.
    pub peak_at: u64,
    /// Memory that the program mapped itself, past the allocator.
    pub mapped: Mapped,
    pub sites: Vec<Site>,
}

/// What times and lifetimes are counted in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clock {
    #[default]
    Nanoseconds,
    Instructions,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapped {
    pub calls: u64,
    pub bytes: u64,
}

/// One stack that allocates, in one process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Site {
    pub stack: Option<StackId>,
    /// The first of its process.
    pub thread: ThreadId,
    pub figures: Figures,
}

/// What was allocated somewhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Allocations that were recorded: how much the rest is to be believed.
    pub samples: u64,
    /// Allocations in all; each enlargement counts as one.
    pub blocks: u64,
    pub bytes: u64,
    /// Of these, enlargements by `realloc`.
    pub grown_blocks: u64,
    pub grown_bytes: u64,
    /// Bytes that the enlarged blocks had before: what was copied, at most.
    pub moved_bytes: u64,
    /// At the moment when the whole program had most.
    pub peak_blocks: u64,
    pub peak_bytes: u64,
    /// The most at any moment; of several places, the sum of theirs.
    pub max_blocks: u64,
    pub max_bytes: u64,
    /// Never freed.
    pub end_blocks: u64,
    pub end_bytes: u64,
    /// The sum of how long the blocks lived, by the clock.
    pub lifetimes: u64,
    /// What was allocated when a quarter of the process's time was over, the half, three quarters, all.
    /// Zeros where that is not known.
    pub quarters: [u64; 4],
    /// How far the estimates may be off; zeros where every allocation was recorded.
    pub variance: Variance,
}

/// The variances of figures that were sampled: they add up, for no sample depends on another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Variance {
    pub blocks: f64,
    pub bytes: f64,
    pub peak_bytes: f64,
    pub end_bytes: f64,
}

impl Figures {
    /// Bytes of one allocation, on average.
    pub fn mean_size(&self) -> u64 {
        self.bytes / self.blocks.max(1)
    }

    /// How long a block lives, on average.
    pub fn mean_life(&self) -> u64 {
        self.lifetimes / self.blocks.max(1)
    }

    /// How many blocks there are at a time, on average.
    pub fn at_once(&self, duration: u64) -> f64 {
        self.lifetimes as f64 / duration.max(1) as f64
    }
}

impl AddAssign for Figures {
    fn add_assign(&mut self, other: Self) {
        let sums = [
            (&mut self.samples, other.samples),
            (&mut self.blocks, other.blocks),
            (&mut self.bytes, other.bytes),
            (&mut self.grown_blocks, other.grown_blocks),
            (&mut self.grown_bytes, other.grown_bytes),
            (&mut self.moved_bytes, other.moved_bytes),
            (&mut self.peak_blocks, other.peak_blocks),
            (&mut self.peak_bytes, other.peak_bytes),
            (&mut self.max_blocks, other.max_blocks),
            (&mut self.max_bytes, other.max_bytes),
            (&mut self.end_blocks, other.end_blocks),
            (&mut self.end_bytes, other.end_bytes),
            (&mut self.lifetimes, other.lifetimes),
        ];
        // Figures of a file from outside may be anything.
        for (sum, more) in sums {
            *sum = sum.saturating_add(more);
        }
        for (sum, more) in self.quarters.iter_mut().zip(other.quarters) {
            *sum = sum.saturating_add(more);
        }
        let (variance, more) = (&mut self.variance, other.variance);
        variance.blocks += more.blocks;
        variance.bytes += more.bytes;
        variance.peak_bytes += more.peak_bytes;
        variance.end_bytes += more.end_bytes;
    }
}

impl Heap {
    /// All sites together.
    pub fn total(&self) -> Figures {
        let mut total = Figures::default();
        for site in &self.sites {
            total += site.figures;
        }
        total
    }

    /// Adds the allocations to a profile that has a sample for each site, in their order. Sites that came
    /// to have the same stack become one.
    pub fn attach(mut self, profile: &mut Profile) {
        let samples = std::mem::take(&mut profile.samples);
        let sites = std::mem::take(&mut self.sites);
        let mut known: HashMap<(Option<StackId>, ThreadId), usize> = HashMap::new();
        for (mut sample, site) in samples.into_iter().zip(sites) {
            let at = *known.entry((site.stack, site.thread)).or_insert_with(|| {
                (sample.weight, sample.count) = (0, 0);
                profile.samples.push(sample);
                self.sites.push(Site {
                    figures: Figures::default(),
                    ..site
                });
                self.sites.len() - 1
            });
            self.sites[at].figures += site.figures;
            let figures = &self.sites[at].figures;
            profile.samples[at].weight = figures.bytes;
            profile.samples[at].count = figures.blocks;
        }
        profile.heap = Some(self);
    }
}
