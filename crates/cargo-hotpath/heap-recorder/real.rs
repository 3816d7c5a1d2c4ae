//! The functions that the program would have called without us: whatever the loader finds next. Finding
//! them may itself allocate: that is served from a small room of our own.

use std::ffi::{c_char, c_int, c_void};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
}

/// `RTLD_NEXT`
const NEXT: *mut c_void = -1_isize as *mut c_void;

/// A function, found when it is first called.
pub struct Found {
    name: &'static [u8],
    address: AtomicPtr<c_void>,
}

impl Found {
    const fn new(name: &'static [u8]) -> Self {
        Self {
            name,
            address: AtomicPtr::new(std::ptr::null_mut()),
        }
    }

    /// Its address; null where the system has none.
    #[inline(always)]
    fn get(&self) -> *mut c_void {
        let address = self.address.load(Ordering::Relaxed);
        if address.is_null() {
            return self.find();
        }
        address
    }

    /// None to the loader itself, while it looks for a function that is not known yet.
    #[inline(always)]
    fn unless_looked_for(&self) -> Option<*mut c_void> {
        let address = self.address.load(Ordering::Relaxed);
        if !address.is_null() {
            return Some(address);
        }
        (!FINDING.load(Ordering::Relaxed)).then(|| self.find())
    }

    #[cold]
    fn find(&self) -> *mut c_void {
        FINDING.store(true, Ordering::Relaxed);
        // SAFETY: the name ends with a zero byte, as every one below does.
        let address = unsafe { dlsym(NEXT, self.name.as_ptr().cast()) };
        FINDING.store(false, Ordering::Relaxed);
        self.address.store(address, Ordering::Relaxed);
        address
    }
}

/// Finds all of them, before there is a second thread.
pub fn find_all() {
    let all = [
        &MALLOC,
        &CALLOC,
        &REALLOC,
        &FREE,
        &POSIX_MEMALIGN,
        &ALIGNED_ALLOC,
        &MEMALIGN,
        &VALLOC,
        &PVALLOC,
        &USABLE_SIZE,
    ];
    for found in all {
        found.get();
    }
}

static FINDING: AtomicBool = AtomicBool::new(false);

const ROOM: usize = 64 * 1024;

#[repr(align(16))]
struct Room {
    _bytes: [u8; ROOM],
}

static mut SERVED: Room = Room { _bytes: [0; ROOM] };
static SERVED_BYTES: AtomicUsize = AtomicUsize::new(0);

/// Memory for who allocates while the allocator is looked for; never given back.
#[cold]
fn serve(size: usize) -> *mut c_void {
    let size = size.saturating_add(15) & !15;
    let at = SERVED_BYTES.fetch_add(size, Ordering::Relaxed);
    if at.saturating_add(size) > ROOM {
        return std::ptr::null_mut();
    }
    // SAFETY: the range lies within the room, and was given to nobody else.
    unsafe { (&raw mut SERVED).cast::<u8>().add(at).cast() }
}

/// Whether that is where a block came from.
#[inline(always)]
fn is_served(block: *mut c_void) -> bool {
    let start = (&raw const SERVED).addr();
    (start..start + ROOM).contains(&block.addr())
}

macro_rules! found {
    ($($name:ident = $symbol:literal;)*) => {
        $(static $name: Found = Found::new(concat!($symbol, "\0").as_bytes());)*
    };
}

found! {
    MALLOC = "malloc";
    CALLOC = "calloc";
    REALLOC = "realloc";
    FREE = "free";
    POSIX_MEMALIGN = "posix_memalign";
    ALIGNED_ALLOC = "aligned_alloc";
    MEMALIGN = "memalign";
    VALLOC = "valloc";
    PVALLOC = "pvalloc";
    USABLE_SIZE = "malloc_usable_size";
}

type OneSize = unsafe extern "C" fn(usize) -> *mut c_void;
type TwoSizes = unsafe extern "C" fn(usize, usize) -> *mut c_void;

