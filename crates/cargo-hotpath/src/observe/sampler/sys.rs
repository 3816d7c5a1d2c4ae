//! The only unsafe code: the system calls that std and nix do not wrap. Everything it hands out is
//! safe to use: a descriptor that closes itself, a ring that unmaps itself, records as copied bytes.

#![expect(
    unsafe_code,
    reason = "perf_event_open, its ring buffer and a hook before exec have no safe wrapper"
)]

use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use perf_event_open_sys::bindings::{PERF_FLAG_FD_CLOEXEC, perf_event_attr, perf_event_mmap_page};
use perf_event_open_sys::{ioctls, perf_event_open};

/// Opens an event of one task on one CPU.
pub fn open(attr: &perf_event_attr, pid: i32, cpu: i32) -> io::Result<OwnedFd> {
    let mut attr = *attr;
    let flags = PERF_FLAG_FD_CLOEXEC.into();
    // SAFETY: the attribute is a live, initialised struct that says its own size, and the kernel only
    // reads it, or writes the size that it expects back into it.
    let fd = unsafe { perf_event_open(&raw mut attr, pid, cpu, -1, flags) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call succeeded, so this is an open descriptor that nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

pub fn enable(event: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: the descriptor is open for as long as it is borrowed; the argument is a plain number.
    checked(unsafe { ioctls::ENABLE(event.as_raw_fd(), 0) })
}

/// Lets an event write into the ring of another on the same CPU.
pub fn share_ring(event: BorrowedFd<'_>, with: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: both descriptors are open for as long as they are borrowed.
    checked(unsafe { ioctls::SET_OUTPUT(event.as_raw_fd(), with.as_raw_fd()) })
}

fn checked(result: i32) -> io::Result<()> {
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

pub fn page_size() -> usize {
    // SAFETY: the call reads a constant of the system and touches no memory of ours.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).unwrap_or(4096)
}

/// The ring that the kernel writes an event's records into.
pub struct Ring {
    event: OwnedFd,
    base: NonNull<u8>,
    page: usize,
    /// A power of two.
    data_bytes: usize,
    scratch: Vec<u8>,
}

// SAFETY: the mapping belongs to this value alone, and reading it needs `&mut self`.
unsafe impl Send for Ring {}

impl Ring {
    /// Maps a ring of `pages` pages, a power of two.
    pub fn map(event: OwnedFd, pages: usize) -> io::Result<Self> {
        let page = page_size();
        let data_bytes = pages * page;
        // SAFETY: a fresh mapping at an address of the kernel's choosing aliases nothing; it lives
        // until `drop` unmaps it, and the descriptor is kept beside it.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                page + data_bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                event.as_raw_fd(),
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let base = NonNull::new(base.cast()).ok_or_else(|| io::Error::other("mapped at 0"))?;
        Ok(Self {
            event,
            base,
            page,
            data_bytes,
            scratch: Vec::new(),
        })
    }

    pub fn event(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }

    /// Gives each record that is there, whole and with its header, and frees its room.
    pub fn drain(&mut self, on_record: &mut dyn FnMut(&[u8])) {
        let control: *mut perf_event_mmap_page = self.base.as_ptr().cast();
        // SAFETY: both fields lie in the mapping's first page, are aligned, and are shared with the
        // kernel by the atomic protocol that perf_event.h lays down.
        let (head, tail) = unsafe {
            (
                AtomicU64::from_ptr(&raw mut (*control).data_head),
                AtomicU64::from_ptr(&raw mut (*control).data_tail),
            )
        };
        let end = head.load(Ordering::Acquire);
        let mut at = tail.load(Ordering::Relaxed);
        let mut record = std::mem::take(&mut self.scratch);
        while at < end {
            let mut header = [0; 8];
            self.copy(at, &mut header);
            let size = usize::from(u16::from_ne_bytes([header[6], header[7]]));
            if size < header.len() {
                // The kernel never writes this; what follows cannot be found.
                at = end;
                break;
            }
            record.resize(size, 0);
            self.copy(at, &mut record);
            on_record(&record);
            at += size as u64;
        }
        self.scratch = record;
        tail.store(at, Ordering::Release);
    }

    /// Copies what the kernel has written from position `from` on, around the ring's end.
    fn copy(&self, from: u64, to: &mut [u8]) {
        let offset = (from % self.data_bytes as u64) as usize;
        let first = to.len().min(self.data_bytes - offset);
        let second = (to.len() - first).min(self.data_bytes);
        // SAFETY: `offset + first` and `second` are at most the size of the data area, which starts
        // one page into the mapping; `to` is our own memory. The kernel writes only beyond `head`
        // until `tail` passes it, so what lies between is not being written.
        unsafe {
            let data = self.base.as_ptr().add(self.page);
            std::ptr::copy_nonoverlapping(data.add(offset), to.as_mut_ptr(), first);
            std::ptr::copy_nonoverlapping(data, to.as_mut_ptr().add(first), second);
        }
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: the mapping was made with this address and length and is not used any more.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.page + self.data_bytes) };
    }
}

/// Holds a command back between fork and exec, until its events are open.
pub struct Gate {
    ours: UnixStream,
}

impl Gate {
    /// Puts the gate into `command`. Spawning it then blocks until [`Gate::open`] is called, so it is
    /// to be spawned on a thread of its own.
    pub fn before_exec(command: &mut Command) -> io::Result<Self> {
        let (ours, theirs) = UnixStream::pair()?;
        let parents_end = ours.as_raw_fd();
        let wait = move || -> io::Result<()> {
            // SAFETY: this runs in the child only, where nobody uses its copy of the parent's end; kept
            // open it would hide from the read below that the parent has died.
            unsafe { libc::close(parents_end) };
            let mut theirs = &theirs;
            theirs.write_all(&std::process::id().to_ne_bytes())?;
            let mut go = [0];
            theirs.read_exact(&mut go)
        };
        // SAFETY: between fork and exec the hook makes four system calls (close, getpid, write, read) on
        // descriptors that it owns; it allocates nothing and takes no lock.
        unsafe { command.pre_exec(wait) };
        Ok(Self { ours })
    }

    /// Waits until the child stands at the gate, and gives its id; none where it never got there.
    pub fn child(&mut self) -> Option<i32> {
        let mut id = [0; 4];
        self.ours.read_exact(&mut id).ok()?;
        i32::try_from(u32::from_ne_bytes(id)).ok()
    }

    /// Lets the child go on to exec.
    pub fn open(mut self) -> io::Result<()> {
        self.ours.write_all(&[1])
    }
}
