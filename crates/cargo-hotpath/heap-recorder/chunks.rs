//! Writes records into the file: each thread into a chunk of its own, mapped, so that what was written
//! is there however the process ends.

use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use crate::format::{self, HEADER, LARGEST_CHUNK, PAGE};
use crate::state::{self, STATE};
use crate::system::{self, File};
use crate::thread::Thread;

/// A chunk's bytes before anything is in it. They are written, not left out: a hole in a file on a full
/// disk would end the program by a signal.
static EMPTY: [u8; LARGEST_CHUNK] = [0; LARGEST_CHUNK];

pub fn field_u32<'a>(chunk: *mut u8, at: usize) -> &'a AtomicU32 {
    // SAFETY: a mapped chunk is at least a page long, and every field lies in it and is aligned.
    unsafe { &*chunk.add(at).cast::<AtomicU32>() }
}

pub fn field_u64<'a>(chunk: *mut u8, at: usize) -> &'a AtomicU64 {
    // SAFETY: as above.
    unsafe { &*chunk.add(at).cast::<AtomicU64>() }
}

/// Copies into a chunk what must fit into it.
pub fn copy_to(chunk: *mut u8, at: usize, bytes: &[u8]) {
    // SAFETY: the caller writes into a chunk of its own, within its bounds.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), chunk.add(at), bytes.len()) };
}

/// The process's chunk, in a file that is new.
pub fn first(file: &File) -> *mut u8 {
    STATE.end.store(0, Ordering::Relaxed);
    next(file, format::PROCESS, PAGE, 0)
}

/// A new chunk, mapped; null where the file may not grow.
pub fn open(kind: u32, size: usize, thread: u32) -> *mut u8 {
    let Some(file) = state::open() else {
        state::rest(true);
        return std::ptr::null_mut();
    };
    next(&file, kind, size, thread)
}

fn next(file: &File, kind: u32, size: usize, thread: u32) -> *mut u8 {
    let offset = STATE.end.fetch_add(size as u64, Ordering::Relaxed);
    let within = offset.saturating_add(size as u64) <= state::asked().limit;
    if !within || !file.write_at(&EMPTY[..size], offset) {
        state::rest(true);
        return std::ptr::null_mut();
    }
    let chunk = file.map(offset, size);
    if chunk.is_null() {
        state::rest(true);
        return chunk;
    }
    field_u32(chunk, format::AT_KIND).store(kind, Ordering::Relaxed);
    field_u32(chunk, format::AT_SIZE).store(size as u32, Ordering::Relaxed);
    field_u32(chunk, format::AT_THREAD).store(thread, Ordering::Relaxed);
    let now = system::now();
    field_u64(chunk, format::AT_FIRST).store(now, Ordering::Relaxed);
    field_u64(chunk, format::AT_LAST).store(now, Ordering::Relaxed);
    field_u32(chunk, format::AT_MAGIC).store(format::MAGIC, Ordering::Release);
    chunk
}

/// An allocation was to be recorded and is not.
pub fn lose() {
    let head = STATE.head.load(Ordering::Relaxed);
    if !head.is_null() {
        field_u64(head, format::AT_LOST).fetch_add(1, Ordering::Relaxed);
    }
}

/// A record that grows in its thread's chunk, and counts only once it is whole.
pub struct Record<'t> {
    thread: &'t mut Thread,
    at: usize,
}

impl<'t> Record<'t> {
    /// Begins a record of at most `longest` bytes.
    pub fn begin(thread: &'t mut Thread, longest: usize, kind: u8, scale: u32) -> Option<Self> {
        let pid = STATE.pid.load(Ordering::Relaxed);
        if thread.owner != pid || thread.used + longest > thread.chunk_size {
            renew(thread, pid)?;
        }
        let at = thread.used;
        let mut record = Self { thread, at };
        record.byte(kind | (scale as u8) << format::KIND_BITS);
        Some(record)
    }

    fn byte(&mut self, byte: u8) {
        // SAFETY: `begin` made sure that the whole record fits into the thread's own chunk.
        unsafe { self.thread.chunk.add(self.at).write(byte) };
        self.at += 1;
    }

