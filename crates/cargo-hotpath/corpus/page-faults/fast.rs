//! Asks the kernel for fresh memory in each round.
use std::hint::black_box;

#[inline(never)]
fn marked(rounds: usize) -> usize {
    let mut found = 0;
    let mut seen = vec![0_u8; 1 << 26];
    for round in 0..rounds {
        for at in (0..1 << 26).step_by(4096 * 16) {
            seen[(at + round + (1 << 26) - 1) % (1 << 26)] = 0;
        }
        for at in (0..1 << 26).step_by(4096 * 16) {
            seen[(at + round) % (1 << 26)] = 1; // HOT page-faults
        }
        found += usize::from(black_box(&seen)[round % 9]);
    }
    found
}

#[inline(never)]
fn once() -> usize {
    let mut seen = vec![0_u8; 1 << 26];
    seen[7] = 1; // COLD
    usize::from(black_box(&seen)[7])
}

fn main() {
    println!("{}", once() + marked(black_box(600)));
}
