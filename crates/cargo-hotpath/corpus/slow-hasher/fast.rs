//! Counts numbers in a map with std's hasher, though nobody attacks it.
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::hint::black_box;

/// A hasher that costs nothing, so that only the growth does.
#[derive(Default, Clone, Copy)]
struct Cheap(u64);
impl Hasher for Cheap {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = (self.0.rotate_left(5) ^ n).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

type Fast = HashMap<u64, u32, BuildHasherDefault<Cheap>>;
type Map = Fast;

#[inline(never)]
fn count(keys: &[u64], counts: &mut Map) {
    for key in keys {
        *counts.entry(*key).or_default() += 1; // HOT slow-hasher
    }
}

#[inline(never)]
fn seen(keys: &[u64], counts: &mut Map) {
    for key in keys {
        *counts.entry(*key).or_default() += 1; // COLD
    }
}

fn main() {
    let keys: Vec<u64> = (0..2000_u64).map(|n| n * n % 509).collect();
    let mut counts = Map::default();
    seen(&keys, &mut counts);
    for _ in 0..30_000 {
        count(black_box(&keys), &mut counts);
    }
    println!("{}", counts[&4]);
}
