//! Keeps what was not seen before, by looking through what was.
#[derive(Clone, PartialEq)]
struct Tag(String);

fn unique(tags: &[Tag]) -> Vec<Tag> {
    let mut seen: Vec<Tag> = Vec::new();
    for tag in tags {
        if !seen.contains(tag) { // HOT linear-search
            seen.push(tag.clone());
        }
    }
    seen
}

fn known(tags: &[Tag]) -> bool {
    tags.contains(&Tag("tag-3".into())) // COLD
}

fn main() {
    let tags: Vec<Tag> = (0..40_000_u64).map(|n| Tag(format!("tag-{}", n * n % 4999))).collect();
    let mut kept = 0;
    for _ in 0..8 {
        kept += unique(std::hint::black_box(&tags)).len();
    }
    println!("{} {kept}", known(&tags));
}
