//! Prints all lines through one buffer.
use std::hint::black_box;
use std::io::{BufWriter, Write, stdout};

#[inline(never)]
fn print(numbers: &[u64]) {
    let mut out = BufWriter::new(stdout().lock());
    for number in numbers {
        writeln!(out, "{}", number ^ 5).unwrap();
    }
}

#[inline(never)]
fn first(numbers: &[u64]) {
    for number in &numbers[..2] {
        println!("{number}");
    }
}

fn main() {
    let numbers: Vec<u64> = (0..1000).collect();
    first(&numbers);
    for _ in 0..1_200 {
        print(black_box(&numbers));
    }
}
