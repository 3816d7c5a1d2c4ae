//! What everyone pays for every call: how large a plugin is, and how long it takes until it answers.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use camino::Utf8Path;

use super::{Bench, Figure, median, seconds};

const BOUND_S: f64 = 0.010;
/// A start takes milliseconds, and the machine's other work is seen in each.
const STARTS: u32 = 31;
const BOUND_BYTES: u64 = 12 * 1024 * 1024;

pub fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for bin in [&bench.plugin, &bench.depslim, &bench.hotpath, &bench.lint] {
        figures.extend(of(bin)?);
    }
    Ok(figures)
}

fn of(bin: &Utf8Path) -> Result<[Figure; 2]> {
    let name = bin.file_stem().unwrap_or_default().to_owned();
    let bytes = fs::metadata(bin)
        .with_context(|| format!("cannot read {bin}"))?
        .len();
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        starts.push(seconds(Command::new(bin).arg("--help"))?);
    }
    let start = median(&starts);
    Ok([
        Figure {
            project: name.clone(),
            what: "size of the stripped binary".to_owned(),
            value: format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20)),
            bound: "12 MiB".to_owned(),
            holds: bytes <= BOUND_BYTES,
        },
        Figure {
            project: name,
            what: format!("from its start to the end of `--help`, median of {STARTS}"),
            value: format!("{:.1} ms", start * 1e3),
            bound: format!("{:.0} ms", BOUND_S * 1e3),
            holds: start <= BOUND_S,
        },
    ])
}
