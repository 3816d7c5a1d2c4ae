//! A program that allocates all the time, small and large, short-lived and long, in two threads. For the bench
//! of `cargo hotpath heap`.

use std::collections::HashMap;
use std::hint::black_box;
use std::time::Instant;

fn words(rounds: u64) -> usize {
    let mut counts: HashMap<String, Vec<u64>> = HashMap::new();
    for n in 0..rounds {
        let name = format!("word {}", n.wrapping_mul(2_654_435_761) % 5_000);
        counts.entry(name).or_default().push(n);
        if n % 100_000 == 0 {
            counts.clear();
        }
    }
    counts.len()
}

fn boxes(rounds: u64) -> u64 {
    let mut sum = 0;
    for n in 0..rounds {
        let list: Vec<Box<u64>> = (0..8).map(|step| Box::new(n + step)).collect();
        sum += list.iter().map(|one| **one).sum::<u64>();
    }
    sum
}

fn main() {
    let begun = Instant::now();
    let other = std::thread::spawn(|| boxes(600_000));
    black_box(words(3_000_000));
    black_box(other.join().ok());
    println!("ran {:.4} cpu 0 ended 0", begun.elapsed().as_secs_f64());
}
