//! What all threads of a process share. A child process that was forked, in whatever way, finds zeros
//! here, and so begins a recording of its own: neither its parent's file nor a lock that another thread
//! of its parent held at that moment is of any concern to it.

use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicU8, Ordering};

use crate::chunks;
use crate::format;
use crate::live::{Shard, SHARDS};
use crate::maps::{self, Mappings};
use crate::system::{self, File};

pub const LONGEST: usize = 1024;

/// What the variables ask for; a child inherits it.
pub struct Asked {
    folder: [u8; LONGEST],
    folder_length: usize,
    pub scale: u32,
    /// The scale stays as it is.
    pub fixed: bool,
    pub limit: u64,
}

static mut ASKED: Asked = Asked {
    folder: [0; LONGEST],
    folder_length: 0,
    scale: 0,
    fixed: false,
    limit: 0,
};

/// Zeros are what a process starts with.
#[repr(C, align(4096))]
pub struct State {
    phase: AtomicU32,
    pub pid: AtomicU32,
    /// At which scale the next distance is drawn; 0 where every allocation is recorded.
    pub scale: AtomicU32,
    /// Since the scale was raised.
    pub samples: AtomicU64,
    /// Where the next chunk of the file begins.
    pub end: AtomicU64,
    /// The process's chunk, mapped.
    pub head: AtomicPtr<u8>,
    path: [AtomicU8; PATH],
    pub mappings: Mappings,
    pub shards: [Shard; SHARDS],
    /// For each part of the address space how many recorded blocks live there, so that most frees need
    /// no look into the tables.
    pub filter: [AtomicU8; FILTER],
    /// The hashes of the known stacks; where one stands is its id.
    pub stacks: [AtomicU64; format::STACKS],
}

const PATH: usize = LONGEST + 64;
pub const FILTER: usize = 1 << 20;

// SAFETY: zeros are a valid value of each of its fields: atomics, null pointers and numbers.
pub static STATE: State = unsafe { std::mem::zeroed() };

const UNTOUCHED: u32 = 0;
const STARTING: u32 = 1;
const RECORDING: u32 = 2;
/// Nothing is recorded any more, or nothing ever was.
const RESTING: u32 = 3;

/// Reads what is asked for and starts; where nothing is asked for, nothing is ever recorded.
pub fn arm() {
    let mut folder = [0; LONGEST];
    let mut number = [0; 32];
    let variable = |name: &str, into: &mut [u8]| -> Option<usize> {
        let mut zero_ended = [0; 64];
        zero_ended[..name.len()].copy_from_slice(name.as_bytes());
        let value = system::variable(&zero_ended[..=name.len()], into)?;
        Some(value.len())
    };
    let Some(folder_length) = variable(format::FOLDER_VARIABLE, &mut folder) else {
        return;
    };
    let mut digits = |name: &str, otherwise: u64| -> u64 {
        match variable(name, &mut number) {
            Some(length) => parsed(&number[..length]).unwrap_or(otherwise),
            None => otherwise,
        }
    };
    let asked = Asked {
        folder,
        folder_length,
        scale: digits(format::SCALE_VARIABLE, 9).min(format::LARGEST_SCALE as u64) as u32,
        fixed: digits(format::FIXED_VARIABLE, 0) != 0,
        limit: digits(format::LIMIT_VARIABLE, 1 << 31),
    };
    // SAFETY: this runs once, before `main` and before there is a second thread.
    unsafe { (&raw mut ASKED).write(asked) };
    is_recording();
}

fn parsed(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

pub fn asked() -> &'static Asked {
    // SAFETY: written once, before anyone reads it.
    unsafe { &*(&raw const ASKED) }
}

/// Whether to record; starts where this process has not yet. The caller must be marked as busy.
pub fn is_recording() -> bool {
    match STATE.phase.load(Ordering::Acquire) {
        RECORDING => true,
        UNTOUCHED => start(),
        _ => false,
    }
}

/// Whether nothing will be recorded any more.
pub fn is_resting() -> bool {
    STATE.phase.load(Ordering::Relaxed) == RESTING
}

