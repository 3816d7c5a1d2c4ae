//! Reads files within tasks, on the thread that runs them all.
use std::future::Future;
use std::hint::black_box;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

async fn length(path: &Path) -> usize {
    let mut sum = 0;
    for _ in 0..200 {
        sum += std::fs::read(path).map_or(0, |bytes| bytes.len()); // HOT blocking-in-async
    }
    sum
}

async fn once(path: &Path) -> usize {
    std::fs::read(path).map_or(0, |bytes| bytes.len()) // COLD
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs all of them on this thread, and sleeps while none can go on.
fn run(tasks: Vec<Pin<Box<dyn Future<Output = usize> + '_>>>) -> usize {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let (mut left, mut sum) = (tasks, 0);
    while !left.is_empty() {
        left.retain_mut(|task| match task.as_mut().poll(&mut context) {
            Poll::Ready(one) => {
                sum += one;
                false
            }
            Poll::Pending => true,
        });
        if !left.is_empty() {
            thread::park();
        }
    }
    sum
}

fn main() {
    let path = std::env::temp_dir().join(format!("pitcrew-corpus-{}", std::process::id()));
    std::fs::write(&path, vec![b'x'; 1 << 22]).unwrap();
    let path = black_box(path.as_path());
    let all = run(vec![Box::pin(once(path))]) + run(vec![Box::pin(length(path)), Box::pin(length(path))]);
    println!("{all}");
    std::fs::remove_file(path).unwrap();
}
