//! Builds a list of boxes and keeps them for the next.
use std::hint::black_box;

struct Node {
    value: u64,
    next: Option<Box<Node>>,
}

#[inline(never)]
fn chain(length: u64, spare: &mut Vec<Box<Node>>) -> Option<Box<Node>> {
    let mut head = None;
    for value in 0..length {
        let mut node = spare.pop().unwrap_or_else(|| Box::new(Node { value, next: None }));
        node.value = value;
        node.next = head;
        head = Some(node);
    }
    head
}

#[inline(never)]
fn sum(mut node: Option<&Node>) -> u64 {
    let mut sum = 0;
    while let Some(at) = node {
        sum += at.value;
        node = at.next.as_deref();
    }
    sum
}

#[inline(never)]
fn release(mut list: Option<Box<Node>>, spare: &mut Vec<Box<Node>>) {
    while let Some(mut node) = list {
        list = node.next.take();
        spare.push(node);
    }
}

fn main() {
    let mut spare = Vec::new();
    let small = chain(10, &mut spare);
    release(small, &mut spare);
    let mut all = 0;
    for _ in 0..5000 {
        let list = chain(black_box(5000), &mut spare);
        all += sum(list.as_deref());
        release(list, &mut spare);
    }
    println!("{all}");
}