/// # Safety
///
/// As of `malloc`.
#[inline(always)]
pub unsafe fn malloc(size: usize) -> *mut c_void {
    let Some(found) = MALLOC.unless_looked_for() else {
        return serve(size);
    };
    // SAFETY: the loader found this function under this name, and it has this type.
    unsafe { std::mem::transmute::<*mut c_void, OneSize>(found)(size) }
}

/// # Safety
///
/// As of `calloc`.
#[inline(always)]
pub unsafe fn calloc(count: usize, size: usize) -> *mut c_void {
    let Some(found) = CALLOC.unless_looked_for() else {
        // The room is all zeros, and nothing in it is given out twice.
        return serve(count.saturating_mul(size));
    };
    // SAFETY: the loader found this function under this name, and it has this type.
    unsafe { std::mem::transmute::<*mut c_void, TwoSizes>(found)(count, size) }
}

/// # Safety
///
/// As of `realloc`.
#[inline(always)]
pub unsafe fn realloc(block: *mut c_void, size: usize) -> *mut c_void {
    if is_served(block) {
        // SAFETY: the new block is as long as is copied, and the room goes on behind the old one.
        return unsafe { out_of_the_room(block, size) };
    }
    let found = REALLOC.get();
    type Realloc = unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void;
    // SAFETY: the loader found this function under this name, and it has this type.
    unsafe { std::mem::transmute::<*mut c_void, Realloc>(found)(block, size) }
}

/// How long a block in the room is nobody noted: what is copied may be more than was asked for, but
/// never more than there is.
#[cold]
unsafe fn out_of_the_room(block: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: the caller keeps the rules of `realloc`.
    let new = unsafe { malloc(size) };
    if !new.is_null() {
        let end = (&raw const SERVED).addr() + ROOM;
        let bytes = size.min(end - block.addr());
        // SAFETY: both are at least that long, and they are different blocks.
        unsafe { std::ptr::copy_nonoverlapping(block.cast::<u8>(), new.cast::<u8>(), bytes) };
    }
    new
}

/// # Safety
///
/// As of `free`.
#[inline(always)]
pub unsafe fn free(block: *mut c_void) {
    if is_served(block) {
        return;
    }
    let found = FREE.get();
    // SAFETY: the loader found this function under this name, and it has this type.
    unsafe {
        std::mem::transmute::<*mut c_void, unsafe extern "C" fn(*mut c_void)>(found)(block);
    }
}

/// # Safety
///
/// As of `posix_memalign`.
pub unsafe fn posix_memalign(into: *mut *mut c_void, alignment: usize, size: usize) -> c_int {
    let found = POSIX_MEMALIGN.get();
    type Aligned = unsafe extern "C" fn(*mut *mut c_void, usize, usize) -> c_int;
    // SAFETY: the loader found this function under this name, and it has this type.
    unsafe { std::mem::transmute::<*mut c_void, Aligned>(found)(into, alignment, size) }
}

macro_rules! passed_on {
    ($($name:ident $found:ident ($($argument:ident),*) as $kind:ty;)*) => {
        $(
            /// # Safety
            ///
            /// As of libc's function of the same name.
            pub unsafe fn $name($($argument: usize),*) -> *mut c_void {
                let found = $found.get();
                if found.is_null() {
                    return std::ptr::null_mut();
                }
                // SAFETY: the loader found this function under this name, and it has this type.
                unsafe { std::mem::transmute::<*mut c_void, $kind>(found)($($argument),*) }
            }
        )*
    };
}

passed_on! {
    aligned_alloc ALIGNED_ALLOC (alignment, size) as TwoSizes;
    memalign MEMALIGN (alignment, size) as TwoSizes;
    valloc VALLOC (size) as OneSize;
    pvalloc PVALLOC (size) as OneSize;
}

/// How many bytes a block has room for; 0 where nobody can say.
///
/// # Safety
///
/// The block must be live.
pub unsafe fn usable_size(block: *mut c_void) -> usize {
    let found = USABLE_SIZE.get();
    if found.is_null() || is_served(block) {
        return 0;
    }
    type UsableSize = unsafe extern "C" fn(*mut c_void) -> usize;
    // SAFETY: the loader found this function under this name, and it has this type.
    unsafe { std::mem::transmute::<*mut c_void, UsableSize>(found)(block) }
}
