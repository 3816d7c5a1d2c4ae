//! Calls each shape through a table, though there are only two kinds.
use std::hint::black_box;

trait Shape {
    fn area(&self) -> u64;
}
struct Square(u64);
struct Strip(u64, u64);
impl Shape for Square {
    fn area(&self) -> u64 {
        self.0.wrapping_mul(self.0)
    }
}
impl Shape for Strip {
    fn area(&self) -> u64 {
        self.0.wrapping_mul(self.1)
    }
}

#[inline(never)]
fn total(shapes: &[Box<dyn Shape>]) -> u64 {
    let mut sum = 0_u64;
    for shape in shapes {
        sum = sum.wrapping_add(shape.area()); // HOT dynamic-dispatch
    }
    sum
}

#[inline(never)]
fn first(shapes: &[Box<dyn Shape>]) -> u64 {
    shapes[0].area() // COLD
}

fn main() {
    let shapes: Vec<Box<dyn Shape>> = (0..4000_u64)
        .map(|n| if n.wrapping_mul(2654435761) & 64 == 0 { Box::new(Square(n)) as Box<dyn Shape> } else { Box::new(Strip(n, 3)) })
        .collect();
    let mut sum = first(&shapes);
    for _ in 0..40_000 {
        sum = sum.wrapping_add(total(black_box(&shapes)));
    }
    println!("{sum}");
}
