//! Collects what is only walked through once.
use std::hint::black_box;

#[inline(never)]
fn energy(samples: &[u32]) -> u64 {
    let mut sum = 0_u64;
    let loud: Vec<u64> = samples.iter().filter(|s| **s > 9).map(|s| u64::from(*s)).collect(); // HOT needless-collect
    for sample in loud {
        sum = sum.wrapping_add(sample * sample);
    }
    sum
}

#[inline(never)]
fn peak(samples: &[u32]) -> u64 {
    let mut most = 0_u64;
    let loud: Vec<u64> = samples.iter().filter(|s| **s > 9).map(|s| u64::from(*s)).collect(); // COLD
    for sample in loud {
        most = most.max(sample);
    }
    most
}

fn main() {
    let samples: Vec<u32> = (0..3000_u32).map(|n| n % 97).collect();
    let mut sum = peak(&samples);
    for _ in 0..140_000 {
        sum = sum.wrapping_add(energy(black_box(&samples)));
    }
    println!("{sum}");
}
