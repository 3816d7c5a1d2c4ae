//! Goes through the events of all processes in the order in which they happened, and sums up for each
//! stack what it allocated, how much of that there was at the worst moment, and what was left.

use std::collections::{BTreeMap, HashMap};

use super::records::{Event, What};
use crate::profile::Figures;

/// Blocks are counted in parts: one that was sampled stands for some number, and seldom a whole one.
const BLOCK_PARTS: f64 = 65_536.0;

/// A stack of a process.
pub type Key = (usize, u32);

/// What was summed up.
#[derive(Debug, Default)]
pub struct Sums {
    pub sites: BTreeMap<Key, Figures>,
    pub samples: u64,
    pub peak_at_ns: u64,
}

/// What a process is to the replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub first_ns: u64,
    pub last_ns: u64,
}

pub struct Replay {
    spans: Vec<Span>,
    /// Of each process, the sites and the quarters that have begun.
    processes: Vec<(Vec<usize>, usize)>,
    sites: Vec<Site>,
    index: HashMap<Key, usize>,
    /// All that is allocated now, and the most there was.
    now: u64,
    peak: u64,
    peak_at_ns: u64,
    /// How many times there was a new most.
    peaks: u64,
    samples: u64,
}

struct Site {
    key: Key,
    figures: Figures,
    live: Live,
    /// In parts, as below.
    blocks: u64,
    grown_blocks: u64,
    max: Live,
    /// What there was at the peak of this number.
    at_peak: Live,
    peaks: u64,
    /// Of the blocks that ended, in parts of blocks.
    lifetimes: u128,
    /// The sum of the times at which the blocks that there are now began, in parts of blocks.
    births: u128,
}

/// What one sampled allocation stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Weight {
    bytes: u64,
    parts: u64,
    /// What it adds to the variances of the sums of bytes and of blocks.
    bytes_variance: f64,
    blocks_variance: f64,
}

impl Weight {
    /// At scale `s` a block of `n` bytes is sampled unless none of its bytes is: with the probability
    /// `1 - exp(-n / 2^s)`. Sums over samples, each divided by its probability, are right on average
    /// (Horvitz and Thompson), and so are the variances.
    fn of(size: u64, scale: u32) -> Self {
        if scale == 0 {
            return Self {
                bytes: size,
                parts: BLOCK_PARTS as u64,
                ..Self::default()
            };
        }
        let mean = (1_u64 << scale.min(63)) as f64;
        let unseen = (-(size.max(1) as f64) / mean).exp();
        let seen = -(-(size.max(1) as f64) / mean).exp_m1();
        let blocks = 1.0 / seen;
        let bytes = size as f64 * blocks;
        Self {
            bytes: bytes.round() as u64,
            parts: (blocks * BLOCK_PARTS).round() as u64,
            bytes_variance: bytes * bytes * unseen,
            blocks_variance: blocks * blocks * unseen,
        }
    }
}

/// What there is at a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Live {
    bytes: u64,
    parts: u64,
    variance: f64,
}

impl Live {
    fn add(&mut self, weight: &Weight) {
        self.bytes = self.bytes.saturating_add(weight.bytes);
        self.parts = self.parts.saturating_add(weight.parts);
        self.variance += weight.bytes_variance;
    }

    /// Takes it away, and says how many bytes that were: a broken file may free what nobody allocated.
    fn take(&mut self, weight: &Weight) -> u64 {
        let bytes = weight.bytes.min(self.bytes);
        self.bytes -= bytes;
        self.parts = self.parts.saturating_sub(weight.parts);
        self.variance = (self.variance - weight.bytes_variance).max(0.0);
        bytes
    }
}

impl Replay {
    pub fn new(spans: Vec<Span>) -> Self {
        Self {
            processes: vec![Default::default(); spans.len()],
            spans,
            sites: Vec::new(),
            index: HashMap::new(),
            now: 0,
            peak: 0,
            peak_at_ns: 0,
            peaks: 0,
            samples: 0,
        }
    }

    /// Takes the next event of a process.
    pub fn event(&mut self, process: usize, event: &Event) {
        self.pass_quarters(process, event.time_ns);
        let at = self.site((process, event.stack));
        let weight = Weight::of(event.size, event.scale);
        match event.what {
            What::Allocated => self.begin(at, event.time_ns, &weight),
            What::Grown { from } => {
                let figures = &mut self.sites[at].figures;
                let moved = from as f64 * weight.parts as f64 / BLOCK_PARTS;
                figures.moved_bytes = figures.moved_bytes.saturating_add(moved as u64);
                figures.grown_bytes = figures.grown_bytes.saturating_add(weight.bytes);
                let grown = &mut self.sites[at].grown_blocks;
                *grown = grown.saturating_add(weight.parts);
                self.begin(at, event.time_ns, &weight);
            }
            What::Freed { life_ns } | What::Moved { life_ns } => {
                self.end(at, event.time_ns, life_ns, &weight);
            }
        }
    }

