//! Reads files while a runtime waits.
use std::future::Future;
use std::hint::black_box;
use std::path::Path;
use std::task::{Context, Waker};

async fn length(path: &Path) -> usize {
    let mut sum = 0;
    for _ in 0..120_000 {
        sum += std::fs::read(path).map_or(0, |bytes| bytes.len()); // HOT blocking-in-async
    }
    sum
}

async fn once(path: &Path) -> usize {
    std::fs::read(path).map_or(0, |bytes| bytes.len()) // COLD
}

fn run<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let std::task::Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return done;
        }
    }
}

fn main() {
    let path = std::env::temp_dir().join(format!("pitcrew-corpus-{}", std::process::id()));
    std::fs::write(&path, "some text").unwrap();
    let all = run(once(&path)) + run(length(black_box(&path)));
    println!("{all}");
    std::fs::remove_file(path).unwrap();
}
