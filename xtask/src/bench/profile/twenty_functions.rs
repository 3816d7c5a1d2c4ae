//! Twenty functions of different weight, for the bench of `cargo hotpath`.

use std::hint::black_box;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

macro_rules! work {
    ($($name:ident $share:literal)*) => {
        $(
            #[inline(never)]
            fn $name(seed: u64) -> u64 {
                let mut sum = seed;
                for n in 0..$share * 400_000_u64 {
                    sum = black_box(sum.wrapping_mul(6_364_136_223_846_793_005) ^ n);
                }
                sum
            }
        )*
        fn all(seed: u64) -> u64 {
            let mut sum = seed;
            $(sum ^= $name(sum);)*
            sum
        }
    };
}

work! {
    work_0 20
    work_1 19
    work_2 18
    work_3 17
    work_4 16
    work_5 15
    work_6 14
    work_7 13
    work_8 12
    work_9 11
    work_10 10
    work_11 9
    work_12 8
    work_13 7
    work_14 6
    work_15 5
    work_16 4
    work_17 3
    work_18 2
    work_19 1
}

fn main() {
    let begun = Instant::now();
    let mut sum = 1;
    for _ in 0..40 {
        sum ^= all(sum);
    }
    black_box(sum);
    let ran = begun.elapsed().as_secs_f64();
    let ended = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |now| now.as_secs_f64());
    // Linux counts the nanoseconds on a CPU; elsewhere the time on the clock must do.
    let on_cpu = std::fs::read_to_string("/proc/self/schedstat").ok();
    let on_cpu = on_cpu.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    let cpu = on_cpu.map_or(ran, |nanoseconds| nanoseconds / 1e9);
    println!("ran {ran:.4} cpu {cpu:.4} ended {ended:.4}");
}
