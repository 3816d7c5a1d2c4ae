//! Reads a file in steps of four bytes.
use std::fs::File;
use std::hint::black_box;
use std::io::{Read, Seek};

#[inline(never)]
fn sum(mut file: &File) -> u64 {
    let mut sum = 0_u64;
    let mut word = [0; 4];
    while file.read_exact(&mut word).is_ok() { // HOT unbuffered-io
        sum = sum.wrapping_mul(3).wrapping_add(u64::from(u32::from_le_bytes(word)));
    }
    sum
}

#[inline(never)]
fn magic(mut file: &File) -> u64 {
    let mut word = [0; 4];
    file.read_exact(&mut word).unwrap(); // COLD
    u64::from(u32::from_le_bytes(word))
}

fn main() {
    let path = std::env::temp_dir().join(format!("pitcrew-corpus-{}", std::process::id()));
    std::fs::write(&path, vec![7_u8; 400_000]).unwrap();
    let mut file = File::open(&path).unwrap();
    let mut all = magic(&file);
    for _ in 0..12 {
        file.rewind().unwrap();
        all = all.wrapping_add(sum(black_box(&file)));
    }
    println!("{all}");
    std::fs::remove_file(path).unwrap();
}
