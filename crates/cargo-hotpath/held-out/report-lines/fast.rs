//! A report of many lines, each by `+= &format!(..)`.
use std::fmt;
use std::fmt::Write as _;

struct Entry {
    id: u32,
    level: &'static str,
    took: f32,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {:>6} {:.2} ms", self.level, self.id, self.took)
    }
}

fn render(entries: &[Entry]) -> String {
    let mut page = String::new();
    let _ = write!(page, "");
    for entry in entries {
        let _ = write!(page, "{entry}\n");
    }
    page
}

fn title(entries: &[Entry]) -> String {
    let mut page = String::new();
    page += &format!("{} entries\n", entries.len());
    page
}

fn main() {
    let entries: Vec<Entry> = (0..100_000)
        .map(|id| Entry { id, level: if id % 3 == 0 { "WARN" } else { "INFO" }, took: id as f32 / 7.0 })
        .collect();
    let mut size = title(&entries).len();
    for _ in 0..25 {
        size += render(std::hint::black_box(&entries)).len();
    }
    println!("{size}");
}
