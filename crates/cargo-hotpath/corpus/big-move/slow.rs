//! Passes four kilobytes by value.
use std::hint::black_box;

#[derive(Clone, Copy)]
struct Frame {
    pixels: [u64; 512],
}

#[inline(never)]
fn brightness(frame: Frame, at: usize) -> u64 {
    black_box(&frame.pixels)[at % 512].wrapping_add(frame.pixels[(at + 7) % 512])
}

#[inline(never)]
fn sum(frame: &Frame, rounds: usize) -> u64 {
    let mut sum = 0_u64;
    for at in 0..rounds {
        sum = sum.wrapping_add(brightness(*frame, at)); // HOT big-move
    }
    sum
}

#[inline(never)]
fn one(frame: &Frame) -> u64 {
    brightness(*frame, 3) // COLD
}

fn main() {
    let frame = Frame { pixels: std::array::from_fn(|n| n as u64) };
    let all = one(&frame).wrapping_add(sum(black_box(&frame), 12_000_000));
    println!("{all}");
}
