//! Looks names up whatever their case, in a new string each.
use std::hint::black_box;

#[inline(never)]
fn position(names: &[String], wanted: &str) -> Option<usize> {
    let mut at = 0;
    for name in names {
        if name.to_lowercase() == wanted { // HOT new-string
            return Some(at);
        }
        at += 1;
    }
    None
}

#[inline(never)]
fn title(name: &str) -> String {
    name.to_uppercase() // COLD
}

fn main() {
    let names: Vec<String> = (0..400).map(|n| format!("Customer-Number-{n}")).collect();
    let mut sum = title(&names[0]).len();
    for n in 0..30_000 {
        sum += position(black_box(&names), "customer-number-390").unwrap_or(n);
    }
    println!("{sum}");
}
