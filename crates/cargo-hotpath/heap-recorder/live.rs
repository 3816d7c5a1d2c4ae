//! The recorded blocks that are not freed yet, by their addresses. Most frees are of blocks that were
//! not sampled: a filter of one byte for each 16 bytes of address space, taken round, tells nearly all
//! of them apart without a look into the tables.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::lock::Lock;
use crate::state::{FILTER, STATE};
use crate::system;

/// Tables, so that threads seldom meet.
pub const SHARDS: usize = 64;

pub type Shard = Lock<Table>;

/// What was recorded of a block.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Block {
    /// 0 in a free place.
    pub address: usize,
    pub size: u64,
    pub born_ns: u64,
    pub stack: u32,
    pub scale: u32,
}

/// Open addressing, at most three quarters full. Zeros are an empty table.
#[repr(C)]
pub struct Table {
    places: *mut Block,
    /// 0 or a power of two.
    capacity: usize,
    count: usize,
}

// SAFETY: the places belong to the table alone.
unsafe impl Send for Table {}

fn filter(address: usize) -> &'static AtomicU8 {
    &STATE.filter[address / 16 % FILTER]
}

/// Whether the block may be a recorded one.
#[inline(always)]
pub fn may_hold(address: usize) -> bool {
    filter(address).load(Ordering::Relaxed) != 0
}

fn shard(address: usize) -> &'static Shard {
    &STATE.shards[mixed(address) as usize % SHARDS]
}

/// False where there is no memory for it.
pub fn insert(block: Block) -> bool {
    let mut table = shard(block.address).hold();
    if !table.has_room() {
        return false;
    }
    table.insert(block);
    // One that is full stays so: it then says nothing, and the tables are asked.
    let raise = |count: u8| (count < u8::MAX).then(|| count + 1);
    let _ = filter(block.address).fetch_update(Ordering::Relaxed, Ordering::Relaxed, raise);
    true
}

pub fn remove(address: usize) -> Option<Block> {
    let mut table = shard(address).hold();
    let block = table.remove(address)?;
    let lower = |count: u8| (count > 0 && count < u8::MAX).then(|| count - 1);
    let _ = filter(address).fetch_update(Ordering::Relaxed, Ordering::Relaxed, lower);
    Some(block)
}

fn mixed(address: usize) -> u64 {
    let mixed = (address as u64 >> 4).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 29
}

impl Table {
    fn place(&mut self, at: usize) -> &mut Block {
        debug_assert!(at < self.capacity);
        // SAFETY: the index is below the capacity, and `self` is borrowed alone.
        unsafe { &mut *self.places.add(at) }
    }

    /// Where a block would stand if nobody were in its way.
    fn home(&self, address: usize) -> usize {
        // The low bits chose the table.
        (mixed(address) >> 8) as usize & (self.capacity - 1)
    }

    fn has_room(&mut self) -> bool {
        const SMALLEST: usize = 128;
        if (self.count + 1) * 4 <= self.capacity * 3 {
            return true;
        }
        let capacity = (self.capacity * 2).max(SMALLEST);
        let bytes = capacity * std::mem::size_of::<Block>();
        let places = system::pages(bytes).cast::<Block>();
        if places.is_null() {
            return false;
        }
        let mut old = std::mem::replace(
            self,
            Self {
                places,
                capacity,
                count: 0,
            },
        );
        for at in 0..old.capacity {
            let block = *old.place(at);
            if block.address != 0 {
                self.insert(block);
            }
        }
        if !old.places.is_null() {
            let bytes = old.capacity * std::mem::size_of::<Block>();
            // SAFETY: the old places were the table's own, and are forgotten.
            unsafe { system::unmap(old.places.cast(), bytes) };
        }
        true
    }

    fn insert(&mut self, block: Block) {
        let mut at = self.home(block.address);
        // An address that is there already was freed behind our back: the new block replaces it.
        while self.place(at).address != 0 && self.place(at).address != block.address {
            at = (at + 1) & (self.capacity - 1);
        }
        if self.place(at).address == 0 {
            self.count += 1;
        }
        *self.place(at) = block;
    }

    fn remove(&mut self, address: usize) -> Option<Block> {
        if self.count == 0 {
            return None;
        }
        let mask = self.capacity - 1;
        let mut at = self.home(address);
        while self.place(at).address != address {
            if self.place(at).address == 0 {
                return None;
            }
            at = (at + 1) & mask;
        }
        let found = *self.place(at);
        self.count -= 1;
        // Those behind it that would rather stand here move up, so that no gap cuts them off.
        let mut gap = at;
        loop {
            at = (at + 1) & mask;
            let block = *self.place(at);
            if block.address == 0 {
                break;
            }
            let home = self.home(block.address);
            if (at.wrapping_sub(home) & mask) >= (at.wrapping_sub(gap) & mask) {
                *self.place(gap) = block;
                gap = at;
            }
        }
        self.place(gap).address = 0;
        Some(found)
    }
}
