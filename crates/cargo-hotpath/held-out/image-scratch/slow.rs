//! A filter that takes a scratch image for each frame and writes all of it.
struct Image {
    pixels: Vec<u8>,
}

fn blurred(image: &Image, rounds: u32) -> u64 {
    let mut sum = 0;
    for round in 0..rounds {
        let mut scratch = vec![0_u8; image.pixels.len()];
        for (out, window) in scratch.iter_mut().zip(image.pixels.windows(4)) {
            *out = window[0] / 4 + window[3] / 2; // HOT page-faults
        }
        sum += u64::from(scratch[round as usize * 7]);
    }
    sum
}

fn thumbnail(image: &Image) -> u8 {
    let mut scratch = vec![0_u8; 64];
    scratch[0] = image.pixels[0]; // COLD
    scratch[0]
}

fn main() {
    let image = Image { pixels: (0..48_000_000_u32).map(|n| (n % 251) as u8).collect() };
    println!("{} {}", blurred(&image, 60), thumbnail(&image));
}
