//! Walks a grid by index, and asks at each cell whether it is inside.
use std::hint::black_box;

#[inline(never)]
fn darken(grid: &[u32], out: &mut [u32], width: usize, height: usize) {
    for y in 0..height {
        for x in 0..width {
            out[y * width + x] = grid[y * width + x] / 2; // HOT bounds-check
        }
    }
}

#[inline(never)]
fn first(grid: &[u32], width: usize) -> u32 {
    let mut sum = 0_u32;
    for x in 0..width {
        sum = sum.wrapping_add(grid[3 * width + x]); // COLD
    }
    sum
}

fn main() {
    let (width, height) = (64, 64);
    let grid: Vec<u32> = (0..64 * 64).collect();
    let mut out = vec![0; 64 * 64];
    let mut sum = first(&grid, black_box(width));
    for round in 0..1_000_000 {
        darken(black_box(&grid), &mut out, black_box(width), black_box(height));
        sum = sum.wrapping_add(out[round % 4000]);
    }
    println!("{sum}");
}
