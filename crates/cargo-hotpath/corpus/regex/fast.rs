//! Compiles the expression once.
use std::hint::black_box;
use std::sync::LazyLock;

use regex::Regex;

static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new("[0-9]+-[a-z]+$").unwrap());

#[inline(never)]
fn matching(lines: &[&str]) -> usize {
    let mut found = 0;
    for line in lines {
        found += usize::from(NUMBER.is_match(line));
    }
    found
}

#[inline(never)]
fn title(line: &str) -> bool {
    let number = Regex::new("^[0-9]+").unwrap(); // COLD
    number.is_match(line)
}

fn main() {
    let lines = ["12-abc", "an answer that is 42-x long", "none here"];
    let mut sum = usize::from(title(lines[0]));
    for _ in 0..8_000 {
        sum += matching(black_box(&lines));
    }
    println!("{sum}");
}
