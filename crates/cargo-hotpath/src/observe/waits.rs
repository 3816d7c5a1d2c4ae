//! How long threads wait: each time one leaves its processor of its own will, its stack is a sample,
//! whose weight is the time until it is back.

use std::collections::HashMap;

use super::raw::RawSample;

/// The waits of all threads, told event by event.
#[derive(Debug, Default)]
pub struct Waits {
    /// Of threads that are away, their sample and when they left.
    away: HashMap<(i32, i32), (usize, u64)>,
    last_ns: u64,
}

impl Waits {
    /// A thread leaves: its sample is the one of this number, and weighs nothing yet.
    pub fn left(&mut self, thread: (i32, i32), sample: usize, now_ns: u64) {
        self.last_ns = self.last_ns.max(now_ns);
        self.away.insert(thread, (sample, now_ns));
    }

    /// It wanted to go on, but another's turn had come: that is no wait.
    pub fn was_put_off(&mut self, thread: (i32, i32)) {
        self.away.remove(&thread);
    }

    pub fn is_back(&mut self, thread: (i32, i32), now_ns: u64, samples: &mut [RawSample]) {
        self.last_ns = self.last_ns.max(now_ns);
        if let Some((sample, left_ns)) = self.away.remove(&thread) {
            samples[sample].weight = now_ns.saturating_sub(left_ns);
        }
    }

    /// Who is still away waited to the end. Samples that were no waits go.
    pub fn finish(self, samples: &mut Vec<RawSample>) {
        for (sample, left_ns) in self.away.into_values() {
            samples[sample].weight = self.last_ns.saturating_sub(left_ns);
        }
        samples.retain(|sample| sample.weight > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_lasts_until_the_thread_is_back_or_all_ends() {
        let sample = |stack| RawSample {
            thread: 0,
            time_ns: 0,
            stack: Some(stack),
            weight: 0,
            truncated: false,
        };
        let mut samples = vec![sample(0), sample(1), sample(2)];
        let mut waits = Waits::default();
        waits.left((1, 1), 0, 100);
        waits.left((1, 2), 1, 110);
        waits.was_put_off((1, 2));
        waits.is_back((1, 1), 350, &mut samples);
        waits.is_back((1, 2), 360, &mut samples);
        waits.left((1, 2), 2, 400);
        waits.is_back((1, 3), 1000, &mut samples);
        waits.finish(&mut samples);
        let weights: Vec<_> = samples.iter().map(|s| (s.stack, s.weight)).collect();
        assert_eq!(weights, [(Some(0), 250), (Some(2), 600)]);
    }
}
