//! The recording of allocations as a file: what the recorder writes into the profiled process's file
//! and what the plugin reads from it. Both include this one source.
//!
//! A file is a row of chunks, each a whole number of pages with a header in front. The first chunk
//! tells of the process. A chunk of events belongs to one thread; its records are in the order in which
//! they happened, and chunks of several threads are put into one order by their times. A page without
//! the magic number is one that was reserved and never written: the reader goes on with the next.
//!
//! Numbers are little-endian; in records they are LEB128. A record begins with one byte: what it is, in
//! the low three bits, and at which scale it was sampled, in the high five. At scale 0 every allocation
//! is recorded; at scale `s` one byte in `2^s` is sampled, by exponentially distributed distances.

pub const MAGIC: u32 = u32::from_le_bytes(*b"PHR1");
pub const VERSION: u32 = 1;

/// Chunks begin and end at multiples of this.
pub const PAGE: usize = 4096;
pub const LARGEST_CHUNK: usize = 65_536;

/// Bytes of a chunk's header; its fields by their offsets.
pub const HEADER: usize = 64;
pub const AT_MAGIC: usize = 0;
/// `u32`: one of the kinds below.
pub const AT_KIND: usize = 4;
/// `u32`: bytes of the chunk, its header included.
pub const AT_SIZE: usize = 8;
/// `u32`: bytes of whole records behind the header.
pub const AT_USED: usize = 12;
/// `u32`: the thread; in a chunk of mappings their generation.
pub const AT_THREAD: usize = 16;
/// `u64`: nanoseconds of the monotonic clock; times in records are distances from the one before.
pub const AT_FIRST: usize = 24;
/// `u64`: the time of the last record.
pub const AT_LAST: usize = 32;
/// 16 bytes, padded with zeros: the thread's name.
pub const AT_NAME: usize = 40;
pub const NAME_BYTES: usize = 16;

/// The kinds of chunks.
pub const PROCESS: u32 = 1;
pub const EVENTS: u32 = 2;
/// Lines of `/proc/self/maps`, those of code only.
pub const MAPS: u32 = 3;

/// The fields of the process's chunk, one page, by their offsets.
pub const AT_VERSION: usize = 64;
/// `u32`
pub const AT_PID: usize = 68;
/// `u32`
pub const AT_PARENT: usize = 72;
/// `u32`: the scale at the start; 0 where every allocation is recorded.
pub const AT_SCALE: usize = 76;
/// `u64`: anonymous mappings that the program made itself.
pub const AT_MAPPINGS: usize = 80;
/// `u64`: their bytes.
pub const AT_MAPPED: usize = 88;
/// `u64`: allocations that were to be recorded and could not be.
pub const AT_LOST: usize = 96;
/// `u32`: 1 once nothing more is recorded: the file reached its limit, or the disk is full.
pub const AT_FULL: usize = 104;
/// `u32`: bytes of the executable's path, which stands behind it.
pub const AT_PATH_LENGTH: usize = 108;
pub const AT_PATH: usize = 112;
pub const LONGEST_PATH: usize = 2048;

/// A stack: its id, the generation of the mappings, whether callers are missing (0 or 1), the number of
/// return addresses, and these, the innermost first: each as its distance from the one before, with the
/// sign in the lowest bit.
pub const STACK: u8 = 1;
/// An allocation: nanoseconds since the record before, the stack's id, the size.
pub const ALLOCATED: u8 = 2;
/// The same by `realloc`, and then the size that it had before.
pub const GROWN: u8 = 3;
/// A recorded allocation ends: nanoseconds since the record before, the stack's id, the size, and how
/// many nanoseconds it lived. Its scale is the one at which it was recorded.
pub const FREED: u8 = 4;
/// The same, because `realloc` gave its contents another block.
pub const MOVED: u8 = 5;

pub const KIND_BITS: u32 = 3;
pub const LARGEST_SCALE: u32 = 31;

/// Deeper stacks lose their outermost callers.
pub const DEEPEST: usize = 128;

/// What an id of a stack is below; the id that stands for no stack.
pub const STACKS: usize = 1 << 20;
pub const NO_STACK: u32 = STACKS as u32;

/// The variables that tell the recorder where to write, at which scale to begin, whether to stay there,
/// and how many bytes to write at most.
pub const FOLDER_VARIABLE: &str = "PITCREW_HEAP_FOLDER";
pub const SCALE_VARIABLE: &str = "PITCREW_HEAP_SCALE";
pub const FIXED_VARIABLE: &str = "PITCREW_HEAP_FIXED";
pub const LIMIT_VARIABLE: &str = "PITCREW_HEAP_LIMIT";
