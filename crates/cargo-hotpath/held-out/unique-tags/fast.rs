//! Keeps what was not seen before, by looking through what was.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Tag(String);

fn unique(tags: &[Tag]) -> Vec<Tag> {
    let mut seen = std::collections::HashSet::new();
    for tag in tags {
        if !seen.contains(tag) {
            seen.insert(tag.clone());
        }
    }
    seen.into_iter().collect()
}

fn known(tags: &[Tag]) -> bool {
    tags.contains(&Tag("tag-3".into()))
}

fn main() {
    let tags: Vec<Tag> = (0..40_000_u64).map(|n| Tag(format!("tag-{}", n * n % 4999))).collect();
    let mut kept = 0;
    for _ in 0..8 {
        kept += unique(std::hint::black_box(&tags)).len();
    }
    println!("{} {kept}", known(&tags));
}
