//! Many small objects, allocated in many places, all of them needed.
use std::hint::black_box;

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
