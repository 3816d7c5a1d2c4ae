//! Writes each number to the file by itself.
use std::fs::File;
use std::hint::black_box;
use std::io::Write;

#[inline(never)]
fn save(numbers: &[u64], file: &mut File) {
    for number in numbers {
        file.write_all(&number.to_le_bytes()).unwrap(); // HOT unbuffered-io
    }
}

#[inline(never)]
fn head(numbers: &[u64], file: &mut File) {
    for number in &numbers[..2] {
        file.write_all(&number.to_le_bytes()).unwrap(); // COLD
    }
}

fn main() {
    let path = std::env::temp_dir().join(format!("pitcrew-corpus-{}", std::process::id()));
    let mut file = File::create(&path).unwrap();
    let numbers: Vec<u64> = (0..1000).collect();
    head(&numbers, &mut file);
    for _ in 0..1_000 {
        save(black_box(&numbers), &mut file);
    }
    println!("{}", file.metadata().unwrap().len());
    std::fs::remove_file(path).unwrap();
}
