//! Matches on the two kinds of shape.
use std::hint::black_box;

enum Shape {
    Square(u64),
    Strip(u64, u64),
}
impl Shape {
    fn area(&self) -> u64 {
        match self {
            Shape::Square(a) => a.wrapping_mul(*a),
            Shape::Strip(a, b) => a.wrapping_mul(*b),
        }
    }
}

#[inline(never)]
fn total(shapes: &[Shape]) -> u64 {
    let mut sum = 0_u64;
    for shape in shapes {
        sum = sum.wrapping_add(shape.area());
    }
    sum
}

#[inline(never)]
fn first(shapes: &[Shape]) -> u64 {
    shapes[0].area()
}

fn main() {
    let shapes: Vec<Shape> = (0..4000_u64)
        .map(|n| if n.wrapping_mul(2654435761) & 64 == 0 { Shape::Square(n) } else { Shape::Strip(n, 3) })
        .collect();
    let mut sum = first(&shapes);
    for _ in 0..40_000 {
        sum = sum.wrapping_add(total(black_box(&shapes)));
    }
    println!("{sum}");
}
