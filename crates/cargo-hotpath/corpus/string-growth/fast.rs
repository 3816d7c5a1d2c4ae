//! Joins words to strings whose length could be told beforehand.
use std::hint::black_box;

#[inline(never)]
fn sentence(words: &[&str]) -> String {
    let mut text = String::with_capacity(words.iter().map(|word| word.len()).sum());
    for word in words {
        text.push_str(word); // HOT growth
    }
    text
}

#[inline(never)]
fn title(words: &[&str]) -> String {
    let mut text = String::new();
    for word in words {
        text.push_str(&word[..1]); // COLD
    }
    text
}

fn main() {
    let words: Vec<&str> = "a profile tells where the time of a program goes and why".split(' ').collect();
    let mut sum = title(&words).len();
    for _ in 0..6_000_000 {
        sum += sentence(black_box(&words)).len();
    }
    println!("{sum}");
}
