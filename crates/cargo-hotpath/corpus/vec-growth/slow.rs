//! Builds many vectors of a size that is known, each from empty.
use std::hint::black_box;

#[inline(never)]
fn scaled(data: &[u64]) -> Vec<u64> {
    let mut out = Vec::new();
    for x in data {
        out.push(x.wrapping_mul(31) ^ (x >> 3)); // HOT growth
    }
    out
}

#[inline(never)]
fn header(data: &[u64]) -> Vec<u64> {
    let mut out = Vec::new();
    for x in data {
        out.push(x + 1); // COLD
    }
    out
}

fn main() {
    let data: Vec<u64> = (0..300).collect();
    let mut sum = header(&data).len() as u64;
    for round in 0..2_000_000 {
        sum = sum.wrapping_add(scaled(black_box(&data))[round % 300]);
    }
    println!("{sum}");
}
