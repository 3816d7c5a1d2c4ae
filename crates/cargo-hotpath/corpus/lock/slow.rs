//! Threads that all add to one number behind a lock.
use std::hint::black_box;
use std::sync::Mutex;
use std::thread;

fn work(from: u64, total: &Mutex<u64>) {
    for n in 0..12_000_000 {
        let value = black_box(from + n).wrapping_mul(31);
        *total.lock().unwrap() += value & 7; // HOT lock-contention
    }
}

#[inline(never)]
fn once(total: &Mutex<u64>) {
    *total.lock().unwrap() += 1; // COLD
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
