//! Fills maps of a size that is known, each from empty.
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

type Map = HashMap<u64, u64, BuildHasherDefault<Cheap>>;

#[inline(never)]
fn index(keys: &[u64]) -> Map {
    let mut map = Map::with_capacity_and_hasher(keys.len(), Default::default());
    for (at, key) in keys.iter().enumerate() {
        map.insert(*key, at as u64); // HOT growth
    }
    map
}

#[inline(never)]
fn names(keys: &[u64]) -> Map {
    let mut map = Map::default();
    for (at, key) in keys.iter().enumerate() {
        map.insert(*key, at as u64); // COLD
    }
    map
}

fn main() {
    let keys: Vec<u64> = (0..3000_u64).map(|n| n * 7919).collect();
    let mut sum = names(&keys).len();
    for _ in 0..16_000 {
        sum += index(black_box(&keys)).len();
    }
    println!("{sum}");
}
