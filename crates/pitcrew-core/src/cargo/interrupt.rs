//! Ctrl-C, and being told to end, as a flag that loops look at.

use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, Result};

static COUNT: AtomicU32 = AtomicU32::new(0);

/// Whoever presses so often means it: the process ends at once, and leaves what it leaves.
const ENOUGH: u32 = 3;

/// Takes Ctrl-C, SIGTERM and SIGHUP over, once, at the start of a plugin.
pub fn install_interrupt_handler() -> Result<()> {
    ctrlc::set_handler(|| {
        if COUNT.fetch_add(1, Ordering::SeqCst) + 1 >= ENOUGH {
            std::process::exit(130);
        }
    })
    .context("cannot handle Ctrl-C")
}

/// Whether the user wants this to end.
pub fn interrupted() -> bool {
    count() > 0
}

/// How often: the second time, children are not asked again but ended.
pub(super) fn count() -> u32 {
    COUNT.load(Ordering::SeqCst)
}