    fn begin(&mut self, at: usize, now_ns: u64, weight: &Weight) {
        self.samples += 1;
        let site = self.touched(at);
        let figures = &mut site.figures;
        figures.samples += 1;
        figures.bytes = figures.bytes.saturating_add(weight.bytes);
        figures.variance.bytes += weight.bytes_variance;
        figures.variance.blocks += weight.blocks_variance;
        site.blocks = site.blocks.saturating_add(weight.parts);
        site.live.add(weight);
        site.births = site.births.saturating_add(times(now_ns, weight.parts));
        if site.live.bytes > site.max.bytes {
            site.max = site.live;
        }
        self.now = self.now.saturating_add(weight.bytes);
        if self.now > self.peak {
            self.peak = self.now;
            self.peak_at_ns = now_ns;
            self.peaks += 1;
        }
    }

    fn end(&mut self, at: usize, now_ns: u64, life_ns: u64, weight: &Weight) {
        let site = self.touched(at);
        let bytes = site.live.take(weight);
        site.lifetimes = site.lifetimes.saturating_add(times(life_ns, weight.parts));
        let born_ns = now_ns.saturating_sub(life_ns);
        site.births = site.births.saturating_sub(times(born_ns, weight.parts));
        self.now = self.now.saturating_sub(bytes);
    }

    /// The site, once it is kept what it held at the peak that it saw last.
    fn touched(&mut self, at: usize) -> &mut Site {
        let peaks = self.peaks;
        let site = &mut self.sites[at];
        if site.peaks < peaks {
            site.at_peak = site.live;
            site.peaks = peaks;
        }
        site
    }

    fn site(&mut self, key: Key) -> usize {
        *self.index.entry(key).or_insert_with(|| {
            let at = self.sites.len();
            self.processes[key.0].0.push(at);
            self.sites.push(Site {
                key,
                figures: Figures::default(),
                live: Live::default(),
                blocks: 0,
                grown_blocks: 0,
                max: Live::default(),
                at_peak: Live::default(),
                // It held nothing at any peak before.
                peaks: self.peaks,
                lifetimes: 0,
                births: 0,
            });
            at
        })
    }

    /// Notes what there is at each quarter of the process's time that is over.
    fn pass_quarters(&mut self, process: usize, now_ns: u64) {
        let Span { first_ns, last_ns } = self.spans[process];
        let length = last_ns.saturating_sub(first_ns);
        let (sites, passed) = &mut self.processes[process];
        while *passed < 3 && now_ns > first_ns.saturating_add(length / 4 * (*passed as u64 + 1)) {
            for at in sites.iter() {
                let site = &mut self.sites[*at];
                site.figures.quarters[*passed] = site.live.bytes;
            }
            *passed += 1;
        }
    }

    /// A process ended: what it has not freed is gone.
    pub fn ended(&mut self, process: usize) {
        self.pass_quarters(process, u64::MAX);
        let last_ns = self.spans[process].last_ns;
        for at in self.processes[process].0.clone() {
            let site = self.touched(at);
            let left = std::mem::take(&mut site.live);
            let lived = times(last_ns, left.parts).saturating_sub(site.births);
            site.lifetimes = site.lifetimes.saturating_add(lived);
            site.figures.quarters[3] = left.bytes;
            site.figures.end_bytes = left.bytes;
            site.figures.end_blocks = whole(left.parts);
            site.figures.variance.end_bytes = left.variance;
            self.now = self.now.saturating_sub(left.bytes);
        }
    }

    pub fn finish(mut self) -> Sums {
        for at in 0..self.sites.len() {
            self.touched(at);
        }
        let sites = self.sites.iter().map(|site| {
            let mut figures = site.figures;
            figures.blocks = whole(site.blocks);
            figures.grown_blocks = whole(site.grown_blocks);
            figures.max_bytes = site.max.bytes;
            figures.max_blocks = whole(site.max.parts);
            figures.peak_bytes = site.at_peak.bytes;
            figures.peak_blocks = whole(site.at_peak.parts);
            figures.variance.peak_bytes = site.at_peak.variance;
            let parts = BLOCK_PARTS as u128;
            figures.lifetimes = u64::try_from(site.lifetimes / parts).unwrap_or(u64::MAX);
            (site.key, figures)
        });
        Sums {
            sites: sites.collect(),
            samples: self.samples,
            peak_at_ns: self.peak_at_ns,
        }
    }
}

fn times(nanoseconds: u64, parts: u64) -> u128 {
    u128::from(nanoseconds) * u128::from(parts)
}

