//! One core works through much data, each piece by itself.
use std::hint::black_box;

fn steps(mut n: u64) -> u64 {
    let mut steps = 0;
    while n != 1 {
        n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
        steps += 1;
    }
    steps
}

#[inline(never)]
fn longest(numbers: &[u64]) -> u64 {
    let mut most = 0;
    for number in numbers { // HOT parallel-loop
        most = most.max(steps(*number));
    }
    most
}

#[inline(never)]
fn few(numbers: &[u64]) -> u64 {
    let mut most = 0;
    for number in numbers { // COLD
        most = most.max(steps(*number));
    }
    most
}

fn main() {
    let numbers: Vec<u64> = (1..4_000_000).collect();
    let all = few(&numbers[..20]) + longest(black_box(&numbers));
    println!("{all}");
}
