//! What each thread has of its own. It is reached without a call: a thread-local variable of a shared
//! library is otherwise found by a function of the loader, which may allocate, and so call us again.
//! That is why this library can only be loaded at the program's start.

use std::arch::{asm, global_asm};

/// Zeros are what a thread starts with.
#[repr(C, align(64))]
pub struct Thread {
    /// Bytes that it may allocate until its next sample. Not above 0 in a thread that never drew.
    pub left: i64,
    /// The scale at which `left` was drawn; 0 before the first draw.
    pub scale: u32,
    /// The recorder is at work in this thread: what it allocates itself, or a signal handler that
    /// interrupted it, is let through.
    pub busy: bool,
    pub random: u64,
    /// Where its stack lies, once that is known; both 0 before, and on stacks that are not its own.
    pub stack: (usize, usize),
    /// That stack is the first thread's, which grows.
    pub is_first: bool,
    /// The process that the chunk belongs to: a child has its parent's until it looks.
    pub owner: u32,
    pub id: u32,
    /// The chunk that it writes into, null before the first.
    pub chunk: *mut u8,
    pub chunk_size: usize,
    pub used: usize,
    pub last_ns: u64,
    pub chunks: u32,
}

const SIZE: usize = std::mem::size_of::<Thread>();
const _: () = assert!(SIZE == 128, "the room below is of this size");

#[cfg(target_arch = "x86_64")]
global_asm!(
    ".pushsection .tbss.pitcrew_heap_thread, \"awT\", @nobits",
    ".balign 64",
    ".globl pitcrew_heap_thread",
    ".hidden pitcrew_heap_thread",
    ".type pitcrew_heap_thread, @object",
    ".size pitcrew_heap_thread, 128",
    "pitcrew_heap_thread:",
    ".zero 128",
    ".popsection",
);

#[cfg(target_arch = "aarch64")]
global_asm!(
    ".pushsection .tbss.pitcrew_heap_thread, \"awT\", %nobits",
    ".balign 64",
    ".globl pitcrew_heap_thread",
    ".hidden pitcrew_heap_thread",
    ".type pitcrew_heap_thread, %object",
    ".size pitcrew_heap_thread, 128",
    "pitcrew_heap_thread:",
    ".zero 128",
    ".popsection",
);

/// This thread's own.
#[inline(always)]
pub fn current() -> *mut Thread {
    let thread: *mut Thread;
    #[cfg(target_arch = "x86_64")]
    // SAFETY: reads the variable's offset, which the loader has filled in, and the thread's own address,
    // which stands at its start.
    unsafe {
        asm!(
            "mov {0}, qword ptr [rip + pitcrew_heap_thread@GOTTPOFF]",
            "add {0}, qword ptr fs:[0]",
            out(reg) thread,
            options(pure, readonly, nostack),
        );
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: reads the variable's offset, which the loader has filled in, and the thread's register.
    unsafe {
        asm!(
            "adrp {0}, :gottprel:pitcrew_heap_thread",
            "ldr {0}, [{0}, :gottprel_lo12:pitcrew_heap_thread]",
            "mrs {1}, tpidr_el0",
            "add {0}, {0}, {1}",
            out(reg) thread,
            out(reg) _,
            options(pure, readonly, nostack),
        );
    }
    thread
}

/// The address of the thread's control block, which lies at the top of the stacks of all threads but
/// the first.
pub fn control_block() -> usize {
    let address: usize;
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the thread's own address stands at its start.
    unsafe {
        asm!("mov {0}, qword ptr fs:[0]", out(reg) address, options(pure, readonly, nostack));
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: reads a register.
    unsafe {
        asm!("mrs {0}, tpidr_el0", out(reg) address, options(pure, nomem, nostack));
    }
    address
}

/// The frame pointer of the function that this is inlined into.
#[inline(always)]
pub fn frame_pointer() -> usize {
    let pointer: usize;
    #[cfg(target_arch = "x86_64")]
    // SAFETY: copies a register.
    unsafe {
        asm!("mov {0}, rbp", out(reg) pointer, options(nomem, nostack, preserves_flags));
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: copies a register.
    unsafe {
        asm!("mov {0}, x29", out(reg) pointer, options(nomem, nostack, preserves_flags));
    }
    pointer
}

/// Marks the thread as busy while it lives; none where it is already.
pub struct Busy(*mut Thread);

impl Busy {
    pub fn begin(thread: *mut Thread) -> Option<Self> {
        // SAFETY: a thread's own variable is live as long as the thread, and no other thread sees it.
        let busy = unsafe { &mut (*thread).busy };
        if *busy {
            return None;
        }
        *busy = true;
        // A signal handler of this thread must see it before anything else is touched.
        std::sync::atomic::compiler_fence(std::sync::atomic::Ordering::SeqCst);
        Some(Self(thread))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        std::sync::atomic::compiler_fence(std::sync::atomic::Ordering::SeqCst);
        // SAFETY: as above.
        unsafe { (*self.0).busy = false };
    }
}
