//! Which files' code is mapped where: written into the recording, so that addresses can be named, and
//! kept here, so that the way of walking a stack can be chosen.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use crate::chunks;
use crate::format::{self, HEADER, PAGE};
use crate::lock::Lock;
use crate::state::STATE;
use crate::system::{self, File};

/// Zeros are no mappings.
#[repr(C)]
pub struct Mappings {
    pub generation: AtomicU32,
    /// The code of the program itself: nearly every caller of `malloc` lies in it.
    program: (AtomicUsize, AtomicUsize),
    /// Our own code, which is left out of stacks.
    own: (AtomicUsize, AtomicUsize),
    known: Lock<Known>,
}

#[repr(C)]
struct Known {
    count: usize,
    ranges: [Range; MOST],
    /// How many times they were read since something unknown ran.
    refreshed: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Range {
    start: usize,
    end: usize,
    frame_pointers: bool,
}

/// More libraries than any program has; those beyond are taken to have no frame pointers.
const MOST: usize = 1024;
/// A program that makes code at run time has unknown addresses in every stack.
const MOST_REFRESHES: u32 = 200;

impl Mappings {
    pub fn is_own(&self, address: usize) -> bool {
        within(&self.own, address)
    }

    /// Whether code at this address keeps frame pointers: the program's own and that of libraries that
    /// were built with it does, the system's libraries do not.
    pub fn has_frame_pointers(&self, address: usize) -> bool {
        within(&self.program, address)
            || self.known.hold().find(address).is_some_and(|range| range.frame_pointers)
    }
}

fn within((start, end): &(AtomicUsize, AtomicUsize), address: usize) -> bool {
    (start.load(Ordering::Relaxed)..end.load(Ordering::Relaxed)).contains(&address)
}

impl Known {
    fn find(&self, address: usize) -> Option<Range> {
        let ranges = &self.ranges[..self.count];
        let after = ranges.partition_point(|range| range.start <= address);
        let range = *ranges.get(after.checked_sub(1)?)?;
        (address < range.end).then_some(range)
    }
}

/// Reads the mappings again where one of these addresses lies in none: a library was loaded meanwhile.
pub fn cover(addresses: &[usize]) {
    let mappings = &STATE.mappings;
    let unknown = |known: &Known| {
        let is_unknown = |address: &usize| known.find(*address).is_none();
        addresses.iter().any(is_unknown)
    };
    {
        let mut known = mappings.known.hold();
        if known.refreshed >= MOST_REFRESHES || !unknown(&known) {
            return;
        }
        known.refreshed += 1;
    }
    read();
}

/// Reads the mappings of code and writes them into the file, as a new generation.
pub fn read() {
    let Some(file) = File::open(b"/proc/self/maps\0", system::READ_ONLY) else {
        return;
    };
    let mappings = &STATE.mappings;
    let mut program = [0; format::LONGEST_PATH];
    let length = system::read_link(b"/proc/self/exe\0", &mut program);
    let program = &program[..length];
    // Held from the first line to the last: two threads would mix theirs.
    let mut known = mappings.known.hold();
    let generation = mappings.generation.load(Ordering::Relaxed) + 1;
    let mut into = Written::new(generation);
    known.count = 0;
    let mut lines = Lines::of(file);
    while let Some(line) = lines.next() {
        let Some(mapping) = Line::parse(line) else {
            continue;
        };
        if mapping.is_code {
            into.line(line);
            add(&mut known, &mapping, program);
        }
    }
    mappings.generation.store(generation, Ordering::Release);
}

fn add(known: &mut Known, mapping: &Line<'_>, program: &[u8]) {
    let mappings = &STATE.mappings;
    let is_program = mapping.path == program;
    let own = read as *const () as usize;
    let mine = (mapping.start..mapping.end).contains(&own);
    for (is_it, range) in [(is_program, &mappings.program), (mine, &mappings.own)] {
        if is_it && range.1.load(Ordering::Relaxed) == 0 {
            range.0.store(mapping.start, Ordering::Relaxed);
            range.1.store(mapping.end, Ordering::Relaxed);
        }
    }
    if known.count < MOST {
        known.ranges[known.count] = Range {
            start: mapping.start,
            end: mapping.end,
            frame_pointers: is_program || mine || is_users_own(mapping.path),
        };
        known.count += 1;
    }
}

/// Whether a library was built by the user rather than by a distribution.
fn is_users_own(path: &[u8]) -> bool {
    let of_the_system: [&[u8]; 6] = [b"/usr/", b"/lib", b"/opt/", b"/nix/", b"/gnu/", b"["];
    !path.is_empty() && !of_the_system.iter().any(|start| path.starts_with(start))
}

/// A mapping by its bounds.
pub struct Around {
    pub start: usize,
    pub end: usize,
    /// It is the stack of the first thread.
    pub is_first_stack: bool,
}

/// The mapping that holds this address.
pub fn around(address: usize) -> Option<Around> {
    let file = File::open(b"/proc/self/maps\0", system::READ_ONLY)?;
    let mut lines = Lines::of(file);
    while let Some(line) = lines.next() {
        let Some(mapping) = Line::parse(line) else {
            continue;
        };
        if (mapping.start..mapping.end).contains(&address) {
            return Some(Around {
                start: mapping.start,
                end: mapping.end,
                is_first_stack: mapping.path == b"[stack]",
            });
        }
    }
    None
}

/// `7f12a000-7f12b000 r-xp 00026000 fe:00 1234   /usr/lib/libc.so.6`
struct Line<'l> {
    start: usize,
    end: usize,
    is_code: bool,
    path: &'l [u8],
}

