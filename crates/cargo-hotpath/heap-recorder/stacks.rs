//! Who allocates: the return addresses on the stack, and one number for each distinct stack.
//!
//! Frame pointers are followed: what we build has them, and so has std. A call that comes from a library
//! without them (libc's `strdup`) is unwound by its tables instead, which takes longer.

use std::ffi::{c_int, c_void};
use std::sync::atomic::Ordering;

use crate::chunks::{self, Record};
use crate::format::{self, DEEPEST, NO_STACK, STACKS};
use crate::maps;
use crate::state::STATE;
use crate::system;
use crate::thread::{self, Thread};

/// Return addresses, the innermost first.
pub struct Walked {
    addresses: [usize; DEEPEST],
    count: usize,
    /// The outermost callers are missing.
    cut: bool,
}

impl Walked {
    fn push(&mut self, address: usize) -> bool {
        if self.count == DEEPEST {
            self.cut = true;
            return false;
        }
        // What called the recorder begins where the recorder ends.
        if self.count > 0 || !STATE.mappings.is_own(address) {
            self.addresses[self.count] = address;
            self.count += 1;
        }
        true
    }

    fn addresses(&self) -> &[usize] {
        &self.addresses[..self.count]
    }
}

/// The id of the stack of whoever called the recorder, which is written where it is new.
#[inline(never)]
pub fn here(thread: &mut Thread) -> u32 {
    let mut walked = Walked {
        addresses: [0; DEEPEST],
        count: 0,
        cut: false,
    };
    by_frame_pointers(thread, thread::frame_pointer(), &mut walked);
    let caller = walked.addresses().first().copied().unwrap_or(0);
    if !STATE.mappings.has_frame_pointers(caller) {
        walked.count = 0;
        walked.cut = false;
        by_tables(&mut walked);
    }
    id(thread, &walked)
}

/// A frame begins with the address of its caller's, and behind it stands the return address.
fn by_frame_pointers(thread: &mut Thread, frame: usize, walked: &mut Walked) {
    const WORD: usize = std::mem::size_of::<usize>();
    let bounds = stack_around(thread, frame);
    let mut frame = frame;
    loop {
        let words = match bounds {
            Some((start, end)) => {
                if frame < start || frame > end - 2 * WORD || frame % WORD != 0 {
                    return;
                }
                // SAFETY: both words lie in this thread's stack, which is mapped while it runs.
                unsafe { *(frame as *const [usize; 2]) }
            }
            // A stack that somebody else made: nobody says where it ends.
            None => match system::read_words(frame) {
                Some(words) => words,
                None => return,
            },
        };
        let [caller, returns_to] = words;
        // The first page is never mapped: the outermost function has no caller.
        if returns_to < 4096 || !walked.push(returns_to) {
            return;
        }
        // Callers lie above what they call.
        if caller <= frame {
            return;
        }
        frame = caller;
    }
}

/// The bounds of the stack that this frame lies in, where it is the thread's own.
fn stack_around(thread: &mut Thread, frame: usize) -> Option<(usize, usize)> {
    /// The first thread's stack grows downwards; so far below its end the kernel maps nothing else.
    const GROWS: usize = 128 << 20;
    let (start, end) = thread.stack;
    if (start..end).contains(&frame) {
        return Some(thread.stack);
    }
    let has_grown = thread.is_first && (end.saturating_sub(GROWS)..start).contains(&frame);
    if end != 0 && !has_grown {
        return None;
    }
    let found = maps::around(frame)?;
    thread.is_first = found.is_first_stack;
    // Of other threads, libc keeps the control block at the top of the stack.
    let top = thread::control_block();
    thread.stack = if found.is_first_stack {
        (found.start, found.end)
    } else if (frame..=found.end).contains(&top) {
        (found.start, top)
    } else {
        return None;
    };
    Some(thread.stack)
}

#[repr(C)]
struct Context {
    _opaque: [u8; 0],
}

extern "C" {
    fn _Unwind_Backtrace(
        each: extern "C" fn(*mut Context, *mut c_void) -> c_int,
        argument: *mut c_void,
    ) -> c_int;
    fn _Unwind_GetIP(context: *mut Context) -> usize;
}

fn by_tables(walked: &mut Walked) {
    extern "C" fn each(context: *mut Context, walked: *mut c_void) -> c_int {
        const GO_ON: c_int = 0;
        const STOP: c_int = 5;
        // SAFETY: the unwinder hands back what it was given, and a context that it made.
        let (walked, address) = unsafe { (&mut *walked.cast::<Walked>(), _Unwind_GetIP(context)) };
        if address < 4096 || !walked.push(address) {
            return STOP;
        }
        GO_ON
    }
    // SAFETY: the callback has the type that the unwinder calls, and its argument outlives the call.
    unsafe { _Unwind_Backtrace(each, (&raw mut *walked).cast()) };
}

/// The id of a stack: where its hash stands in the table. The thread that finds it new writes it.
fn id(thread: &mut Thread, walked: &Walked) -> u32 {
    const FAR: usize = 64;
    if walked.count == 0 {
        return NO_STACK;
    }
    let generation = STATE.mappings.generation.load(Ordering::Relaxed);
    let hash = hash(walked, generation);
    for step in 0..FAR {
        let at = (hash as usize + step) % STACKS;
        let known = STATE.stacks[at].load(Ordering::Relaxed);
        if known == hash {
            return at as u32;
        }
        if known != 0 {
            continue;
        }
        let taken = STATE.stacks[at].compare_exchange(
            0,
            hash,
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        match taken {
            Ok(_) => {
                write(thread, walked, at as u32);
                return at as u32;
            }
            Err(other) if other == hash => return at as u32,
            Err(_) => {}
        }
    }
    // The table is full: more stacks than anyone looks through.
    NO_STACK
}

fn hash(walked: &Walked, generation: u32) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = u64::from(generation) ^ (walked.cut as u64) << 32;
    for address in walked.addresses() {
        hash = (hash.rotate_left(5) ^ *address as u64).wrapping_mul(ODD);
    }
    // The low bits choose the place; 0 is an empty one.
    (hash ^ hash >> 32).max(1)
}

fn write(thread: &mut Thread, walked: &Walked, id: u32) {
    maps::cover(walked.addresses());
    let longest = 32 + walked.count * 10;
    let Some(mut record) = Record::begin(thread, longest, format::STACK, 0) else {
        chunks::lose();
        return;
    };
    let generation = STATE.mappings.generation.load(Ordering::Relaxed);
    record.number(id.into());
    record.number(generation.into());
    record.number(walked.cut.into());
    record.number(walked.count as u64);
    let mut before = 0;
    for address in walked.addresses() {
        record.distance(*address as u64, before);
        before = *address as u64;
    }
    record.end();
}
