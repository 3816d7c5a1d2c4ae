//! What the recorder asks of the system, and nothing that allocates. System calls go through `syscall`,
//! which unlike libc's own functions is never a point at which a thread is cancelled: `malloc` is none.

use std::ffi::{c_char, c_int, c_long, c_void};

#[cfg(target_arch = "x86_64")]
mod number {
    pub const READ: i64 = 0;
    pub const CLOSE: i64 = 3;
    pub const MMAP: i64 = 9;
    pub const MUNMAP: i64 = 11;
    pub const PWRITE: i64 = 18;
    pub const SCHED_YIELD: i64 = 24;
    pub const MADVISE: i64 = 28;
    pub const GETPID: i64 = 39;
    pub const GETPPID: i64 = 110;
    pub const GETTID: i64 = 186;
    pub const OPENAT: i64 = 257;
    pub const READLINKAT: i64 = 267;
    pub const PROCESS_VM_READV: i64 = 310;
}

#[cfg(target_arch = "aarch64")]
mod number {
    pub const OPENAT: i64 = 56;
    pub const CLOSE: i64 = 57;
    pub const READ: i64 = 63;
    pub const PWRITE: i64 = 68;
    pub const READLINKAT: i64 = 78;
    pub const SCHED_YIELD: i64 = 124;
    pub const GETPID: i64 = 172;
    pub const GETPPID: i64 = 173;
    pub const GETTID: i64 = 178;
    pub const MUNMAP: i64 = 215;
    pub const MMAP: i64 = 222;
    pub const MADVISE: i64 = 233;
    pub const PROCESS_VM_READV: i64 = 270;
}

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

#[repr(C)]
struct Range {
    start: *const c_void,
    length: usize,
}

extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
    fn clock_gettime(clock: c_int, time: *mut Timespec) -> c_int;
    fn getenv(name: *const c_char) -> *const c_char;
    fn __errno_location() -> *mut c_int;
    pub fn pthread_key_create(
        key: *mut u32,
        destructor: Option<unsafe extern "C" fn(*mut c_void)>,
    ) -> c_int;
    pub fn pthread_setspecific(key: u32, value: *const c_void) -> c_int;
}

const CURRENT_FOLDER: i64 = -100;
pub const READ_ONLY: i64 = 0;
pub const READ_WRITE: i64 = 2;
pub const CREATE_NEW: i64 = 0o2 | 0o100 | 0o200;
const CLOSE_ON_EXEC: i64 = 0o2_000_000;

/// An open file; closed when it is dropped, so that the program never sees its number for long.
pub struct File(i64);

impl File {
    /// Opens the file of this path, which must end with a zero byte.
    pub fn open(path: &[u8], flags: i64) -> Option<Self> {
        if path.last() != Some(&0) {
            return None;
        }
        // SAFETY: the path is a live string that ends with a zero byte.
        let fd = unsafe {
            syscall(
                number::OPENAT,
                CURRENT_FOLDER,
                path.as_ptr(),
                flags | CLOSE_ON_EXEC,
                0o600_i64,
            )
        };
        (fd >= 0).then_some(Self(fd))
    }

    /// How many bytes were read; 0 at the end and where it failed.
    pub fn read(&self, into: &mut [u8]) -> usize {
        // SAFETY: the buffer is live and as long as is said.
        let read = unsafe { syscall(number::READ, self.0, into.as_mut_ptr(), into.len()) };
        usize::try_from(read).unwrap_or(0)
    }

    /// Writes all of it, or says that it did not.
    pub fn write_at(&self, bytes: &[u8], offset: u64) -> bool {
        let mut done = 0;
        while done < bytes.len() {
            let rest = &bytes[done..];
            // SAFETY: the buffer is live and as long as is said.
            let written = unsafe {
                syscall(
                    number::PWRITE,
                    self.0,
                    rest.as_ptr(),
                    rest.len(),
                    offset + done as u64,
                )
            };
            match usize::try_from(written) {
                Ok(written) if written > 0 => done += written,
                _ => return false,
            }
        }
        true
    }

    /// Maps a part of it that other processes see; null where that fails.
    pub fn map(&self, offset: u64, length: usize) -> *mut u8 {
        map(length, SHARED, self.0, offset)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: the descriptor is ours, and nobody uses it after this.
        unsafe { syscall(number::CLOSE, self.0) };
    }
}

const SHARED: i64 = 1;
const PRIVATE_ANONYMOUS: i64 = 0x22;

fn map(length: usize, flags: i64, fd: i64, offset: u64) -> *mut u8 {
    const READ_AND_WRITE: i64 = 3;
    // SAFETY: a fresh mapping at an address of the kernel's choosing aliases nothing.
    let address = unsafe {
        syscall(
            number::MMAP,
            std::ptr::null::<c_void>(),
            length,
            READ_AND_WRITE,
            flags,
            fd,
            offset,
        )
    };
    if address == -1 {
        std::ptr::null_mut()
    } else {
        address as *mut u8
    }
}

