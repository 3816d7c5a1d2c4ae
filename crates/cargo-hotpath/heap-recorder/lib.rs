//! Records where a program allocates. `cargo hotpath heap` compiles this library once with the user's
//! compiler and lets the loader put it in front of libc; the program itself is not changed.
//!
//! An allocation that is not sampled costs a subtraction, a free of one that was not a look at one
//! byte. Nothing in here allocates, takes a lock that it could be interrupted in by itself, or is a
//! point of cancellation; whatever fails, the program gets what libc has to give.

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
compile_error!("allocations can be recorded on Linux, on x86_64 and aarch64");

mod chunks;
mod format;
mod live;
mod lock;
mod maps;
mod real;
mod sampling;
mod stacks;
mod state;
mod system;
mod thread;

use std::ffi::{c_int, c_void};
use std::sync::atomic::Ordering;

use chunks::Record;
use live::Block;
use state::STATE;
use system::Errno;
use thread::{Busy, Thread};

/// What the loader calls before `main`, in the program and in each one that replaces it.
#[used]
#[link_section = ".init_array"]
static BEGIN: extern "C" fn() = begin;

extern "C" fn begin() {
    let _errno = Errno::keep();
    let thread = thread::current();
    if let Some(_busy) = Busy::begin(thread) {
        real::find_all();
        state::arm();
    }
}

/// Whether an allocation of this size is none that is sampled.
#[inline(always)]
fn passes(thread: *mut Thread, size: usize) -> bool {
    // SAFETY: a thread's own variable is live as long as the thread, and no other thread sees it.
    let left = unsafe { &mut (*thread).left };
    *left = left.wrapping_sub(size as i64);
    *left > 0
}

/// Allocates, and records it if it is to be.
#[cold]
#[inline(never)]
fn watched(size: usize, allocate: &dyn Fn() -> *mut c_void) -> *mut c_void {
    let thread = thread::current();
    let Some(_busy) = Busy::begin(thread) else {
        return allocate();
    };
    // SAFETY: marked as busy, this call is the only one in this thread that uses it.
    let thread = unsafe { &mut *thread };
    let scale = due(thread, size);
    let block = allocate();
    if let Some(scale) = scale {
        if !block.is_null() {
            let _errno = Errno::keep();
            born(thread, block, size, scale, None);
        }
    }
    block
}

fn due(thread: &mut Thread, size: usize) -> Option<u32> {
    if !state::is_recording() {
        if state::is_resting() {
            sampling::stop(thread);
        }
        return None;
    }
    sampling::due(thread, size)
}

/// Records a new block; `grown_from` is the size that it had before, if any.
fn born(thread: &mut Thread, block: *mut c_void, size: usize, scale: u32, grown_from: Option<u64>) {
    const LONGEST: usize = 64;
    let stack = stacks::here(thread);
    let kind = if grown_from.is_some() {
        format::GROWN
    } else {
        format::ALLOCATED
    };
    let Some(mut record) = Record::begin(thread, LONGEST, kind, scale) else {
        chunks::lose();
        return;
    };
    // Not before: a chunk that had to be begun would begin later than its first record.
    let now = system::now();
    record.time(now);
    record.number(stack.into());
    record.number(size as u64);
    if let Some(before) = grown_from {
        record.number(before);
    }
    record.end();
    let known = live::insert(Block {
        address: block.addr(),
        size: size as u64,
        born_ns: now,
        stack,
        scale,
    });
    if !known {
        chunks::lose();
    }
}

/// Records the end of a block.
fn died(thread: &mut Thread, block: &Block, kind: u8) {
    const LONGEST: usize = 64;
    let Some(mut record) = Record::begin(thread, LONGEST, kind, block.scale) else {
        chunks::lose();
        return;
    };
    let now = system::now();
    record.time(now);
    record.number(block.stack.into());
    record.number(block.size);
    record.number(now.saturating_sub(block.born_ns));
    record.end();
}

/// # Safety
///
/// As of libc's function of this name; so with all below.
#[no_mangle]
pub unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
    if passes(thread::current(), size) {
        // SAFETY: the caller keeps the rules.
        return unsafe { real::malloc(size) };
    }
    // SAFETY: the caller keeps the rules.
    watched(size, &|| unsafe { real::malloc(size) })
}

#[no_mangle]
pub unsafe extern "C" fn calloc(count: usize, size: usize) -> *mut c_void {
    let bytes = count.saturating_mul(size);
    if passes(thread::current(), bytes) {
        // SAFETY: the caller keeps the rules.
        return unsafe { real::calloc(count, size) };
    }
    // SAFETY: the caller keeps the rules.
    watched(bytes, &|| unsafe { real::calloc(count, size) })
}

#[no_mangle]
pub unsafe extern "C" fn free(block: *mut c_void) {
    if live::may_hold(block.addr()) {
        forget(block.addr());
    }
    // SAFETY: the caller keeps the rules.
    unsafe { real::free(block) };
}