/// The file is full: no more is recorded.
pub fn rest(full: bool) {
    STATE.phase.store(RESTING, Ordering::Release);
    let head = STATE.head.load(Ordering::Relaxed);
    if full && !head.is_null() {
        chunks::field_u32(head, format::AT_FULL).store(1, Ordering::Relaxed);
    }
}

#[cold]
fn start() -> bool {
    if asked().folder_length == 0 {
        return false;
    }
    let first = STATE.phase.compare_exchange(
        UNTOUCHED,
        STARTING,
        Ordering::AcqRel,
        Ordering::Relaxed,
    );
    if first.is_err() {
        // Another thread is at it; what is allocated meanwhile is let through.
        return false;
    }
    let region = (&raw const STATE).cast_mut().cast::<u8>();
    // SAFETY: the state is whole pages of this library's own zeroed memory.
    let wiped = unsafe { system::wipe_in_children(region, std::mem::size_of::<State>()) };
    if !wiped || !begin_file() {
        rest(false);
        return false;
    }
    maps::read();
    STATE.phase.store(RECORDING, Ordering::Release);
    true
}

/// Makes this process's file, with the chunk that tells of the process.
fn begin_file() -> bool {
    let pid = system::process();
    // A program that was replaced by exec has the same id, and a file already.
    let created = (0..1000).find_map(|attempt| {
        let path = Path::of(asked(), pid, attempt);
        Some((File::open(path.bytes(), system::CREATE_NEW)?, path))
    });
    let Some((file, path)) = created else {
        return false;
    };
    for (at, byte) in path.bytes().iter().enumerate() {
        STATE.path[at].store(*byte, Ordering::Relaxed);
    }
    STATE.pid.store(pid, Ordering::Relaxed);
    STATE.scale.store(asked().scale, Ordering::Relaxed);
    let head = chunks::first(&file);
    if head.is_null() {
        return false;
    }
    for (at, value) in [
        (format::AT_VERSION, format::VERSION),
        (format::AT_PID, pid),
        (format::AT_PARENT, system::parent()),
        (format::AT_SCALE, asked().scale),
    ] {
        chunks::field_u32(head, at).store(value, Ordering::Relaxed);
    }
    let mut executable = [0; format::LONGEST_PATH];
    let length = system::read_link(b"/proc/self/exe\0", &mut executable);
    chunks::copy_to(head, format::AT_PATH, &executable[..length]);
    chunks::field_u32(head, format::AT_PATH_LENGTH).store(length as u32, Ordering::Relaxed);
    STATE.head.store(head, Ordering::Release);
    true
}

/// Opens the file anew: a descriptor that stayed open could be closed by the program, and then be that
/// of another file.
pub fn open() -> Option<File> {
    let mut path = [0; PATH];
    let mut length = 0;
    for (into, from) in path.iter_mut().zip(&STATE.path) {
        *into = from.load(Ordering::Relaxed);
        length += 1;
        if *into == 0 {
            break;
        }
    }
    File::open(&path[..length], system::READ_WRITE)
}

/// A path that ends with a zero byte.
struct Path {
    bytes: [u8; PATH],
    length: usize,
}

impl Path {
    /// `FOLDER/PID-ATTEMPT.heap`
    fn of(asked: &Asked, pid: u32, attempt: u32) -> Self {
        let mut path = Self {
            bytes: [0; PATH],
            length: 0,
        };
        path.push(&asked.folder[..asked.folder_length]);
        path.push(b"/");
        path.push_number(pid);
        path.push(b"-");
        path.push_number(attempt);
        path.push(b".heap");
        path
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..=self.length]
    }

    fn push(&mut self, bytes: &[u8]) {
        // The folder leaves room for all that follows.
        self.bytes[self.length..self.length + bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len();
    }

    fn push_number(&mut self, mut number: u32) {
        let mut digits = [0; 10];
        let mut at = digits.len();
        loop {
            at -= 1;
            digits[at] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.push(&digits[at..]);
    }
}
