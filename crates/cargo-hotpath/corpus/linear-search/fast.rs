//! Asks a set for each number.
use std::collections::HashSet;
use std::hint::black_box;

#[inline(never)]
fn distinct(numbers: &[u64]) -> usize {
    let mut seen = HashSet::new();
    for number in numbers {
        seen.insert(*number);
    }
    seen.len()
}

#[inline(never)]
fn is_special(number: u64) -> bool {
    let special = black_box(vec![1, 2, 3]);
    special.contains(&number)
}

fn main() {
    let numbers: Vec<u64> = (0..6000_u64).map(|n| n * n % 4001).collect();
    let mut sum = usize::from(is_special(4));
    for _ in 0..400 {
        sum += distinct(black_box(&numbers));
    }
    println!("{sum}");
}
