//! Which allocations are recorded. The distances between samples, in bytes, are exponentially
//! distributed: so each byte has the same chance, and what is counted by the samples is right on average
//! whatever the sizes are. The more was sampled, the larger the mean distance becomes, so that a long run
//! costs little and a short one is still seen closely; each sample carries the distance of its time.

use std::sync::atomic::Ordering;

use crate::format::LARGEST_SCALE;
use crate::state::{self, STATE};
use crate::system;
use crate::thread::Thread;

/// After so many samples the mean distance is doubled.
const SAMPLES_A_SCALE: u64 = 32_768;

/// Counts an allocation, and says at which scale it is recorded, if it is. It was subtracted already
/// from what the thread has left.
pub fn due(thread: &mut Thread, size: usize) -> Option<u32> {
    let scale = STATE.scale.load(Ordering::Relaxed);
    if scale == 0 {
        return Some(0);
    }
    if thread.scale == 0 {
        // The thread's first: nothing was drawn when it was subtracted.
        draw(thread, scale);
        thread.left = thread.left.wrapping_sub(size as i64);
    }
    if thread.left > 0 {
        return None;
    }
    let at = thread.scale;
    draw(thread, raised(scale));
    Some(at)
}

/// Lets the thread alone for ever.
pub fn stop(thread: &mut Thread) {
    thread.left = i64::MAX / 2;
}

/// Counts the sample; the scale from here on.
fn raised(scale: u32) -> u32 {
    if state::asked().fixed {
        return scale;
    }
    let samples = STATE.samples.fetch_add(1, Ordering::Relaxed) + 1;
    if samples % SAMPLES_A_SCALE != 0 || scale >= LARGEST_SCALE {
        return scale;
    }
    STATE.scale.store(scale + 1, Ordering::Relaxed);
    scale + 1
}

fn draw(thread: &mut Thread, scale: u32) {
    let mean = (1_u64 << scale) as f64;
    // In (0, 1]: 53 bits, of which none are left out.
    let uniform = ((next(thread) >> 11) + 1) as f64 / (1_u64 << 53) as f64;
    thread.scale = scale;
    thread.left = ((-uniform.ln() * mean).ceil() as i64).max(1);
}

/// xorshift64*
fn next(thread: &mut Thread) -> u64 {
    if thread.random == 0 {
        let place = (&raw const *thread).addr() as u64;
        thread.random = (system::now() ^ place.rotate_left(32)) | 1;
    }
    let mut random = thread.random;
    random ^= random >> 12;
    random ^= random << 25;
    random ^= random >> 27;
    thread.random = random;
    random.wrapping_mul(0x2545_f491_4f6c_dd1d)
}