fn whole(parts: u64) -> u64 {
    (parts as f64 / BLOCK_PARTS).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(time_ns: u64, stack: u32, size: u64, what: What) -> Event {
        Event {
            time_ns,
            what,
            stack,
            size,
            scale: 0,
        }
    }

    #[test]
    fn the_peak_holds_what_there_was_at_that_moment() {
        let mut replay = Replay::new(vec![Span {
            first_ns: 0,
            last_ns: 100,
        }]);
        let freed = |life_ns| What::Freed { life_ns };
        for event in [
            event(0, 1, 10, What::Allocated),
            event(10, 2, 100, What::Allocated),
            event(20, 1, 10, freed(20)),
            event(30, 3, 5, What::Allocated),
            event(40, 2, 100, freed(30)),
            event(60, 1, 30, What::Allocated),
        ] {
            replay.event(0, &event);
        }
        replay.ended(0);
        let sums = replay.finish();
        assert_eq!((sums.samples, sums.peak_at_ns), (4, 10));
        let one = sums.sites[&(0, 1)];
        assert_eq!((one.blocks, one.bytes, one.peak_bytes), (2, 40, 10));
        assert_eq!((one.end_bytes, one.max_bytes, one.lifetimes), (30, 30, 60));
        assert_eq!(one.quarters, [0, 0, 30, 30]);
        let two = sums.sites[&(0, 2)];
        assert_eq!((two.peak_bytes, two.end_bytes), (100, 0));
        assert_eq!(sums.sites[&(0, 3)].peak_bytes, 0, "it came after the peak");
    }

    #[test]
    fn growth_is_an_allocation_that_ends_another() {
        let mut replay = Replay::new(vec![Span {
            first_ns: 0,
            last_ns: 9,
        }]);
        replay.event(0, &event(0, 1, 8, What::Allocated));
        replay.event(0, &event(1, 1, 8, What::Moved { life_ns: 1 }));
        replay.event(0, &event(1, 1, 16, What::Grown { from: 8 }));
        replay.ended(0);
        let grown = replay.finish().sites[&(0, 1)];
        assert_eq!((grown.blocks, grown.grown_blocks), (2, 1));
        assert_eq!(
            (grown.bytes, grown.grown_bytes, grown.moved_bytes),
            (24, 16, 8)
        );
        assert_eq!(
            (grown.max_bytes, grown.end_bytes, grown.end_blocks),
            (16, 16, 1)
        );
    }

    #[test]
    fn a_process_that_ended_holds_nothing_at_a_later_peak() {
        let span = Span {
            first_ns: 0,
            last_ns: 10,
        };
        let mut replay = Replay::new(vec![span, span]);
        replay.event(0, &event(0, 1, 100, What::Allocated));
        replay.ended(0);
        replay.event(1, &event(5, 1, 60, What::Allocated));
        replay.event(1, &event(6, 2, 60, What::Allocated));
        replay.ended(1);
        let sums = replay.finish();
        assert_eq!(sums.sites[&(0, 1)].end_bytes, 100);
        assert_eq!(sums.sites[&(0, 1)].peak_bytes, 0);
        assert_eq!(sums.sites[&(1, 1)].peak_bytes, 60);
    }

    #[test]
    fn sampled_blocks_stand_for_those_that_were_not() {
        let exact = Weight::of(100, 0);
        assert_eq!(
            (exact.bytes, exact.parts, exact.bytes_variance),
            (100, 65_536, 0.0)
        );
        // Blocks far larger than the mean distance are all seen.
        let large = Weight::of(1 << 20, 10);
        assert_eq!((large.bytes, large.parts), (1 << 20, 65_536));
        assert!(large.bytes_variance < 1e-9);
        // One in 16 of those of a byte is, at a mean distance of 16.
        let small = Weight::of(1, 4);
        let blocks = small.parts as f64 / BLOCK_PARTS;
        assert!((blocks - 16.5).abs() < 0.1, "{blocks}");
        assert!((16..=17).contains(&small.bytes));
        assert!((small.blocks_variance - blocks * (blocks - 1.0)).abs() < 0.1);
    }

    proptest::proptest! {
        #[test]
        fn no_event_makes_it_panic(
            events in proptest::collection::vec(
                (0..2_usize, 0..4_u32, proptest::num::u64::ANY, proptest::num::u64::ANY, 0..32_u32, 0..4_u8),
                0..60,
            ),
        ) {
            let span = Span { first_ns: 5, last_ns: 1000 };
            let mut replay = Replay::new(vec![span, span]);
            for (process, stack, size, number, scale, kind) in events {
                let what = match kind {
                    0 => What::Allocated,
                    1 => What::Grown { from: number },
                    2 => What::Freed { life_ns: number },
                    _ => What::Moved { life_ns: number },
                };
                replay.event(process, &Event { time_ns: number, what, stack, size, scale });
            }
            replay.ended(0);
            replay.ended(1);
            let sums = replay.finish();
            proptest::prop_assert!(sums.sites.len() <= 8);
        }
    }
}
