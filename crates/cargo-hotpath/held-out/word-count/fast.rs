//! The word count of every tutorial: a map from word to number, read line by line.
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// As rustc's own: a multiplication for each eight bytes.
#[derive(Default)]
struct Fx(u64);

impl Fx {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for Fx {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, mut bytes: &[u8]) {
        while let Some((eight, rest)) = bytes.split_first_chunk::<8>() {
            self.add(u64::from_le_bytes(*eight));
            bytes = rest;
        }
        if let Some((four, rest)) = bytes.split_first_chunk::<4>() {
            self.add(u64::from(u32::from_le_bytes(*four)));
            bytes = rest;
        }
        for byte in bytes {
            self.add(u64::from(*byte));
        }
    }
    fn write_u8(&mut self, n: u8) {
        self.add(u64::from(n));
    }
}

const TEXT: &str = "it was the best of times it was the worst of times it was the age of wisdom\n\
                    it was the age of foolishness it was the epoch of belief it was the season of light\n";

struct Counter {
    words: HashMap<String, usize, BuildHasherDefault<Fx>>,
}

impl Counter {
    fn feed(&mut self, text: &str) {
        let words = text.lines().flat_map(str::split_whitespace);
        words.for_each(|word| {
            match self.words.get_mut(word) {
                Some(count) => *count += 1,
                None => drop(self.words.insert(word.to_string(), 1)),
            }
        });
    }

    fn top(&self) -> Option<(&String, &usize)> {
        self.words.iter().max_by_key(|(word, count)| (**count, self.words.get(*word)))
    }
}

fn main() {
    let text = TEXT.repeat(6_000);
    let mut counter = Counter { words: HashMap::default() };
    for _ in 0..150 {
        counter.feed(&text);
    }
    println!("{:?}", counter.top());
}
