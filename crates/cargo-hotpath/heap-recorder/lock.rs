//! A lock that waits by spinning: what it guards is done in nanoseconds, and it needs no memory and no
//! system call. Zeros are an open lock.

use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::system;

#[repr(C)]
pub struct Lock<T> {
    held: AtomicU32,
    value: UnsafeCell<T>,
}

// SAFETY: only the thread that holds the lock reaches the value.
unsafe impl<T: Send> Sync for Lock<T> {}

impl<T> Lock<T> {
    pub fn hold(&self) -> Held<'_, T> {
        let mut tries = 0_u32;
        while self.held.swap(1, Ordering::Acquire) != 0 {
            tries += 1;
            if tries & 63 == 0 {
                // Whoever holds it may wait for this very core.
                system::give_way();
            } else {
                std::hint::spin_loop();
            }
        }
        Held(self)
    }
}

pub struct Held<'l, T>(&'l Lock<T>);

impl<T> Deref for Held<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the lock is held.
        unsafe { &*self.0.value.get() }
    }
}

impl<T> DerefMut for Held<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held, and `self` is borrowed alone.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T> Drop for Held<'_, T> {
    fn drop(&mut self) {
        self.0.held.store(0, Ordering::Release);
    }
}
