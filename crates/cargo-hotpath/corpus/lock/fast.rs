//! Threads that add up by themselves and lock once.
use std::hint::black_box;
use std::sync::Mutex;
use std::thread;

fn work(from: u64, total: &Mutex<u64>) {
    let mut sum = 0;
    for n in 0..12_000_000 {
        let value = black_box(from + n).wrapping_mul(31);
        sum += value & 7;
    }
    *total.lock().unwrap() += sum;
}

#[inline(never)]
fn once(total: &Mutex<u64>) {
    *total.lock().unwrap() += 1;
}

fn main() {
    let total = Mutex::new(0);
    once(&total);
    thread::scope(|scope| {
        for at in 0..4 {
            let total = &total;
            scope.spawn(move || work(at, total));
        }
    });
    println!("{}", total.into_inner().unwrap());
}
