//! Owns each word only to look it up.
use std::collections::BTreeMap;
use std::hint::black_box;

#[inline(never)]
fn known(text: &str, words: &BTreeMap<String, u64>) -> u64 {
    let mut sum = 0;
    for word in text.split(' ') {
        let key = word.to_owned(); // HOT clone
        sum += words.get(&key).copied().unwrap_or(1);
    }
    sum
}

#[inline(never)]
fn once(text: &str, words: &BTreeMap<String, u64>) -> u64 {
    let key = text.to_owned(); // COLD
    words.get(&key).copied().unwrap_or(1)
}

fn main() {
    let words: BTreeMap<String, u64> = [("the".to_owned(), 3), ("goes".to_owned(), 9)].into();
    let text = "a profile tells where the time of a program goes and what to do about it all";
    let mut sum = once(text, &words);
    for _ in 0..1_000_000 {
        sum += known(black_box(text), &words);
    }
    println!("{sum}");
}