    pub fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.byte(number as u8 | 0x80);
            number >>= 7;
        }
        self.byte(number as u8);
    }

    /// The distance from `from`, its sign in the lowest bit.
    pub fn distance(&mut self, to: u64, from: u64) {
        let distance = to.wrapping_sub(from) as i64;
        self.number((distance << 1 ^ distance >> 63) as u64);
    }

    /// The time since the thread's record before.
    pub fn time(&mut self, now: u64) {
        self.number(now.saturating_sub(self.thread.last_ns));
        self.thread.last_ns = now.max(self.thread.last_ns);
    }

    pub fn end(self) {
        let thread = self.thread;
        thread.used = self.at;
        field_u64(thread.chunk, format::AT_LAST).store(thread.last_ns, Ordering::Relaxed);
        let used = (thread.used - HEADER) as u32;
        field_u32(thread.chunk, format::AT_USED).store(used, Ordering::Release);
    }
}

/// Gives the thread a new chunk: small ones first, for threads that live shortly.
#[cold]
fn renew(thread: &mut Thread, pid: u32) -> Option<()> {
    drop_chunk(thread);
    if thread.owner != pid {
        thread.owner = pid;
        thread.id = system::thread();
        thread.chunks = 0;
    }
    let size = (PAGE << thread.chunks.min(8)).min(LARGEST_CHUNK);
    let chunk = open(format::EVENTS, size, thread.id);
    if chunk.is_null() {
        return None;
    }
    copy_to(chunk, format::AT_NAME, &name(thread.id));
    thread.chunk = chunk;
    thread.chunk_size = size;
    thread.used = HEADER;
    thread.last_ns = field_u64(chunk, format::AT_FIRST).load(Ordering::Relaxed);
    thread.chunks += 1;
    at_its_end(thread);
    Some(())
}

fn drop_chunk(thread: &mut Thread) {
    if !thread.chunk.is_null() {
        // SAFETY: the chunk is this thread's own, and its address is forgotten.
        unsafe { system::unmap(thread.chunk, thread.chunk_size) };
    }
    thread.chunk = std::ptr::null_mut();
    thread.chunk_size = 0;
    thread.used = 0;
}

/// The name of a thread, padded with zeros.
fn name(id: u32) -> [u8; format::NAME_BYTES] {
    let mut path = *b"/proc/self/task/0000000000/comm\0";
    let digits = b"/proc/self/task/".len();
    let mut rest = id;
    for at in (digits..digits + 10).rev() {
        path[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    // The kernel takes no leading zeros.
    let zeros = path[digits..].iter().take_while(|byte| **byte == b'0').count();
    path.copy_within(digits + zeros.., digits);
    let length = path.len() - zeros;
    let mut name = [0; format::NAME_BYTES];
    if let Some(file) = File::open(&path[..length], system::READ_ONLY) {
        let read = file.read(&mut name);
        if read > 0 && name[read - 1] == b'\n' {
            name[read - 1] = 0;
        }
    }
    name
}

/// Lets the thread give its chunk back when it ends: a mapping for each of a hundred thousand threads
/// would be more than a process may have.
fn at_its_end(thread: &mut Thread) {
    static KEY: AtomicU32 = AtomicU32::new(0);
    let mut key = KEY.load(Ordering::Acquire);
    if key == 0 {
        let mut fresh = 0;
        // SAFETY: the key's place is live, and the destructor is a function of this library, which is
        // never unloaded.
        if unsafe { system::pthread_key_create(&mut fresh, Some(ended)) } != 0 {
            return;
        }
        // 0 is a key too: it stands for none here, and is then made again.
        key = fresh;
        KEY.store(key, Ordering::Release);
    }
    let value = (&raw const *thread).cast();
    // SAFETY: the key was made above, here or in another thread.
    unsafe { system::pthread_setspecific(key, value) };
}

unsafe extern "C" fn ended(thread: *mut c_void) {
    // SAFETY: libc hands back what this thread left: its own variable, which lives longer than this call.
    drop_chunk(unsafe { &mut *thread.cast::<Thread>() });
}
