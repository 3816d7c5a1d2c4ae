//! Frees millions of boxes one by one, in an order that the cache has forgotten.
use std::hint::black_box;

/// Boxes that lie in memory in another order than here.
#[inline(never)]
fn scattered(count: usize) -> Vec<Box<[u64; 2]>> {
    let mut all = Vec::with_capacity(count);
    for n in 0..count {
        all.push(Box::new([n as u64; 2]));
    }
    for n in 0..count {
        all.swap(n, n.wrapping_mul(1_000_003) % count);
    }
    all
}

#[inline(never)]
fn sum(all: &[Box<[u64; 2]>]) -> u64 {
    all.iter().step_by(64).map(|piece| piece[1]).sum()
}

#[inline(never)]
fn release(all: Vec<Box<[u64; 2]>>) {
    drop(all); // HOT heavy-drop
}

#[inline(never)]
fn release_small(few: Vec<Box<u32>>) {
    drop(few); // COLD
}

fn main() {
    release_small(vec![Box::new(3)]);
    let all = scattered(black_box(1 << 22));
    println!("{}", sum(&all));
    release(all);
}
