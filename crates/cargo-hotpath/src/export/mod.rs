//! Profiles for other tools' eyes: one file a format, chosen by the name of the file to write.

mod collapsed;
mod dhat;
mod firefox;
mod flamegraph;
mod pprof;

use std::fs;

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::analyse::View;

pub use collapsed::lines as collapsed_lines;

/// The formats by the end of a file's name.
const FORMATS: &[(&str, Exporter)] = &[
    (".svg", flamegraph::export),
    // Before the shorter ending.
    (DHAT, dhat::export),
    (".json", firefox::export),
    (".collapsed", collapsed::export),
    (".folded", collapsed::export),
    (".pb", pprof::export),
    (".pprof", pprof::export),
];

/// For recordings of allocations only.
const DHAT: &str = ".dhat.json";

type Exporter = fn(&View<'_>) -> Result<Vec<u8>>;

/// Refuses names of no format, before anything is recorded.
pub fn check(paths: &[Utf8PathBuf]) -> Result<()> {
    for path in paths {
        exporter(path)?;
    }
    Ok(())
}

/// The same before something is recorded that is not allocations.
pub fn check_for_time(paths: &[Utf8PathBuf]) -> Result<()> {
    if let Some(path) = paths.iter().find(|path| path.as_str().ends_with(DHAT)) {
        bail!("`{path}` is for allocations: record them with `cargo hotpath heap`");
    }
    check(paths)
}

/// Writes the profile to `path`.
pub fn write(view: &View<'_>, path: &Utf8Path) -> Result<()> {
    fs::write(path, exporter(path)?(view)?)?;
    Ok(())
}

fn exporter(path: &Utf8Path) -> Result<Exporter> {
    let found = FORMATS.iter().find(|(end, _)| path.as_str().ends_with(end));
    let Some((_, export)) = found else {
        let ends: Vec<&str> = FORMATS.iter().map(|(end, _)| *end).collect();
        bail!("`{path}` names no format: end it with {}", ends.join(", "));
    };
    Ok(*export)
}
