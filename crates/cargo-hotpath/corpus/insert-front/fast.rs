//! Turns a list round by putting each at its front.
use std::hint::black_box;

#[inline(never)]
fn reversed(items: &[u32]) -> Vec<u32> {
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        out.push(*item);
    }
    out.reverse();
    out
}

#[inline(never)]
fn with_head(items: &[u32]) -> Vec<u32> {
    let mut out = items.to_vec();
    out.insert(0, 1); // COLD
    out
}

fn main() {
    let items: Vec<u32> = (0..8000).collect();
    let mut sum = with_head(&items[..9]).len() as u32;
    for _ in 0..400 {
        sum = sum.wrapping_add(reversed(black_box(&items))[7]);
    }
    println!("{sum}");
}
