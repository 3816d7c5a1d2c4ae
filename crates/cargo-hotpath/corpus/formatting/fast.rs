//! Makes a string only to append it to another.
use std::fmt::Write as _;
use std::hint::black_box;

#[inline(never)]
fn table(rows: &[(u32, &str)], out: &mut String) {
    for (number, name) in rows {
        writeln!(out, "{number}: {name}").unwrap(); // HOT formatting
    }
}

#[inline(never)]
fn title(rows: &[(u32, &str)], out: &mut String) {
    for (number, name) in rows {
        out.push_str(&format!("{number}: {name}\n")); // COLD
    }
}

fn main() {
    let rows: Vec<(u32, &str)> = (0..400).map(|n| (n, "a name of a row")).collect();
    let mut out = String::new();
    title(&rows, &mut out);
    let mut sum = out.len();
    for _ in 0..14_000 {
        out.clear();
        table(black_box(&rows), &mut out);
        sum += out.len();
    }
    write!(out, "{sum}").unwrap();
    println!("{sum}");
}