/// Records the end of a block, if its beginning was: before it is freed, for another thread may get the
/// same address at once.
#[cold]
#[inline(never)]
fn forget(address: usize) {
    let thread = thread::current();
    let Some(_busy) = Busy::begin(thread) else {
        return;
    };
    if !state::is_recording() {
        return;
    }
    if let Some(block) = live::remove(address) {
        let _errno = Errno::keep();
        // SAFETY: marked as busy, this call is the only one in this thread that uses it.
        died(unsafe { &mut *thread }, &block, format::FREED);
    }
}

#[no_mangle]
pub unsafe extern "C" fn realloc(block: *mut c_void, size: usize) -> *mut c_void {
    if block.is_null() {
        // SAFETY: the caller keeps the rules.
        return unsafe { malloc(size) };
    }
    if passes(thread::current(), size) && !live::may_hold(block.addr()) {
        // SAFETY: the caller keeps the rules.
        return unsafe { real::realloc(block, size) };
    }
    // SAFETY: the caller keeps the rules.
    unsafe { watched_growth(block, size) }
}

#[cold]
#[inline(never)]
unsafe fn watched_growth(block: *mut c_void, size: usize) -> *mut c_void {
    let thread = thread::current();
    let Some(_busy) = Busy::begin(thread) else {
        // SAFETY: the caller keeps the rules.
        return unsafe { real::realloc(block, size) };
    };
    // SAFETY: marked as busy, this call is the only one in this thread that uses it.
    let thread = unsafe { &mut *thread };
    let scale = due(thread, size);
    let known = live::remove(block.addr());
    let before = match &known {
        Some(known) => known.size,
        // SAFETY: the block is live until `realloc` below.
        None if scale.is_some() => unsafe { real::usable_size(block) as u64 },
        None => 0,
    };
    // SAFETY: the caller keeps the rules.
    let grown = unsafe { real::realloc(block, size) };
    let _errno = Errno::keep();
    if grown.is_null() && size > 0 {
        // It is where it was.
        if let Some(known) = known {
            live::insert(known);
        }
        return grown;
    }
    if let Some(known) = known {
        let kind = if grown.is_null() {
            format::FREED
        } else {
            format::MOVED
        };
        died(thread, &known, kind);
    }
    if let Some(scale) = scale {
        if !grown.is_null() {
            born(thread, grown, size, scale, Some(before));
        }
    }
    grown
}

#[no_mangle]
pub unsafe extern "C" fn reallocarray(
    block: *mut c_void,
    count: usize,
    size: usize,
) -> *mut c_void {
    match count.checked_mul(size) {
        // SAFETY: the caller keeps the rules.
        Some(bytes) => unsafe { realloc(block, bytes) },
        // No allocator has that much: it says so, and sets `errno`.
        // SAFETY: a block that cannot be enlarged stays as it is.
        None => unsafe { real::realloc(block, usize::MAX) },
    }
}

#[no_mangle]
pub unsafe extern "C" fn posix_memalign(
    into: *mut *mut c_void,
    alignment: usize,
    size: usize,
) -> c_int {
    if passes(thread::current(), size) {
        // SAFETY: the caller keeps the rules.
        return unsafe { real::posix_memalign(into, alignment, size) };
    }
    let result = std::cell::Cell::new(0);
    watched(size, &|| {
        // SAFETY: the caller keeps the rules; `into` is written to only where it succeeds.
        unsafe {
            result.set(real::posix_memalign(into, alignment, size));
            if result.get() == 0 {
                *into
            } else {
                std::ptr::null_mut()
            }
        }
    });
    result.get()
}

macro_rules! passed_on {
    ($($name:ident($($argument:ident),*);)*) => {
        $(
            #[no_mangle]
            pub unsafe extern "C" fn $name($($argument: usize,)* size: usize) -> *mut c_void {
                if passes(thread::current(), size) {
                    // SAFETY: the caller keeps the rules.
                    return unsafe { real::$name($($argument,)* size) };
                }
                // SAFETY: the caller keeps the rules.
                watched(size, &|| unsafe { real::$name($($argument,)* size) })
            }
        )*
    };
}

passed_on! {
    aligned_alloc(alignment);
    memalign(alignment);
    valloc();
    pvalloc();
}

macro_rules! counted {
    ($($name:ident)*) => {
        $(
            /// Mappings of memory are counted, not followed: they are few, and large.
            #[no_mangle]
            pub unsafe extern "C" fn $name(
                address: *mut c_void,
                length: usize,
                protection: c_int,
                flags: c_int,
                fd: c_int,
                offset: i64,
            ) -> *mut c_void {
                count(length, flags);
                // SAFETY: the caller keeps the rules.
                unsafe {
                    system::map_as_asked(address, length, protection, flags, fd, offset)
                }
            }
        )*
    };
}

counted! { mmap mmap64 }

fn count(length: usize, flags: c_int) {
    const ANONYMOUS: c_int = 0x20;
    let head = STATE.head.load(Ordering::Relaxed);
    if flags & ANONYMOUS == 0 || head.is_null() {
        return;
    }
    chunks::field_u64(head, format::AT_MAPPINGS).fetch_add(1, Ordering::Relaxed);
    chunks::field_u64(head, format::AT_MAPPED).fetch_add(length as u64, Ordering::Relaxed);
}