impl<'l> Line<'l> {
    fn parse(line: &'l [u8]) -> Option<Self> {
        let mut words = line.splitn(6, |byte| *byte == b' ');
        let mut bounds = words.next()?.splitn(2, |byte| *byte == b'-');
        let (start, end) = (hex(bounds.next()?)?, hex(bounds.next()?)?);
        let is_code = words.next()?.get(2) == Some(&b'x');
        let path = words.nth(3).unwrap_or_default();
        let spaces = path.iter().take_while(|byte| **byte == b' ').count();
        Some(Self {
            start,
            end,
            is_code,
            path: &path[spaces..],
        })
    }
}

fn hex(digits: &[u8]) -> Option<usize> {
    usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// The lines of a file, through a buffer on the stack; a line that is longer than it is cut.
struct Lines {
    file: File,
    buffer: [u8; 8192],
    filled: usize,
    at: usize,
}

impl Lines {
    fn of(file: File) -> Self {
        Self {
            file,
            buffer: [0; 8192],
            filled: 0,
            at: 0,
        }
    }

    fn next(&mut self) -> Option<&[u8]> {
        let end = loop {
            let rest = &self.buffer[self.at..self.filled];
            if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                break end;
            }
            self.buffer.copy_within(self.at..self.filled, 0);
            self.filled -= self.at;
            self.at = 0;
            if self.filled == self.buffer.len() {
                break self.filled;
            }
            let read = self.file.read(&mut self.buffer[self.filled..]);
            self.filled += read;
            if read == 0 {
                if self.filled == 0 {
                    return None;
                }
                break self.filled;
            }
        };
        let start = self.at;
        self.at = (start + end + 1).min(self.filled);
        Some(&self.buffer[start..start + end])
    }
}

/// Room for the mappings of most programs; more take another.
const CHUNK: usize = 2 * PAGE;

/// Chunks of lines that grow.
struct Written {
    generation: u32,
    chunk: *mut u8,
    used: usize,
}

impl Written {
    fn new(generation: u32) -> Self {
        Self {
            generation,
            chunk: std::ptr::null_mut(),
            used: CHUNK,
        }
    }

    fn line(&mut self, line: &[u8]) {
        if self.used + line.len() + 1 > CHUNK {
            self.give_back();
            self.chunk = chunks::open(format::MAPS, CHUNK, self.generation);
            self.used = HEADER;
        }
        if self.chunk.is_null() || self.used + line.len() + 1 > CHUNK {
            return;
        }
        chunks::copy_to(self.chunk, self.used, line);
        chunks::copy_to(self.chunk, self.used + line.len(), b"\n");
        self.used += line.len() + 1;
        let used = (self.used - HEADER) as u32;
        chunks::field_u32(self.chunk, format::AT_USED).store(used, Ordering::Release);
    }

    fn give_back(&mut self) {
        if !self.chunk.is_null() {
            // SAFETY: the chunk is ours, and its address is forgotten.
            unsafe { system::unmap(self.chunk, CHUNK) };
            self.chunk = std::ptr::null_mut();
        }
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        self.give_back();
    }
}
