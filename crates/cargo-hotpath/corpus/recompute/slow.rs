//! Lowers the same text once more in each round.
use std::hint::black_box;

#[inline(never)]
fn matches(words: &[&str], query: &str) -> usize {
    let mut found = 0;
    for word in words {
        let wanted = query.to_lowercase(); // HOT recompute
        found += usize::from(word.len() > 2 && wanted.contains(word));
    }
    found
}

#[inline(never)]
fn names(words: &[&str], query: &str) -> usize {
    let mut found = 0;
    for word in words {
        let wanted = query.to_lowercase(); // COLD
        found += usize::from(wanted.starts_with(word));
    }
    found
}

fn main() {
    let words: Vec<&str> = "a profile tells where the time of a program goes".split(' ').collect();
    let query = "The Quick Brown Fox Tells Where The Lazy Dog Goes";
    let mut sum = names(&words, query);
    for _ in 0..2_000_000 {
        sum += matches(black_box(&words), black_box(query));
    }
    println!("{sum}");
}
