//! Prints each line by itself.
use std::hint::black_box;

#[inline(never)]
fn print(numbers: &[u64]) {
    for number in numbers {
        println!("{}", number ^ 5); // HOT print-in-loop
    }
}

#[inline(never)]
fn first(numbers: &[u64]) {
    for number in &numbers[..2] {
        println!("{number}"); // COLD
    }
}

fn main() {
    let numbers: Vec<u64> = (0..1000).collect();
    first(&numbers);
    for _ in 0..1_200 {
        print(black_box(&numbers));
    }
}