/// Fresh memory, all zeros, whole pages; null where there is none.
pub fn pages(length: usize) -> *mut u8 {
    map(length, PRIVATE_ANONYMOUS, -1, 0)
}

/// The program's own `mmap`, as it was called.
///
/// # Safety
///
/// As of `mmap` itself.
pub unsafe fn map_as_asked(
    address: *mut c_void,
    length: usize,
    protection: c_int,
    flags: c_int,
    fd: c_int,
    offset: i64,
) -> *mut c_void {
    // SAFETY: the caller keeps the rules of `mmap`; the arguments are passed on unchanged.
    let mapped = unsafe {
        syscall(
            number::MMAP,
            address,
            length,
            protection as c_long,
            flags as c_long,
            fd as c_long,
            offset,
        )
    };
    mapped as *mut c_void
}

/// # Safety
///
/// Nothing may use this memory any more.
pub unsafe fn unmap(start: *mut u8, length: usize) {
    // SAFETY: the caller says that nobody uses it.
    unsafe { syscall(number::MUNMAP, start, length) };
}

/// Lets a child process find zeros in this memory, however it was forked; false where the kernel (before
/// 4.14) cannot.
///
/// # Safety
///
/// The memory must be whole pages that are private and of no file.
pub unsafe fn wipe_in_children(start: *mut u8, length: usize) -> bool {
    const WIPE_ON_FORK: i64 = 18;
    // SAFETY: the advice changes nothing in this process.
    unsafe { syscall(number::MADVISE, start, length, WIPE_ON_FORK) == 0 }
}

pub fn process() -> u32 {
    // SAFETY: it takes no arguments and touches no memory.
    unsafe { syscall(number::GETPID) as u32 }
}

pub fn parent() -> u32 {
    // SAFETY: it takes no arguments and touches no memory.
    unsafe { syscall(number::GETPPID) as u32 }
}

pub fn thread() -> u32 {
    // SAFETY: it takes no arguments and touches no memory.
    unsafe { syscall(number::GETTID) as u32 }
}

pub fn give_way() {
    // SAFETY: it takes no arguments and touches no memory.
    unsafe { syscall(number::SCHED_YIELD) };
}

/// Nanoseconds of the clock that all processes share.
pub fn now() -> u64 {
    const MONOTONIC: c_int = 1;
    let mut time = Timespec {
        seconds: 0,
        nanoseconds: 0,
    };
    // SAFETY: the struct is live and has the layout that the call fills.
    unsafe { clock_gettime(MONOTONIC, &mut time) };
    (time.seconds as u64)
        .wrapping_mul(1_000_000_000)
        .wrapping_add(time.nanoseconds as u64)
}

/// The length of the target of a link, cut to the buffer.
pub fn read_link(path: &[u8], into: &mut [u8]) -> usize {
    if path.last() != Some(&0) {
        return 0;
    }
    // SAFETY: the path ends with a zero byte, and the buffer is as long as is said.
    let length = unsafe {
        syscall(
            number::READLINKAT,
            CURRENT_FOLDER,
            path.as_ptr(),
            into.as_mut_ptr(),
            into.len(),
        )
    };
    usize::try_from(length).unwrap_or(0)
}

/// Two words at an address that need not be mapped.
pub fn read_words(address: usize) -> Option<[usize; 2]> {
    let mut words = [0_usize; 2];
    let bytes = std::mem::size_of_val(&words);
    let local = Range {
        start: words.as_mut_ptr().cast(),
        length: bytes,
    };
    let remote = Range {
        start: address as *const c_void,
        length: bytes,
    };
    // SAFETY: the kernel writes only into `words`, and checks the other address itself.
    let read = unsafe {
        syscall(
            number::PROCESS_VM_READV,
            process() as c_long,
            &local as *const Range,
            1_i64,
            &remote as *const Range,
            1_i64,
            0_i64,
        )
    };
    (read == bytes as c_long).then_some(words)
}

/// A variable's value, copied; none where it is not set or too long. `name` must end with a zero byte.
pub fn variable<'b>(name: &[u8], into: &'b mut [u8]) -> Option<&'b [u8]> {
    if name.last() != Some(&0) {
        return None;
    }
    // SAFETY: the name ends with a zero byte; nobody changes the environment before `main`, which is
    // when this is called.
    let value = unsafe { getenv(name.as_ptr().cast()) };
    if value.is_null() {
        return None;
    }
    for at in 0..into.len() {
        // SAFETY: the value ends with a zero byte, and no byte behind that is read.
        match unsafe { *value.add(at) } as u8 {
            0 => return Some(&into[..at]),
            byte => into[at] = byte,
        }
    }
    None
}

/// Keeps the caller's `errno` through whatever is done while it lives.
pub struct Errno(c_int);

impl Errno {
    pub fn keep() -> Self {
        // SAFETY: libc gives the address of this thread's own number.
        Self(unsafe { *__errno_location() })
    }
}

impl Drop for Errno {
    fn drop(&mut self) {
        // SAFETY: libc gives the address of this thread's own number.
        unsafe { *__errno_location() = self.0 };
    }
}
