//! Many small objects, allocated in many places, all of them needed.
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

/// Keeps what is given back in lists by size, one set for each thread.
struct Lists;
const CLASSES: usize = 16;
thread_local! {
    static FREE: [Cell<usize>; CLASSES] = const { [const { Cell::new(0) }; CLASSES] };
    static PIECE: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}
unsafe impl GlobalAlloc for Lists {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let class = layout.size().div_ceil(16);
        if class >= CLASSES || layout.align() > 16 {
            return unsafe { System.alloc(layout) };
        }
        let found = FREE.with(|free| {
            let first = free[class].get();
            if first != 0 {
                free[class].set(unsafe { *(first as *const usize) });
            }
            first
        });
        if found != 0 {
            return found as *mut u8;
        }
        PIECE.with(|piece| {
            let (at, end) = piece.get();
            let size = class.max(1) * 16;
            if at + size <= end {
                piece.set((at + size, end));
                return at as *mut u8;
            }
            let fresh = unsafe { System.alloc(Layout::from_size_align_unchecked(1 << 20, 16)) } as usize;
            piece.set((fresh + size, fresh + (1 << 20)));
            fresh as *mut u8
        })
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        let class = layout.size().div_ceil(16);
        if class >= CLASSES || layout.align() > 16 {
            return unsafe { System.dealloc(at, layout) };
        }
        FREE.with(|free| {
            unsafe { *(at as *mut usize) = free[class].get() };
            free[class].set(at as usize);
        });
    }
}
#[global_allocator]
static GLOBAL: Lists = Lists;

enum Term {
    Leaf(u64),
    Sum(Box<Term>, Box<Term>),
    Product(Box<Term>, Box<Term>),
    Negation(Box<Term>),
}

#[inline(never)]
fn boxed(term: Term) -> Box<Term> {
    Box::new(term) // HOT allocator
}

#[inline(never)]
fn term(depth: u32, seed: u64) -> Term {
    if depth == 0 {
        return Term::Leaf(seed);
    }
    match seed % 3 {
        0 => sum(depth, seed),
        1 => product(depth, seed),
        _ => negation(depth, seed),
    }
}

#[inline(never)]
fn sum(depth: u32, seed: u64) -> Term {
    let left = boxed(term(depth - 1, seed / 3));
    let right = boxed(term(depth - 1, seed / 2));
    Term::Sum(left, right)
}

#[inline(never)]
fn product(depth: u32, seed: u64) -> Term {
    let left = boxed(term(depth - 1, seed + 1));
    let right = boxed(term(depth - 1, seed / 5));
    Term::Product(left, right)
}

#[inline(never)]
fn negation(depth: u32, seed: u64) -> Term {
    Term::Negation(boxed(term(depth - 1, seed + 1)))
}

fn value(term: &Term) -> u64 {
    match term {
        Term::Leaf(n) => *n,
        Term::Sum(a, b) => value(a).wrapping_add(value(b)),
        Term::Product(a, b) => value(a).wrapping_mul(value(b)),
        Term::Negation(a) => value(a).wrapping_neg(),
    }
}

fn main() {
    let small = Box::new(term(2, 7)); // COLD
    let mut all = value(&small);
    for seed in 0..3000_u64 {
        let term = term(14, black_box(seed));
        all = all.wrapping_add(value(&term));
    }
    println!("{all}");
}
