//! Three loops of a textbook's matrix product, over vectors of vectors.
type Matrix = Vec<Vec<f32>>;

fn product(a: &Matrix, b: &Matrix, c: &mut Matrix) {
    let n = a.len();
    for i in 0..n {
        for k in 0..n {
            let left = a[i][k];
            for (c, b) in c[i].iter_mut().zip(&b[k]) {
                *c += left * b;
            }
        }
    }
}

fn trace(a: &Matrix) -> f32 {
    let mut sum = 0.0;
    for i in 0..a.len() {
        sum += a[i][i];
    }
    sum
}

fn filled(n: usize, seed: usize) -> Matrix {
    (0..n).map(|i| (0..n).map(|j| ((i * seed + j) % 17) as f32).collect()).collect()
}

fn main() {
    let n = 512;
    let (a, b) = (filled(n, 3), filled(n, 5));
    let mut c = filled(n, 0);
    for _ in 0..8 {
        product(&a, std::hint::black_box(&b), &mut c);
    }
    println!("{}", trace(&c));
}
