//! Hands out copies of records that are only read.
use std::hint::black_box;

#[derive(Clone)]
struct Row {
    name: String,
    tags: Vec<String>,
    value: u64,
}

fn weight(row: Row) -> u64 {
    row.value + row.name.len() as u64 + row.tags.iter().map(|tag| tag.len() as u64).sum::<u64>()
}

#[inline(never)]
fn total(rows: &[Row]) -> u64 {
    let mut sum = 0_u64;
    for row in rows {
        sum = sum.wrapping_mul(31).wrapping_add(weight(row.clone())); // HOT clone
    }
    sum
}

#[inline(never)]
fn first(rows: &[Row]) -> u64 {
    weight(rows[0].clone()) // COLD
}

fn main() {
    let rows: Vec<Row> = (0..500)
        .map(|n| Row { name: format!("row {n}"), tags: vec!["a".into(), "bc".into()], value: n })
        .collect();
    let mut sum = first(&rows);
    for _ in 0..16_000 {
        sum = sum.wrapping_add(total(black_box(&rows)));
    }
    println!("{sum}");
}
