//! All cores work through much data.
use std::hint::black_box;
use std::thread;

fn steps(mut n: u64) -> u64 {
    let mut steps = 0;
    while n != 1 {
        n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
        steps += 1;
    }
    steps
}

#[inline(never)]
fn longest(numbers: &[u64]) -> u64 {
    let cores = thread::available_parallelism().map_or(1, |n| n.get());
    let part = numbers.len().div_ceil(cores);
    thread::scope(|scope| {
        let workers: Vec<_> = numbers
            .chunks(part)
            .map(|part| scope.spawn(|| part.iter().map(|n| steps(*n)).max().unwrap_or(0)))
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).max().unwrap_or(0)
    })
}

#[inline(never)]
fn few(numbers: &[u64]) -> u64 {
    let mut most = 0;
    for number in numbers {
        most = most.max(steps(*number));
    }
    most
}

fn main() {
    let numbers: Vec<u64> = (1..4_000_000).collect();
    let all = few(&numbers[..20]) + longest(black_box(&numbers));
    println!("{all}");
}
