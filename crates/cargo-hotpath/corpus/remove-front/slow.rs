//! Takes from the front of a vector.
use std::hint::black_box;

#[inline(never)]
fn drained(mut queue: Vec<u64>) -> u64 {
    let mut sum = 0_u64;
    while !queue.is_empty() {
        let next = queue.remove(0); // HOT front-of-vec
        sum = sum.wrapping_mul(31).wrapping_add(next);
        if next % 8 == 7 {
            queue.push(next + 1);
        }
    }
    sum
}

#[inline(never)]
fn first(mut queue: Vec<u64>) -> u64 {
    queue.remove(0) // COLD
}

fn main() {
    let mut sum = first(vec![1, 2, 3]);
    for _ in 0..90 {
        sum ^= drained(black_box((0..10_000).collect()));
    }
    println!("{sum}");
}
