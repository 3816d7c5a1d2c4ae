//! Threads with stack for whatever [`nesting`] lets through. Where the system gives none so large, the
//! ordinary one has to do.

use std::panic;
use std::thread;

use rayon::ThreadPoolBuilder;

use crate::source::nesting;

/// Runs `run` on a thread that takes the place of the main one.
pub(super) fn deep<T: Send>(run: impl Fn() -> T + Sync) -> T {
    let ended = thread::scope(|scope| {
        let deep = thread::Builder::new()
            .name("main".to_owned())
            .stack_size(nesting::STACK)
            .spawn_scoped(scope, &run);
        deep.map(thread::ScopedJoinHandle::join)
    });
    match ended {
        Ok(Ok(ended)) => ended,
        Ok(Err(panicked)) => panic::resume_unwind(panicked),
        Err(_) => run(),
    }
}

/// Gives the threads that a plugin spreads its work over as much.
pub(super) fn deepen_workers() {
    // Where they have been started already, that is as it was meant.
    let _ = ThreadPoolBuilder::new()
        .stack_size(nesting::STACK)
        .build_global();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deeper(levels: usize) -> usize {
        let kept = std::hint::black_box([levels; 64]);
        if levels == 0 {
            0
        } else {
            1 + deeper(levels - 1).min(kept[1])
        }
    }

    #[test]
    fn there_is_room_for_what_ends_an_ordinary_stack() {
        const LEVELS: usize = 100_000;
        assert_eq!(deep(|| deeper(LEVELS)), LEVELS);
    }
}
