//! Replays every corpus, and small changes of each of its files: what a fuzzer once found stays found,
//! on any machine.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "where it aborts, the last line tells")]

use std::fs;
use std::path::Path;

use pitcrew_properties::{PROPERTIES, check};
use pitcrew_tests::random::Random;

/// Changes of each file; more of them with `PITCREW_CHANGES=100000`, where there is no fuzzer.
fn changes() -> u64 {
    let wanted = std::env::var("PITCREW_CHANGES").ok();
    wanted.and_then(|count| count.parse().ok()).unwrap_or(40)
}

fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus")).join(name);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let named = |path: std::path::PathBuf| (path.display().to_string(), fs::read(path).unwrap());
    files.into_iter().map(named).collect()
}

fn below(random: &mut Random, bound: usize) -> usize {
    usize::try_from(random.below(bound as u64)).unwrap()
}

/// One file with a few pieces taken out, doubled, moved, or replaced by what trips readers.
fn changed(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    const ODD: &[&[u8]] = &[
        b"",
        b"\0",
        b"\xff\xfe",
        b"\xc3",
        "\u{feff}".as_bytes(),
        b"\r\n",
        b"\"",
        b"'",
        b"((((",
        b"}}}}",
        b"-1",
        b"18446744073709551616",
        b"1e999",
        b"<![CDATA[",
        b"\\u0000",
        "é".as_bytes(),
        b"::<",
        b";",
    ];
    let mut out = bytes.to_vec();
    for _ in 0..=below(random, 3) {
        let from = below(random, out.len());
        let to = (from + below(random, 16)).min(out.len());
        let piece = match below(random, 4) {
            0 => Vec::new(),
            1 => out[from..to].repeat(2),
            2 => {
                let other = below(random, out.len());
                out[other..(other + to - from).min(out.len())].to_vec()
            }
            _ => ODD[below(random, ODD.len())].to_vec(),
        };
        out.splice(from..to, piece);
    }
    out
}

fn replay(name: &str) {
    let files = corpus(name);
    assert!(files.len() >= 3, "{name} has only {} seeds", files.len());
    for (path, bytes) in files {
        eprintln!("{path}");
        check(name, &bytes);
        for seed in 1..=changes() {
            let changed = changed(&bytes, &mut Random::new(seed));
            let held = std::panic::catch_unwind(|| check(name, &changed));
            assert!(
                held.is_ok(),
                "{path} with seed {seed}: {}",
                changed.escape_ascii()
            );
        }
    }
}

macro_rules! corpora {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                replay(stringify!($name));
            }
        )*

        #[test]
        fn each_property_has_its_corpus_here() {
            let names: Vec<&str> = PROPERTIES.iter().map(|property| property.name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

corpora! {
    source_trees source_tokens mir manifest cargo_config perf_data perf_script firefox xctrace callgrind dhat
    collapsed
}
