//! The word count of every tutorial: a map from word to number, read line by line.
use std::collections::HashMap;

const TEXT: &str = "it was the best of times it was the worst of times it was the age of wisdom\n\
                    it was the age of foolishness it was the epoch of belief it was the season of light\n";

struct Counter {
    words: HashMap<String, usize>,
}

impl Counter {
    fn feed(&mut self, text: &str) {
        let words = text.lines().flat_map(str::split_whitespace);
        words.for_each(|word| {
            match self.words.get_mut(word) { // HOT slow-hasher
                Some(count) => *count += 1,
                None => drop(self.words.insert(word.to_string(), 1)),
            }
        });
    }

    fn top(&self) -> Option<(&String, &usize)> {
        self.words.iter().max_by_key(|(word, count)| (**count, self.words.get(*word))) // COLD
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
