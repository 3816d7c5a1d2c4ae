//! Makes a new buffer for each line, though one would do.
use std::hint::black_box;

#[inline(never)]
fn longest(lines: &[&str]) -> usize {
    let mut most = 0;
    let mut fields: Vec<&str> = Vec::new();
    for line in lines {
        fields.clear();
        fields.extend(line.split(',')); // HOT loop-allocation
        fields.sort_unstable_by_key(|field| field.len());
        most = most.max(fields[fields.len() - 1].len());
    }
    most
}

#[inline(never)]
fn first(lines: &[&str]) -> usize {
    let mut most = 0;
    for line in lines {
        let mut fields: Vec<&str> = Vec::new();
        fields.extend(line.split(',')); // COLD
        most += fields.len();
    }
    most
}

fn main() {
    let lines = ["id,name,town,street,number,a,b,c,d,e,f", "1,Ada,London,St James,12,x,y,z,u,v,w"];
    let mut sum = first(&lines);
    for _ in 0..1_600_000 {
        sum += longest(black_box(&lines));
    }
    println!("{sum}");
}
