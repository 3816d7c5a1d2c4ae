//! `cargo xtask campaign`: the long part of the search for faults. What is short enough stands among the
//! tests, which share its cases; here there are more of them, and larger ones.

mod fuzz;
mod hostile;
mod install;
mod kill;
mod repeat;
mod scale;

use std::fs;

use anyhow::{Context, Result, ensure};
use camino::Utf8PathBuf;
use clap::ValueEnum;

use crate::bench::{Figure, table};
use crate::process::say;

#[derive(clap::Args)]
pub struct Args {
    /// Which part; every one by default
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// Instants at which each command that writes is killed
    #[arg(long, default_value_t = 200, value_name = "N")]
    instants: usize,
    /// What the instants are drawn from
    #[arg(long, default_value_t = 20_261_130, value_name = "N")]
    seed: u64,
    /// How long each fuzz target runs
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    seconds: u64,
    /// Only these fuzz targets
    #[arg(long, value_name = "NAME")]
    target: Vec<String>,
    /// Also write the figures to FILE, as Markdown
    #[arg(long, value_name = "FILE")]
    write: Option<Utf8PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Kill each command that writes, at random instants
    Kill,
    /// Projects that mean harm, or that nobody would write
    Hostile,
    /// A workspace of 1,000 members and 3,000 packages; a profile of 5,000,000 samples
    Scale,
    /// The same input gives the same bytes
    Repeat,
    /// Build each package from its archive, install each plugin from its folder
    Install,
    /// The fuzz targets, one after the other
    Fuzz,
}

/// Runs the parts, prints a table, and fails where something was found.
pub fn run(args: &Args) -> Result<()> {
    let wanted = |part| args.parts.is_empty() || args.parts.contains(&part);
    let mut figures = Vec::new();
    if wanted(Part::Hostile) {
        figures.extend(hostile::run());
    }
    if wanted(Part::Repeat) {
        figures.extend(repeat::run());
    }
    if wanted(Part::Kill) {
        figures.extend(kill::run(args.instants, args.seed));
    }
    if wanted(Part::Scale) {
        figures.extend(scale::run()?);
    }
    if wanted(Part::Install) {
        figures.extend(install::run()?);
    }
    if wanted(Part::Fuzz) {
        figures.extend(fuzz::run(args.seconds, &args.target)?);
    }
    let table = table(&figures);
    say(&table);
    if let Some(path) = &args.write {
        fs::write(path, table).with_context(|| format!("cannot write {path}"))?;
    }
    let broken = figures.iter().filter(|figure| !figure.holds).count();
    ensure!(broken == 0, "{broken} figures of the campaign do not hold");
    Ok(())
}

/// Each fuzz target for moments, where cargo-fuzz and a nightly compiler are at hand; the corpora are
/// replayed by a test wherever they are not.
pub fn fuzz_briefly() -> Result<()> {
    let figures = fuzz::run(2, &[])?;
    let broken: Vec<&str> = figures
        .iter()
        .filter(|figure| !figure.holds)
        .map(|figure| figure.what.as_str())
        .collect();
    ensure!(broken.is_empty(), "{broken:?} did not hold");
    Ok(())
}

/// A figure that must be nought: each of `faults` is printed.
fn without(part: &str, what: String, faults: &[String]) -> Figure {
    for fault in faults {
        say(&format!("{part}: {fault}"));
    }
    Figure {
        project: part.to_owned(),
        what,
        value: faults.len().to_string(),
        bound: "0 faults".to_owned(),
        holds: faults.is_empty(),
    }
}
